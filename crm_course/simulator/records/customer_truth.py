"""What nobody knows in a real shop: rates, drop-out, and what each customer will bring."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crm_course.simulator import columns
from crm_course.simulator.columns import Floats
from crm_course.simulator.lives import Lives
from crm_course.simulator.people.people import People
from crm_course.simulator.returns import Returns
from crm_course.simulator.visits.baskets import Lines
from crm_course.simulator.visits.encounters import APP, WEB, lift
from crm_course.simulator.visits.fulfilment import on_account
from crm_course.simulator.visits.purchases import Orders
from crm_course.simulator.visits.visits import channel_shares
from crm_course.simulator.world.world import World


def customers_truth(world: World, lives: Lives, pull: Floats, dropout: Floats) -> pd.DataFrame:
    """Give what is true of every customer, without ids; the twelve months are those after the data.

    Parameters
    ----------
    pull, dropout : float array
        By customer: factor on her rate, and the probability of leaving at a purchase, in the twelve months.

    Returns
    -------
    DataFrame
        ``segment``; ``rate_per_day`` (lambda, purchases per operational day, with what the shop offers
        and sends in the twelve months); ``dropout_probability`` (p, with what usually goes wrong);
        ``left_at`` (purchase after which she left; missing while active); ``active`` at the end
        of the data; ``pays_late`` (as a habit, of those who buy on account);
        ``spend_per_purchase`` and ``margin_per_purchase`` (currency units expected of a
        purchase in the twelve months, after discounts and returns; margin is also after the cost of
        goods sold and of returned goods that cannot be sold again); ``expected_purchases_12m``
        = active (1 - exp(-lambda p H)) / p with H operational days; ``expected_margin_12m``;
        ``realised_purchases_12m`` (orders placed), ``realised_purchase_days_12m`` (distinct local
        days) and ``realised_margin_12m`` (of orders placed in the twelve months, with their returns
        whenever they come). Unpaid invoices and delivery are left out of margins.
    """
    span, clock = world.span, world.clock
    people, worth, orders, lifetimes = lives.people, lives.worth, lives.orders, lives.lifetimes
    ahead = slice(span.end, span.horizon)
    raised = channel_shares(world, people) * lift(world, people, ahead)
    rate = people.rate * pull * raised.sum(axis=1)
    online = raised[:, [WEB, APP]].sum(axis=1) / raised.sum(axis=1)
    discount = expected_discount(world, people, rate * dropout, online)
    spend = worth.kept * (1 - discount)
    year = clock.elapsed[people.home, span.horizon] - clock.elapsed[people.home, span.end]
    active = lifetimes.active(span.end_time)
    purchases = active * -np.expm1(-rate * dropout * year) / dropout
    names = [segment.name for segment in world.scenario.segments]
    future = orders.customer[orders.known :]
    new_day = np.unique(future * span.planned + orders.day[orders.known :]) // span.planned
    left_at = columns.times(np.where(active, 0, lifetimes.left_time), missing=active)
    return pd.DataFrame(
        {
            "segment": columns.words(people.segment, names),
            "rate_per_day": rate,
            "dropout_probability": dropout,
            "left_at": left_at,
            "active": active,
            "pays_late": people.late & on_account(world, people),
            "spend_per_purchase": spend,
            "margin_per_purchase": spend - worth.cost,
            "expected_purchases_12m": purchases,
            "expected_margin_12m": purchases * (spend - worth.cost),
            "realised_purchases_12m": np.bincount(future, minlength=len(people)),
            "realised_purchase_days_12m": np.bincount(new_day, minlength=len(people)),
            "realised_margin_12m": realised_margin(orders, lives.lines, lives.returns, len(people)),
        }
    )


def expected_discount(world: World, people: People, hazard_rate: Floats, online_share: Floats) -> Floats:
    """Give the expected discount of a customer's purchase in the twelve months, share of the list price.

    A purchase falls on a day with density exp(-lambda p a) da in operational time a: days soon
    after the data's end weigh more for those who leave early.
    """
    expected = np.zeros(len(people))
    span, clock, web = world.span, world.clock, world.scenario.web_store
    for store in np.unique(people.home):
        here = people.home == store
        at_home = clock.percent[store, span.end : span.horizon]
        online = clock.percent[web, span.end : span.horizon] if web is not None else at_home
        change = np.flatnonzero((np.diff(at_home) != 0) | (np.diff(online) != 0)) + 1
        borders = np.concatenate([[0], change, [len(at_home)]])
        elapsed = clock.elapsed[store, span.end + borders] - clock.elapsed[store, span.end]
        hazard = hazard_rate[here][:, None]
        weight = np.diff(np.expm1(-hazard * elapsed), axis=1) / np.expm1(-hazard * elapsed[-1])
        share_online = online_share[here]
        expected[here] = (1 - share_online) * (weight @ at_home[borders[:-1]]) + share_online * (
            weight @ online[borders[:-1]]
        )
    return expected / 100


def realised_margin(orders: Orders, lines: Lines, returns: Returns, customers: int) -> Floats:
    """Sum the margin of each customer's orders after the data, currency units."""
    margin = lines.amount - lines.quantity * lines.cost
    sold_again = np.where(returns.restocked, returns.quantity * lines.cost[returns.line], 0)
    margin = margin - np.bincount(returns.line, weights=returns.amount - sold_again, minlength=len(lines))
    after = lines.order >= orders.known
    return np.bincount(orders.customer[lines.order[after]], weights=margin[after], minlength=customers) / 100
