"""A trainee who looks at names, order and decimals of her tables learns nothing that the truth holds."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from crm_course.tables.schemas import SCHEMAS
from crm_course.tables.storage.table_files import columns_of

TOO_UNLIKELY = 1e-6


@pytest.fixture(scope="module")
def store(large):
    return large


def tables(store):
    return {name: store.table(name) for name in SCHEMAS if store.has(name)}


def number_of(ids):
    """The digits of an id, whatever its letter."""
    return ids.astype(str).str.extract(r"(\d+)$")[0].astype("int64")


@pytest.fixture(scope="module")
def secrets(store):
    """What the truth knows of each customer, as words."""
    truth = store.truth("customers").set_index("customer_id")
    halves = {
        name: truth[name] > truth[name].median()
        for name in ("rate_per_day", "dropout_probability", "spend_per_purchase", "expected_margin_12m")
    }
    return pd.DataFrame({"segment": truth["segment"].astype(str), "active": truth["active"], **halves})


def test_an_id_is_a_number_in_a_row(store):
    """Ids go up row by row, so that they tell the order of rows and nothing else."""
    for name, table in tables(store).items():
        keys = SCHEMAS[name].to_schema().unique
        kind = columns_of(name)[keys[0]].metadata if isinstance(keys, list) and len(keys) == 1 else {}
        if kind.get("kind") != "id" or "references" in kind:  # a row of another table's has that table's gaps
            continue
        number = number_of(table[keys[0]])
        assert (number.diff().dropna() == 1).all(), name
        assert table[keys[0]].str.len().nunique() == 1, name


def test_neither_the_number_nor_its_last_digits_go_with_a_secret(store, secrets):
    number = number_of(secrets.index.to_series()).to_numpy()
    for name, secret in secrets.items():
        for part in (number % 2, number % 7, number % 10, number % 16, number // 1000):
            assert stats.chi2_contingency(pd.crosstab(part, secret.to_numpy())).pvalue > TOO_UNLIKELY, name


def test_the_same_test_sees_a_number_that_does(secrets):
    number = np.arange(len(secrets))
    planted = secrets["active"].to_numpy() ^ (number % 7 == 3)

    assert stats.chi2_contingency(pd.crosstab(number % 7, planted)).pvalue < TOO_UNLIKELY


def test_rows_of_one_moment_stand_in_no_telling_order(store, secrets):
    """Events stand in order of time; those of one day are no further sorted by who they are of."""
    for name, table in tables(store).items():
        moments = [column for column, spec in columns_of(name).items() if spec.metadata["kind"] == "time"]
        if "customer_id" not in table or not moments or len(table) < 2000:
            continue
        rows = table.drop_duplicates("response_id") if name == "responses" else table  # many answers a questionnaire
        position = pd.Series(np.arange(len(rows)), index=rows.index)
        of_customer = rows["customer_id"].map(number_of(secrets.index.to_series()))
        known = of_customer.notna() & rows[moments[0]].notna()
        day = rows.loc[known, moments[0]].dt.floor("D")
        within = position[known] - position[known].groupby(day).transform("mean")
        if name in ("customers", "consents", "loyalty"):
            continue  # these are listed by customer, whose number tells nothing
        told = stats.spearmanr(within, of_customer[known]).pvalue
        assert told > TOO_UNLIKELY, name


def test_money_is_in_cents_and_times_are_in_seconds(store):
    for name, table in tables(store).items():
        for column, spec in columns_of(name).items():
            values = table[column].dropna()
            if spec.metadata["kind"] == "money":
                assert np.allclose(values * 100, np.rint(values * 100), atol=1e-6), (name, column)
            if spec.metadata["kind"] == "time":
                assert (values == values.dt.floor("s")).all(), (name, column)
            if spec.metadata["kind"] == "number":
                assert np.allclose(values, values.round(4)), (name, column)


def test_no_column_of_the_truth_is_in_a_table(store):
    told = {column for table in tables(store).values() for column in table.columns}
    hidden = {
        "segment", "rate_per_day", "dropout_probability", "left_at", "active", "pays_late", "intention",
        "expected_purchases_12m", "expected_margin_12m", "realised_purchases_12m",
    }  # fmt: skip
    assert not told & hidden
    assert hidden <= {column for name in ("customers", "sessions") for column in store.truth(name)}
