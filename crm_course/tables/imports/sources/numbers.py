"""From text to money, units and times, as exports write them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crm_course.tables.imports.sources.excel import ISO

_SIGN = r"(?:[A-Z]{1,3}\s?)?[$€£¥元]?"
_DIGITS = r"(?P<whole>\d{1,3}(?:,\d{3})+|\d+)(?P<part>\.\d*)?"
_MONEY = rf"^(?P<open>\(?)(?P<minus>-?)\s?{_SIGN}\s?(?P<minus2>-?){_DIGITS}\s?{_SIGN}(?P<close>\)?)$"


def cents(texts: pd.Series, comma: np.ndarray) -> pd.Series:
    """Read amounts, such as ``12.50``, ``HK$1,200.00``, ``-$3.00``, ``($3.00)`` or ``12,50``.

    Parameters
    ----------
    texts : Series of str
        As written.
    comma : ndarray of bool
        Whether a comma stands before the cents of each, and not a point.

    Returns
    -------
    Series of float
        Hundredths of the currency, NaN where the text is no amount.
    """
    turned = texts.where(~comma, texts.map(_turned)) if comma.any() else texts
    numbers = pd.to_numeric(turned, errors="coerce").astype("float64")
    left = numbers.isna() & (turned != "")
    if left.any():
        parts = turned[left].str.extract(_MONEY)
        plain = pd.to_numeric(parts["whole"].str.replace(",", "") + parts["part"].fillna(""), errors="coerce")
        bracket = (parts["open"] == "(") & (parts["close"] == ")")
        uneven = (parts["open"] == "(") ^ (parts["close"] == ")")
        negative = (parts["minus"] == "-") | (parts["minus2"] == "-") | bracket
        numbers[left] = plain.mask(uneven).where(~negative, -plain).astype("float64")
    return (numbers.where(np.isfinite(numbers)) * 100).rename(None)


def _turned(text: str) -> str:
    """Write an amount with a decimal comma as one with a point."""
    return text.translate(str.maketrans(",.", ".,"))


def units(texts: pd.Series, comma: np.ndarray) -> pd.Series:
    """Read numbers of units; NaN where the text is no whole number."""
    numbers = cents(texts, comma) / 100
    return numbers.where(numbers % 1 == 0)


def moments(texts: pd.Series, formats: list[str], time_zone: str) -> tuple[pd.Series, pd.Series]:
    """Read times.

    Parameters
    ----------
    texts : Series of str
        As written.
    formats : list of str
        As strptime reads them, tried in turn; at last the form in which Excel's own times come. Of two
        that differ in whether day or month comes first, the one that reads more: never both in one export.
    time_zone : str
        The shop's, for times that bring none.

    Returns
    -------
    moments : Series of datetime64[us, UTC]
        Missing where the text is no such time. Of a local time that is there twice, or not at all, the
        first moment.
    days : Series of datetime64[us]
        The same as local times.
    """
    codes, unique = pd.factorize(texts)
    each = pd.Series(unique, dtype="str")
    found = pd.Series(pd.NaT, index=each.index, dtype="datetime64[us, UTC]")
    for form in [*_one_order(each, formats), ISO]:
        left = found.isna()
        if not left.any():
            break
        read = pd.to_datetime(each[left], format=form, errors="coerce", utc="%z" in form)
        read = read.dt.as_unit("us")
        found = found.fillna((read if "%z" in form else _localised(read, time_zone)).astype("datetime64[us, UTC]"))
    moment = found.iloc[codes].set_axis(texts.index)
    return moment, moment.dt.tz_convert(time_zone).dt.tz_localize(None)


def _one_order(texts: pd.Series, formats: list[str]) -> list[str]:
    """Leave out forms with day and month the other way round, where those with day or month first read more."""
    left = {form for form in formats if form.replace("%d/%m", "%m/%d") in formats and "%d/%m" in form}
    pairs = [(form, form.replace("%d/%m", "%m/%d")) for form in left]
    if not pairs:
        return formats
    first, second = (sum(_readable(texts, pair[n]) for pair in pairs) for n in (0, 1))
    listed = formats.index(pairs[0][0]) < formats.index(pairs[0][1])
    day_first = listed if first == second else first > second
    lost = {pair[1 if day_first else 0] for pair in pairs}
    return [form for form in formats if form not in lost]


def _readable(texts: pd.Series, form: str) -> int:
    return int(pd.to_datetime(texts, format=form, errors="coerce", utc=True).notna().sum())


def _localised(times: pd.Series, time_zone: str) -> pd.Series:
    first = np.ones(len(times), dtype=bool)
    return times.dt.tz_localize(time_zone, ambiguous=first, nonexistent="shift_forward").dt.tz_convert("UTC")
