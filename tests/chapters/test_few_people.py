"""Each chapter on the export of a shop with few customers: no number that it hands on or prints is of fewer than k."""

import json
import re
import shutil

import pytest
from chapter_runs import run, texts

NUMBERS_OF_PEOPLE = {
    "02_identifying_customers": ["in_doubt", "outdated", "deleted_too_early", "may_be_mailed"],
    "03_customer_value": ["customers"],
    "04_share_of_wallet": ["customers", "answers"],
    "05_complaint_hot_spots": ["twice_or_more"],
}
OF_FEW = {  # of a store of 60 customers, where k is 5
    "02_identifying_customers": ["in_doubt", "deleted_too_early"],
    "03_customer_value": ["top_20_share"],
    "04_share_of_wallet": ["recall", "answers", "may_be_invited"],
    "05_complaint_hot_spots": ["twice_or_more", "again, mended slowly", "again, turned down"],
}


@pytest.fixture
def export(made_folder, tmp_path):
    folder = tmp_path / "export"
    shutil.copytree(made_folder(customers=60, months=18, seed=3), folder, ignore=shutil.ignore_patterns("truth"))
    info = json.loads((folder / "store.json").read_text(encoding="utf-8"))
    (folder / "store.json").write_text(json.dumps({**info, "source": "an export of the till"}), encoding="utf-8")
    return folder


@pytest.mark.parametrize("chapter", OF_FEW)
def test_nothing_is_told_of_few_customers_of_a_shop(chapter, house, export, tmp_path):
    outcome = run(f"{house}/notebooks/{chapter}.py", export, tmp_path, k=5)

    assert outcome.finished
    assert not {1, 2, 3, 4} & {outcome.figures.get(name) for name in NUMBERS_OF_PEOPLE[chapter]}
    assert {outcome.figures.get(name) for name in OF_FEW[chapter]} == {None}
    assert not re.search(r"\bC\d{7}\b", outcome.notebook.read_text(encoding="utf-8"))


@pytest.mark.long
@pytest.mark.parametrize("chapter", ["02_identifying_customers", "03_customer_value", "04_share_of_wallet"])
def test_of_a_shop_with_too_few_customers_nothing_is_told(chapter, house, export, tmp_path):
    outcome = run(f"{house}/notebooks/{chapter}.py", export, tmp_path, k=200)

    assert "Fewer than 200" in texts(outcome)
    assert set(outcome.figures) <= {"orders_named", "outdated", "deleted_too_early"}
