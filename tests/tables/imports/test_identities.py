"""Who the customers are is in no output; what was done with each column is told."""

from __future__ import annotations

import os
import stat

import pandas as pd
import pytest

from crm_course.errors import WrongCall
from crm_course.tables.checks.checking import check
from crm_course.tables.imports.hiding import cleaned, cleaner, key_file, read_key
from crm_course.tables.imports.importing import import_export
from crm_course.tables.schemas import SCHEMAS
from crm_course.tables.store import open_store

HEADER = "Name,Email,Financial Status,Accepts Marketing,Currency,Subtotal,Total,Created at,Lineitem quantity,"
HEADER += "Lineitem name,Lineitem price,Lineitem sku,Billing Name,Billing Street,Billing Phone,Notes\n"
ADA = "#1,ada.lam@mail.example,paid,{consent},HKD,16.00,16.00,{day} 10:00:00 +0800,{units},{item},16.00,F1,"
ADA += "Lam Ada Mei,7 Made-up Lane,+852 5123 4567,call 5123 4567\n"


def ada(units: str = "1", item: str = "Fern", consent: str = "yes", day: str = "2025-03-01") -> str:
    return ADA.format(units=units, item=item, consent=consent, day=day)


@pytest.fixture
def bring(tmp_path):
    def bring(*rows: str, **options):
        (tmp_path / "orders.csv").write_text(HEADER + "".join(rows), encoding="utf-8")
        options = {"key": tmp_path / "key", **options}
        return import_export([tmp_path / "orders.csv"], "shopify_orders", tmp_path / "store", **options)

    return bring


def told(folder) -> str:
    parts = [
        pd.read_parquet(path).astype("str").to_csv() if path.suffix == ".parquet" else path.read_text()
        for path in folder.iterdir()
    ]
    return "".join(parts).casefold()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("call 9123 4567", "call [phone]"),
        ("+852-91234567 or 00852 9123 4567", "[phone] or [phone]"),
        ("tel. 13812345678", "tel. [phone]"),
        ("0912-345-678", "[phone]"),
        ("(212) 555-0123", "[phone]"),
        ("９１２３４５６７", "[phone]"),
        ("to a.b+c@d-e.com.hk!", "to [e-mail]!"),
        ("A123456(3)", "[identity card]"),
        ("A1234563", "[identity card]"),
        ("A 123456(3) or a-123456 (3)", "[identity card] or [identity card]"),
        ("身份證A123456（3）", "身份證[identity card]"),
        ("HKIDA123456(3)", "HKI[identity card]"),
        ("(852) 5123 4567, 5123.4567", "[phone], [phone]"),
        ("110101199003071233", "[identity card]"),
    ],
)
def test_a_text_is_cleaned(text, expected):
    assert cleaned(text) == expected


@pytest.mark.parametrize("text", ["Cream 50 ml, 2025-12-31", "A1234564", "SKU 4711", "lot 2025.1231.99", "護手霜"])
def test_other_texts_stay_as_they_are(text):
    assert cleaned(text) == text


def test_names_of_the_export_are_found_in_texts():
    clean = cleaner(["Ada Lam", "陳大文", "Lily", "7 Made-up Lane"])
    texts = pd.Series(["Card for ADA  LAM", "給陳大文的卡", "Lily soap", "to 7 Made-up Lane, now"], dtype="str")

    assert clean(texts).tolist() == ["Card for [name]", "給[name]的卡", "Lily soap", "to [name], now"]


def test_no_file_names_her_wherever_her_data_stand(bring, tmp_path):
    rows = [
        ada(item="Card for Lam Ada Mei"),
        ada(item="ring 5123 4567", day="2025-04-01").replace("#1", "#2"),
        ada(units="Lam Ada Mei").replace("#1", "#3"),
        ada(units="51234567").replace("#1", "#4"),
        ada(day="ada.lam@mail.example").replace("#1", "#5"),
        "#6,ada.lam@mail.example,cut\n",
    ]

    result = bring(*rows)

    assert (result.rows_taken, result.rows_refused) == (2, 4)
    for identity in ("lam ada", "ada.lam", "mail.example", "5123 4567", "51234567", "made-up"):
        assert identity not in told(tmp_path / "store"), identity


def test_item_numbers_like_telephone_numbers_stay_apart(tmp_path):
    rows = [f"{n},{number},Soap,1,2025-01-01,9.90,a\n" for n, number in enumerate(("51234567", "51234568", "S1"))]
    rows += ["7,,for ada@mail.example,1,2025-01-01,9.90,a\n", "8,,for bo@mail.example,1,2025-01-01,9.90,a\n"]
    head = "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID\n"
    (tmp_path / "lines.csv").write_text(head + "".join(rows))

    import_export([tmp_path / "lines.csv"], "invoice_lines", tmp_path / "store", key=tmp_path / "key")

    assert len(open_store(tmp_path / "store").table("products")) == 5
    for identity in ("51234567", "51234568", "adamail", "ada@", "bomail"):
        assert identity not in told(tmp_path / "store")


def test_the_same_person_has_the_same_pseudonym_under_the_same_key_only(bring, tmp_path):
    bring(ada())
    first = open_store(tmp_path / "store").table("customers")["customer_id"][0]
    (tmp_path / "other.csv").write_text(HEADER + ada().replace("ada.lam", "ADA.Lam"))

    for key, same in (("key", True), ("another", False)):
        folder = tmp_path / f"with-{key}"
        import_export([tmp_path / "other.csv"], "shopify_orders", folder, key=tmp_path / key)
        assert (open_store(folder).table("customers")["customer_id"][0] == first) is same


@pytest.mark.skipif(os.name != "posix", reason="rights are POSIX's")
def test_the_key_is_its_owners_alone_and_not_in_the_store(bring, tmp_path):
    bring(ada())

    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    (tmp_path / "key").chmod(0o644)
    with pytest.raises(WrongCall, match="others can read this key; take their rights away: chmod 600"):
        read_key(tmp_path / "key", tmp_path / "store")
    with pytest.raises(WrongCall, match="must not lie in the store folder"):
        read_key(tmp_path / "store" / "key", tmp_path / "store")
    (tmp_path / "other").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "store")
    for way in (tmp_path / "other" / ".." / "store", tmp_path / "link"):
        with pytest.raises(WrongCall, match="must not lie in the store folder"):
            read_key(way / "new", tmp_path / "store")
    assert not (tmp_path / "store" / "new").exists()


def test_the_key_is_the_users_own_by_default(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))

    assert key_file() == tmp_path / "crm-course" / "pseudonyms.key"


@pytest.mark.parametrize("content", ["", "no key", "abcd"])
def test_a_file_that_holds_no_key_is_told(tmp_path, content):
    (tmp_path / "key").write_text(content)
    (tmp_path / "key").chmod(0o600)

    with pytest.raises(WrongCall, match="no key"):
        read_key(tmp_path / "key", tmp_path / "store")


def test_the_log_tells_what_was_done_with_each_column_and_why(bring, tmp_path):
    bring(ada(item="ring 5123 4567"))
    log = pd.read_csv(tmp_path / "store" / "privacy_log.csv").set_index("column")

    assert log.index.tolist() == HEADER.strip().split(",")
    assert (
        log["done"].to_dict() | {"Email": "hidden", "Notes": "dropped", "Lineitem price": "kept"}
        == log["done"].to_dict()
    )
    assert log.loc["Lineitem name", ["done", "values"]].tolist() == ["cleaned", 1]
    assert log.loc["Accepts Marketing", ["done", "principle"]].tolist() == ["kept", 3]
    assert log["principle"].between(1, 4).all()
    assert log["why"].notna().all()


def test_each_change_of_mind_is_a_consent(bring, tmp_path):
    days = {"2025-03-01": "yes", "2025-04-01": "yes", "2025-05-01": "no"}
    bring(*(ada(consent=one, day=day).replace("#1", f"#{n}") for n, (day, one) in enumerate(days.items())))

    consents = open_store(tmp_path / "store").table("consents")

    assert consents["granted"].tolist() == [True, False]
    assert check(tmp_path / "store").empty


@pytest.mark.skipif("records" not in SCHEMAS, reason="this version has no table of records")
def test_identifiers_are_kept_when_asked_for_with_consents(bring, tmp_path):
    result = bring(ada(), keep_identifiers=True)
    store = open_store(tmp_path / "store")

    record = store.table("records").iloc[0]
    assert record[["name", "phone", "email", "address"]].tolist() == [
        "Lam Ada Mei",
        "+852 5123 4567",
        "ada.lam@mail.example",
        "7 Made-up Lane",
    ]
    assert store.table("links")["customer_id"].tolist() == store.table("customers")["customer_id"].tolist()
    assert len(store.table("consents")) == 1
    assert result.identifiers == "kept"
    assert check(store.path).empty


@pytest.mark.skipif("records" in SCHEMAS, reason="this version has a table of records")
def test_identifiers_cannot_be_kept_without_a_table_for_them(bring):
    with pytest.raises(WrongCall, match="no table `records`"):
        bring(ada(), keep_identifiers=True)
