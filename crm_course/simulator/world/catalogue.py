"""Products: what is on the shelf, what it costs, and who takes it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from crm_course.simulator import columns
from crm_course.simulator.columns import Floats, Ints
from crm_course.simulator.settings.scenario import Baskets, GammaGamma, Scenario
from crm_course.simulator.streams import stream


@dataclass(frozen=True)
class Catalogue:
    """The products, one element each.

    Attributes
    ----------
    names, categories, brands : list of str
        What the shelf says.
    price, cost : int
        List price and unit cost, cents; 0 where the value of a purchase is drawn as a whole.
    warranty : int
        Months.
    returned, restocked : float
        Probability that a unit comes back, and that it can then be sold again.
    choice : array of shape (types, products)
        Probability of each product for each type of customer: segment x level of price affinity.
    shelves : list of str
        The categories, in the order of the products.
    shelf, kind : int
        Position of the product's category, and of its kind among all kinds; both go up.
    calls_for, calls : int, float
        Kind that goes with the product's (-1: none), and the probability that it is bought with it.
    """

    names: list[str]
    categories: list[str]
    brands: list[str | None]
    price: Ints
    cost: Ints
    warranty: Ints
    returned: Floats
    restocked: Floats
    choice: Floats
    shelves: list[str]
    shelf: Ints
    kind: Ints
    calls_for: Ints
    calls: Floats

    def __len__(self) -> int:
        return len(self.names)


def draw_catalogue(scenario: Scenario, seed: int) -> Catalogue:
    """Lay out the scenario's catalogue; costs and popularity are the seed's."""
    if isinstance(scenario.spend, GammaGamma):
        return _one_product(scenario.spend.product, len(scenario.segments))
    rng = stream(seed, "products")
    rows = [
        (category, kind, brand)
        for category in scenario.spend.categories
        for kind in category.kinds
        for brand in category.brands
    ]
    shelf = [category for category, _, _ in rows]
    price = np.array([round(kind.price * brand.level) * 100 for _, kind, brand in rows])
    low, high = np.array([category.cost_share for category in shelf]).T
    kinds = [kind.name for category in scenario.spend.categories for kind in category.kinds]
    kind_of = np.array([kinds.index(kind.name) for _, kind, _ in rows])
    calls_for, calls = np.full(len(kinds), -1), np.zeros(len(kinds))
    for pair in scenario.spend.complements:
        calls_for[kinds.index(pair.kind)] = kinds.index(pair.calls_for)
        calls[kinds.index(pair.kind)] = pair.probability
    shelves = [category.name for category in scenario.spend.categories]
    popularity = np.exp(scenario.spend.popularity_spread * rng.standard_normal(len(rows)))
    return Catalogue(
        names=[f"{brand.name} {kind.name}" for _, kind, brand in rows],
        categories=[category.name for category in shelf],
        brands=[brand.name for _, _, brand in rows],
        price=price,
        cost=np.rint(price * (low + (high - low) * rng.random(len(rows)))).astype(np.int64),
        warranty=np.array([category.warranty_months for category in shelf]),
        returned=np.array([category.return_probability for category in shelf]),
        restocked=np.array([category.restock_probability for category in shelf]),
        choice=_choice(
            scenario, scenario.spend, shelf_names=[c.name for c in shelf], price=price, popularity=popularity
        ),
        shelves=shelves,
        shelf=np.array([shelves.index(category.name) for category in shelf]),
        kind=kind_of,
        calls_for=calls_for[kind_of],
        calls=calls[kind_of],
    )


def _one_product(name: str, types: int) -> Catalogue:
    nothing = np.zeros(1, dtype=np.int64)
    return Catalogue(
        [name],
        ["assorted"],
        [None],
        nothing,
        nothing,
        nothing,
        np.zeros(1),
        np.zeros(1),
        np.ones((types, 1)),
        ["assorted"],
        nothing,
        nothing,
        nothing - 1,
        np.zeros(1),
    )


def _choice(scenario: Scenario, spend: Baskets, shelf_names: list[str], price: Ints, popularity: Floats) -> Floats:
    """Popularity times taste times a Gaussian kernel in log price, for every type of customer."""
    levels = ndtri((np.arange(spend.price_levels) + 0.5) / spend.price_levels)
    rows = []
    for segment in scenario.segments:
        taste = np.array([segment.taste.get(name, 1.0) for name in shelf_names])
        centre = np.log(segment.price_centre) + segment.price_spread * levels[:, None]
        distance = (np.log(price / 100)[None, :] - centre) / spend.kernel_width
        rows.append(popularity * taste * np.exp(-(distance**2) / 2))
    choice = np.concatenate(rows)
    chances: Floats = choice / choice.sum(axis=1, keepdims=True)
    return chances


def products_table(catalogue: Catalogue) -> pd.DataFrame:
    """Give the ``products`` table; a price of 0 is no list price."""
    count = len(catalogue)
    missing = catalogue.price == 0
    return pd.DataFrame(
        {
            "product_id": columns.series(columns.ids("P", np.arange(1, count + 1), 4)),
            "name": pd.Series(catalogue.names, dtype="str"),
            "category": pd.Series(catalogue.categories, dtype="str"),
            "brand": pd.Series(catalogue.brands, dtype="str"),
            "list_price": columns.money(catalogue.price, missing),
            "unit_cost": columns.money(catalogue.cost, missing),
            "warranty_months": catalogue.warranty,
        }
    )
