"""Linking records with splink: the weights are learnt from the records themselves, without anybody's labels."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crm_course.analysis.identity.linkage import BLOCKS, block_codes, with_block_keys
from crm_course.errors import FitFailed, LeftOut

if TYPE_CHECKING:
    from splink import Linker
    from splink.internals.comparison_creator import ComparisonCreator

LEAST_RECORDS = 200
RECALL = 0.8  # assumed: of one person's pairs, the share with the same number, mailbox, or name and birthday
_SEED = 7
_PAIRS_SAMPLED = 1e5
_SURE = (["phone"], ["email"], ["name", "birthday"])
_TRAINED_ON = _SURE[:2]
_COLUMNS = ["name", "surname", "phone", "phone_kind", "email", "mailbox", "birthday", "home", "district"]
_SHARED = "len(list_intersect(words_l, words_r))"
_LEAST = "least(len(words_l), len(words_r))"
_SWAPPED = " and ".join(
    f"substr(birthday_l, {a}, {n}) = substr(birthday_r, {b}, {n})" for a, b, n in ((1, 1, 4), (5, 7, 2), (7, 5, 2))
)
_LEVELS: dict[str, list[tuple[str, str]]] = {
    "name": [
        ("name_l is null or name_r is null", "missing"),
        (f"name_l = name_r and {_LEAST} > 2", "same"),
        ("jaro_winkler_similarity(name_l, name_r) < 0.7 and surname_l <> surname_r", "nothing alike"),
        (f"{_SHARED} = {_LEAST} and {_LEAST} > 2", "one holds the other"),
        (f"jaro_winkler_similarity(name_l, name_r) > 0.93 and {_LEAST} > 2", "near"),
        (f"{_SHARED} = {_LEAST}", "short"),
        (f"{_SHARED} = {_LEAST} - 1 and {_LEAST} > 2", "one off"),
        ("surname_l = surname_r", "surname"),
    ],
    "phone": [
        ("phone_l is null or phone_r is null", "missing"),
        ("phone_l = phone_r and phone_kind_l = 'mobile'", "same mobile"),
        ("phone_l = phone_r", "same line"),
        ("phone_l[:8] = phone_r[:8] and damerau_levenshtein(phone_l, phone_r) <= 1", "near"),
    ],
    "email": [
        ("email_l is null or email_r is null", "missing"),
        ("email_l = email_r", "same"),
        ("email_l[:4] = email_r[:4] and damerau_levenshtein(email_l, email_r) <= 2", "near"),
    ],
    "birthday": [
        ("birthday_l is null or birthday_r is null", "missing"),
        ("birthday_l = birthday_r", "same"),
        (_SWAPPED, "swapped"),
    ],
    "home": [
        ("district_l is null or district_r is null", "missing"),
        ("home_l = home_r", "same flat"),
        ("district_l = district_r", "same district"),
    ],
}


def trained(fields: pd.DataFrame) -> Linker:
    """Learn from all records how often each field agrees between strangers and within one person.

    Parameters
    ----------
    fields : DataFrame
        As `standardising.standardised` returns them.

    Returns
    -------
    splink.Linker
        For `match_probabilities` and `weights`.

    Raises
    ------
    LeftOut
        If no two records agree in anything.
    FitFailed
        If there are fewer than 200 records, or too few of them agree in anything to learn from.

    References
    ----------
    Fellegi and Sunter (1969), A theory for record linkage, Journal of the American Statistical Association 64;
    Linacre and others (2022), Splink, International Journal of Population Data Science 7(3).
    """
    keyed = with_block_keys(fields)
    if all(block_codes(keyed, key).empty for key in BLOCKS):
        raise LeftOut("No two records agree in anything: the weights that records teach are left out.")
    if len(fields) < LEAST_RECORDS:
        raise FitFailed(f"splink: {len(fields)} records, a fit needs {LEAST_RECORDS}; use the score set by hand")
    with _quiet():
        linker = _linker(fields)
        linker.training.estimate_u_using_random_sampling(_PAIRS_SAMPLED, _SEED, num_chunks=1)
        _train(linker)
    return linker


def match_probabilities(linker: Linker, pairs: pd.DataFrame) -> pd.DataFrame:
    """Probability that two records are one person's, as splink learnt it.

    Parameters
    ----------
    linker : splink.Linker
        As `trained` returns it.
    pairs : DataFrame
        ``x``, ``y``, as `linkage.candidate_pairs` returns them.

    Returns
    -------
    DataFrame
        Rows as in `pairs`: ``score`` (match weight, the binary logarithm of the odds) and ``probability``.
    """
    with _quiet():
        scored = linker.inference.predict(warning_mode="never").as_pandas_dataframe()
    places = np.sort(scored[["unique_id_l", "unique_id_r"]].to_numpy(), axis=1)
    table = pd.DataFrame(
        {
            "x": places[:, 0],
            "y": places[:, 1],
            "score": scored["match_weight"],
            "probability": scored["match_probability"],
        }
    )
    return pairs[["x", "y"]].merge(table, on=["x", "y"], how="left").set_axis(pairs.index)[["score", "probability"]]


def weights(linker: Linker) -> pd.DataFrame:
    """List the weights that splink learnt, and above them the one from which every pair starts.

    Parameters
    ----------
    linker : splink.Linker
        As `trained` returns it.

    Returns
    -------
    DataFrame
        Indexed by ``field`` and ``compares``: ``m`` (share of one person's pairs that compare so), ``u`` (share of
        strangers' pairs), ``weight`` (binary logarithm of their ratio). The first row has the share of all pairs that
        splink takes for one person's as ``m``, that of the others as ``u``. Where the training saw no case, a share
        is splink's own guess.
    """
    share = linker.misc.save_model_to_json()["probability_two_random_records_match"]
    levels = linker.visualisations.match_weights_chart().chart_data
    rows = [("any two records", "", share, 1 - share)] + [
        (one.comparison_name, one.label_for_charts, one.m_probability, one.u_probability)
        for one in levels
        if one.comparison_name in _LEVELS
    ]
    table = pd.DataFrame(rows, columns=["field", "compares", "m", "u"]).set_index(["field", "compares"])
    return table.assign(weight=np.log2(table["m"] / table["u"]))


def _linker(fields: pd.DataFrame) -> Linker:
    import duckdb
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on
    from splink.comparison_level_library import CustomLevel, ElseLevel
    from splink.comparison_library import CustomComparison

    rows = fields[_COLUMNS].reset_index(drop=True)
    rows = rows.assign(words=rows["name"].str.split(), unique_id=rows.index)
    keyed = with_block_keys(fields)
    blocks = {f"block_{number}": block_codes(keyed, key).reindex(rows.index) for number, key in enumerate(BLOCKS)}
    rows = rows.assign(**{name: code.astype("Int64") for name, code in blocks.items()})
    comparisons: list[ComparisonCreator | dict[str, Any]] = []
    for field, levels in _LEVELS.items():
        made = [CustomLevel(sql, label).configure(is_null_level=label == "missing") for sql, label in levels]
        comparisons.append(CustomComparison([*made, ElseLevel()], output_column_name=field))
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=[block_on(name) for name in blocks],
        retain_matching_columns=False,
    )
    connection = duckdb.connect(":memory:", config={"threads": 1})
    with suppress(duckdb.InvalidInputException):  # in Jupyter without ipywidgets there is no bar to switch off
        connection.execute("SET enable_progress_bar = false")
    return Linker(DuckDBAPI(connection).register(rows), settings, log_level=None)


def _train(linker: Linker) -> None:
    from splink import block_on

    linker.training.estimate_probability_two_random_records_match([block_on(*keys) for keys in _SURE], recall=RECALL)
    for keys in _TRAINED_ON:
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*keys))


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep splink's messages, which are for those who tune it, out of the chapter."""
    logger = logging.getLogger("splink")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)
