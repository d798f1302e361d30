"""What an import does with personal data: hides it, drops it or keeps it, and says so."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd

from crm_course.errors import WrongCall
from crm_course.tables.imports.hiding import HIDDEN, cleaned, cleaner, pseudonyms, shown_value
from crm_course.tables.imports.lines import Text
from crm_course.tables.imports.sources.exports import Export
from crm_course.tables.imports.sources.mapping import Kind, Mapping
from crm_course.tables.schemas import SCHEMAS

TEXTS = ("product_id", "product_name", "category", "store")
RECORD: tuple[Kind, ...] = ("name", "phone", "email", "address")


class Privacy:
    """The personal data of one export.

    Attributes
    ----------
    identifiers : str
        ``hidden``, ``kept``, or ``none`` where customers are pseudonyms already.
    """

    def __init__(self, export: Export, mapping: Mapping, key: bytes | None, keep: bool) -> None:
        if keep and "records" not in SCHEMAS:
            raise WrongCall("this version of the course has no table `records` to keep identifiers in")
        if keep and not mapping.identities:
            raise WrongCall("the mapping names no identities to keep; leave --keep-identifiers out")
        self._text = Text(export, mapping)
        self._export, self._mapping, self._key, self._keep = export, mapping, key, keep
        self.identifiers = "kept" if keep else "none" if key is None else "hidden"
        self._cleaned: dict[str, int] = {}

    def hidden(self, lines: pd.DataFrame) -> pd.DataFrame:
        """Put pseudonyms in place of customers, and clean the texts of lines."""
        if self._key is None:
            return lines.assign(customer_id=lines["customer"].where(lines["customer"] != ""))
        clean = cleaner(self._known())
        no_number = lines["product_id"] == ""
        for name in TEXTS:
            texts = clean(lines[name])
            changed = texts != lines[name]
            self._cleaned[name] = int(changed.sum())
            lines[name] = texts
            if name == "product_name":
                from_name = changed & no_number
        lines["product"] = self._items(lines["product"], clean(lines["product"]), from_name)
        return lines.assign(customer_id=pseudonyms(lines["customer"], self._key))

    def _items(self, items: pd.Series, texts: pd.Series, from_name: pd.Series) -> pd.Series:
        """Put pseudonyms in place of item numbers that could be somebody's: they stay apart."""
        changed = (items != texts) | from_name
        assert self._key is not None
        return items.where(~changed, pseudonyms("item:" + items, self._key, "p"))

    def _known(self) -> set[str]:
        """Collect the names, numbers and addresses that stand in the export."""
        columns = {kind: self._mapping.identities.get(kind, []) for kind in RECORD}
        values = {kind: [self._text.column(column) for column in names] for kind, names in columns.items()}
        known = {one for columns_of in values.values() for column in columns_of for one in column.unique()}
        for firsts, lasts in pairwise(values["name"]):  # first and last name in columns of their own
            known |= set(firsts + " " + lasts) | set(lasts + " " + firsts) | set(lasts + firsts)
        return {one for one in known if len(one) > 1}

    def tables(self, lines: pd.DataFrame, customers: pd.DataFrame) -> dict[str, pd.DataFrame]:
        """Give what is told of persons: ``consents``; and, where identifiers are kept, ``records`` and ``links``."""
        known = lines[lines["customer_id"].isin(customers["customer_id"])]
        tables = {"consents": self._consents(known)} if self._mapping.consent else {}
        if self._keep:
            tables |= self._records(known)
        return {name: table for name, table in tables.items() if len(table)}

    def _consents(self, lines: pd.DataFrame) -> pd.DataFrame:
        """List each choice of a customer that is another than the one before; of two at once, the stricter."""
        rule = self._mapping.consent
        assert rule is not None
        told = self._text.column(rule.column).str.casefold().iloc[lines["row"]].set_axis(lines.index)
        found = lines[["customer_id", "moment"]].assign(granted=told.isin([word.casefold() for word in rule.yes]))
        found = found[told.isin([word.casefold() for word in (*rule.yes, *rule.no)])]
        found = found.groupby(["customer_id", "moment"], as_index=False)["granted"].min()
        before = found.groupby("customer_id")["granted"].shift()
        found = found[before.isna() | (before != found["granted"])].rename(columns={"moment": "recorded_at"})
        return found.assign(purpose=rule.purpose, channel=rule.channel, source="import")

    def _records(self, lines: pd.DataFrame) -> dict[str, pd.DataFrame]:
        """Give one record for each way in which a customer gave name, telephone, e-mail and address."""
        found = lines[["customer_id", "moment"]].copy()
        for kind in RECORD:
            found[kind] = self._joined(kind, lines)
        found = found.groupby(["customer_id", *RECORD], sort=True)["moment"].agg(["min", "max"]).reset_index()
        found = found.rename(columns={"min": "created_at", "max": "updated_at"})
        width = len(str(len(found)))
        found["record_id"] = [f"i{number:0{width}d}" for number in range(1, len(found) + 1)]
        blank = {kind: found[kind].where(found[kind] != "") for kind in RECORD}
        channel = {"web": "web", "app": "app", "phone": "hotline", "shop": "till"}.get(self._mapping.channel, "other")
        return {"records": found.assign(**blank, channel=channel), "links": found[["record_id", "customer_id"]]}

    def _joined(self, kind: Kind, lines: pd.DataFrame) -> pd.Series:
        """Give what identifies a row: the parts of a name or address, else the first that is filled."""
        columns = self._mapping.identities.get(kind, [])
        texts = [self._text.column(column).iloc[lines["row"]].set_axis(lines.index) for column in columns]
        if not texts:
            return pd.Series("", index=lines.index, dtype="str")
        whole = texts[0]
        for text in texts[1:]:
            more = (whole != "") & (text != "") & (kind == "address") & ~text.isin(whole)
            whole = whole.where(whole != "", text).where(~more, whole + ", " + text)
        return whole

    def refused(self, refused: pd.DataFrame) -> pd.DataFrame:
        """Give the list of refused rows without values that may name somebody."""
        if self._key is None or self._keep:
            return refused
        words = {word.casefold() for rule in self._mapping.not_sales for word in rule.words}
        named = {*self._mapping.identity_columns, *self._mapping.columns.customer_id}
        values = [
            value if not column or value.casefold() in words else HIDDEN if column in named else shown_value(value)
            for column, value in zip(refused["column"], refused["value"], strict=True)
        ]
        return refused.assign(value=values)

    def log(self) -> pd.DataFrame:
        """Tell of every column whether it was hidden, dropped, cleaned or kept, and why.

        Returns
        -------
        DataFrame
            ``column``, ``done``, ``values`` (that were filled, or changed by cleaning), ``principle`` (the
            data-protection principle, 1 to 4), ``why``.
        """
        header = dict.fromkeys(name for file in self._export.files for name in file.header)
        rows = [(cleaned(name), *self._done(name)) for name in header]
        return pd.DataFrame(rows, columns=["column", "done", "values", "principle", "why"])

    def _done(self, name: str) -> tuple[str, int, int, str]:
        filled = int((self._text.column(name) != "").sum())
        kind = self._mapping.identity_columns.get(name)
        changed = [self._cleaned.get(field, 0) for field in TEXTS if name in self._mapping.columns.of(field)]
        consent = self._mapping.consent
        if consent and name == consent.column:
            told = "kept", filled, 3, "what the customer agreed to goes with the data"
        elif kind in RECORD and self._keep:
            told = "kept", filled, 3, "kept on request, for the linking of records only"
        elif name in self._mapping.columns.customer_id and self._key is not None:
            told = "hidden", filled, 4, "a keyed pseudonym stands for the customer; the key is elsewhere"
        elif kind:
            told = "dropped", filled, 1, f"{kind}: tells who somebody is, and no chapter needs it"
        elif changed:
            told = "cleaned", max(changed), 4, "searched for names and numbers; so many were changed"
        elif name in self._mapping.columns.named() or name in self._mapping.also_used():
            told = "kept", filled, 2, "needed, as the export has it"
        else:
            told = "dropped", filled, 1, "no chapter needs it"
        return told
