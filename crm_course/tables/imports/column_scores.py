"""What speaks for a column being this or that: its name, and what stands in it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from rapidfuzz import fuzz

from crm_course.tables.imports.hiding import cleaned
from crm_course.tables.imports.sources.exports import plain
from crm_course.tables.imports.sources.numbers import cents, units

FORMATS = [
    "%Y-%m-%d %H:%M:%S %z",
    "%Y-%m-%dT%H:%M:%S%z",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
    "%Y%m%d",
]
FIELDS = {
    "order_id": ["order", "orderid", "ordernumber", "invoice", "invoiceno", "receipt", "transactionid", "单号", "單號"],
    "customer_id": [
        "customer",
        "customerid",
        "member",
        "memberno",
        "client",
        "email",
        "cardno",
        "客户",
        "會員",
        "会员",
    ],
    "ordered_at": ["date", "orderdate", "invoicedate", "createdat", "time", "day", "soldat", "日期", "时间", "時間"],
    "quantity": ["quantity", "qty", "units", "pieces", "数量", "數量"],
    "unit_price": ["price", "unitprice", "itemprice", "单价", "單價"],
    "amount": ["amount", "total", "linetotal", "sum", "sales", "grosssales", "金额", "金額"],
    "product_id": ["sku", "itemcode", "stockcode", "productid", "barcode", "articleno", "货号", "貨號"],
    "product_name": ["description", "item", "product", "productname", "itemname", "article", "品名", "商品"],
}
_WHO = {
    "email": ("mail", "邮箱", "電郵", "邮件"),
    "phone": ("phone", "tel", "mobile", "whatsapp", "电话", "電話", "手机", "手機"),
    "address": ("address", "street", "地址"),
    "name": ("customername", "contactname", "fullname", "firstname", "lastname", "surname", "姓名"),
}


def score(field: str, name: str, values: pd.Series) -> tuple[int, str]:
    """Give how sure it is, in percent, that a column is a field, and what speaks for it."""
    by_name = max(fuzz.ratio(plain(name), word) for word in FIELDS[field]) / 100
    filled = values[values != ""]
    inside, what = _CONTENTS[field](filled) if len(filled) else (0.0, "nothing stands in it")
    sure = 100 * (0.55 * by_name + 0.45 * inside) if inside > 0.5 and by_name > 0.45 else 0
    return round(sure), f"its name is {by_name:.0%} alike, {what}"


def best_format(values: pd.Series) -> tuple[str, float]:
    """Give the form in which most of the times are written, and their share."""
    filled = values[values != ""].drop_duplicates().head(500)
    shares = {form: _share_of(filled, form) for form in FORMATS}
    best = max(shares, key=lambda form: shares[form])
    return best, shares[best]


def _share_of(values: pd.Series, form: str) -> float:
    return float(pd.to_datetime(values, format=form, errors="coerce", utc=True).notna().mean()) if len(values) else 0.0


def identity_of(name: str, values: pd.Series) -> str:
    """Give the kind of a column that tells who somebody is; an empty text where it does not."""
    by_name = next((kind for kind, words in _WHO.items() if any(word in plain(name) for word in words)), "")
    sample = values[values != ""].drop_duplicates().head(200)
    marks = pd.Series([cleaned(text) for text in sample], dtype="str")
    for mark, kind in (("[e-mail]", "email"), ("[phone]", "phone")):
        if len(marks) and (marks == mark).mean() > 0.5:
            return by_name or kind
    return by_name


def _point(values: pd.Series) -> np.ndarray:
    return np.zeros(len(values), dtype=bool)


def _times(values: pd.Series) -> tuple[float, str]:
    form, share = best_format(values)
    other = form.replace("%d/%m", "%m/%d") if "%d/%m" in form else ""
    doubt = bool(other) and _share_of(values.drop_duplicates().head(500), other) == share
    return share * (0.6 if doubt else 1), f"{share:.0%} are times" + (
        ", day or month first cannot be told" if doubt else ""
    )


def _whole(values: pd.Series) -> tuple[float, str]:
    numbers = units(values, _point(values))
    small = float((numbers.abs() < 1000).mean())
    return small, f"{small:.0%} are small whole numbers"


def _money(values: pd.Series) -> tuple[float, str]:
    comma = values.str.contains(r",\d{1,2}$", regex=True).to_numpy(dtype=bool)
    share = float(cents(values, comma).notna().mean())
    broken = float(values.str.contains(r"[.,]\d{1,2}\D*$", regex=True).mean())
    return share * (0.7 + 0.3 * broken), f"{share:.0%} are amounts, {broken:.0%} with cents"


def _numbers_of_orders(values: pd.Series) -> tuple[float, str]:
    rows = len(values) / values.nunique()
    money = values.str.contains(r"[.,]\d\d$", regex=True).mean()
    return (1.0 if rows < 20 and money < 0.1 else 0.0), f"{rows:.1f} rows for each"


def _customers(values: pd.Series) -> tuple[float, str]:
    rows = len(values) / values.nunique()
    is_time = best_format(values)[1] > 0.5
    return (0.0 if is_time else min(1.0, 0.6 + rows / 5)), f"{rows:.1f} rows for each"


def _codes(values: pd.Series) -> tuple[float, str]:
    rows = len(values) / values.nunique()
    short = float((~values.str.contains(" ") & (values.str.len() < 20)).mean())
    return short * min(1.0, 0.5 + rows / 10), f"{short:.0%} are short codes, {rows:.1f} rows for each"


def _names(values: pd.Series) -> tuple[float, str]:
    rows = len(values) / values.nunique()
    letters = float(values.str.contains(r"[^\W\d_]{2,}", regex=True).mean())
    return letters * min(1.0, 0.6 + rows / 10), f"{letters:.0%} hold words, {rows:.1f} rows for each"


_CONTENTS: dict[str, Callable[[pd.Series], tuple[float, str]]] = {
    "order_id": _numbers_of_orders,
    "customer_id": _customers,
    "ordered_at": _times,
    "quantity": _whole,
    "unit_price": _money,
    "amount": _money,
    "product_id": _codes,
    "product_name": _names,
}
