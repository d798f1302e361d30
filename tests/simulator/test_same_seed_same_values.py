"""The seed decides all: values, not file bytes."""

import hashlib
import json
import os
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from crm_course.simulator import streams
from crm_course.simulator.simulation import simulate

GOLDEN = Path(__file__).with_name("golden.json")
SEED = 918_273_645
SHARED = {"agents", "contacts", "complaints"}  # all customers wait for the same agents


def tables(folder):
    """Read every Parquet file of a folder by name, truth included."""
    return {
        str(path.relative_to(folder).with_suffix("")): pq.read_table(path) for path in sorted(folder.rglob("*.parquet"))
    }


def fingerprint(table):
    """Hash a table's values: floats to six digits, so that a last bit of a machine's own does not count."""
    digest = hashlib.sha256()
    for name in table.column_names:
        values = table[name].to_pylist()
        told = [f"{value:.6g}" if isinstance(value, float) else str(value) for value in values]
        digest.update("\n".join([name, *told, ""]).encode())
    return digest.hexdigest()


def fingerprints(folder):
    return {name: fingerprint(table) for name, table in tables(folder).items()}


@pytest.mark.parametrize("scenario", ["beauty", "electronics", "fashion", "grocery", "plain"])
def test_a_small_store_has_the_values_it_always_had(tmp_path, scenario):
    """On purpose different? ``UPDATE_GOLDEN=1 pytest tests/simulator`` writes the new ones."""
    simulate(tmp_path / "store", scenario, customers=100 if scenario == "grocery" else 300, seed=1)
    found = fingerprints(tmp_path / "store")

    known = json.loads(GOLDEN.read_text()) if GOLDEN.exists() else {}
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(json.dumps(known | {scenario: found}, indent=2, sort_keys=True) + "\n")
        known[scenario] = found
    assert found == known[scenario]


def test_same_seed_same_values_and_another_seed_others(tmp_path):
    for name, seed in (("one", SEED), ("again", SEED), ("other", SEED + 1)):
        simulate(tmp_path / name, customers=200, seed=seed)
    one, again, other = (tables(tmp_path / name) for name in ("one", "again", "other"))

    assert {name for name in one if not one[name].equals(again[name])} == set() == set(one) ^ set(again)
    the_same = {name for name in one if one[name].equals(other[name])}
    assert the_same - SHARED == {
        "stores",
        "calendar",
        "campaigns",
        "service_hours",
        "truth/effects",
        "truth/drivers",
        "truth/gaps",
    }


def test_a_seed_of_128_bits_counts_to_its_last_bit(tmp_path):
    simulate(tmp_path / "one", customers=50, seed=2**128 - 1)
    simulate(tmp_path / "other", customers=50, seed=2**127 - 1)
    one, other = (pq.read_table(tmp_path / name / "orders.parquet") for name in ("one", "other"))

    assert not one.equals(other)


def test_more_chunks_leave_the_earlier_ones_as_they_were(tmp_path, monkeypatch):
    monkeypatch.setattr(streams, "CHUNK", 100)
    simulate(tmp_path / "two", customers=200, seed=3)
    simulate(tmp_path / "three", customers=250, seed=3)
    two, three = tables(tmp_path / "two"), tables(tmp_path / "three")

    assert two["customers"].num_rows == 200
    assert three["customers"].num_rows == 250
    for name, table in two.items():
        assert name in SHARED or table.equals(three[name].slice(0, table.num_rows)), name


def test_the_number_of_a_customer_tells_nothing(made):
    """No truth goes up or down with the customer's number (Spearman, five standard errors)."""
    truth = made("beauty", customers=20_000, seed=5).truth("customers")
    first_seen = made("beauty", customers=20_000, seed=5).table("customers")["first_seen_at"]
    number = pd.Series(range(len(truth)))
    for values in (truth["rate_per_day"], truth["dropout_probability"], truth["spend_per_purchase"], first_seen):
        assert abs(number.corr(values.rank())) < 5 / len(truth) ** 0.5


def test_the_seed_is_told_nowhere_but_in_the_truth(tmp_path):
    simulate(tmp_path / "store", customers=200, seed=SEED)
    told = str(SEED).encode()

    assert told in (tmp_path / "store/truth/parameters.json").read_bytes()
    for path in (tmp_path / "store").glob("*.*"):
        assert told not in path.read_bytes(), path.name
        if path.suffix == ".parquet":
            table = pq.read_table(path)
            assert told.decode() not in str(table.schema.metadata)
            assert not any(
                told.decode() in str(value) for column in table.columns for value in column.unique().to_pylist()
            )


def test_the_truth_holds_all_that_makes_the_store_again(tmp_path):
    simulate(tmp_path / "store", "plain", customers=40, seed=SEED, months=12)
    parameters = json.loads((tmp_path / "store/truth/parameters.json").read_text())

    assert (parameters["seed"], parameters["customers"], parameters["months"]) == (SEED, 40, 12)
    assert parameters["scenario"]["segments"][0]["rate_shape"] == 0.8
    assert parameters["policy"]["promotions"] == []
    assert parameters["package"]
