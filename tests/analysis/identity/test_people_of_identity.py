"""Which functions of identity group people: what they hand on of few people is hidden where it is shown."""

import numpy as np
import pandas as pd
import pytest
from people import SECRET, check_all_are_named, check_draws_nothing_of, check_hides, title

from crm_course.analysis.identity import deletion, link_quality, persons, record_quality
from crm_course.plots.identity import identity_plots as plots
from crm_course.tables.small_groups import groups_of_people, numbers_of_people

ROOMS = ["crm_course.analysis.identity", "crm_course.plots.identity"]
SMALL = ["stall", "hotline"]
CHANNEL = pd.Series(["till"] * 40 + ["web"] * 20 + ["stall"] * 2 + ["hotline"] * 4)
FORMS = [f"E{number}" for number in range(len(CHANNEL))]
ODD = pd.Series([number % 2 == 1 for number in range(len(CHANNEL))])


def by_form(values):
    return pd.Series(list(values), FORMS)


def log(reason):
    due = pd.to_datetime(["2023-01-01"] * 40 + ["2024-01-01"] * 22 + ["2025-01-01"] * 4)
    return pd.DataFrame({"reason": reason, "due_on": due}, index=FORMS)


def capture():
    made = CHANNEL.replace({"stall": "app"})
    orders = pd.DataFrame({"customer_id": FORMS, "channel": made.replace({"till": "shop", "hotline": "phone"})})
    records = pd.DataFrame({"record_id": FORMS, "channel": made})
    return record_quality.capture(orders, records, pd.DataFrame({"record_id": FORMS, "customer_id": FORMS}))


def kinds():
    """Thirty people of two forms each, and of two kinds of name with few people."""
    right = pd.Series([number // 2 for number in range(len(CHANNEL))])
    return right, pd.Series(["Latin"] * 56 + ["pinyin"] * 4 + ["company"] * 6)


TABLES = {
    "record_quality.share_with_interval": (lambda: record_quality.share_with_interval(ODD, CHANNEL), SMALL),
    "record_quality.by_channel": (
        lambda: record_quality.by_channel(pd.DataFrame({"phone": ODD, "email": ~ODD}), CHANNEL),
        SMALL,
    ),
    "record_quality.capture": (capture, ["app", "hotline"]),
    "record_quality.share_old": (
        lambda: record_quality.share_old(
            by_form([0.5] * 40 + [1.5] * 20 + [2.5] * 2 + [3.5] * 4),
            pd.DataFrame({"record_id": FORMS, "phone": ["old", "current"] * 33}),
        ).set_index("years", drop=False),
        [2.5, 3.5],
    ),
    "link_quality.quality_by": (lambda: link_quality.quality_by(kinds()[0], *kinds()), ["pinyin", "company"]),
    "link_quality.methods_by_kind": (
        lambda: link_quality.methods_by_kind({"all": kinds()[0]}, *kinds()).droplevel("way"),
        ["pinyin", "company"],
    ),
    "deletion.reasons": (
        lambda: deletion.reasons(log(["outdated", "in use"] * 33), by_form(CHANNEL)),
        SMALL,
    ),
    "deletion.lines_due": (
        lambda: deletion.lines_due(log(["outdated"] * 60 + ["in use"] * 2 + ["outdated"] * 4)),
        [2025],
    ),
}


def rows(**columns):
    """Three groups of many and two of few, whose figures are the secret."""
    many, few = {"people": [40, 30, 20], **columns}, dict.fromkeys(columns, [SECRET] * 2)
    return groups_of_people(
        pd.concat([pd.DataFrame(many), pd.DataFrame({"people": [2, 4], **few})]).set_index(
            pd.Index(["till", "web", "app", *SMALL])
        )
    )


def by_way():
    table = rows(recall=[0.9, 0.8, 0.7], low=[0.8, 0.7, 0.6], high=[0.95, 0.9, 0.8], pairs=[80, 60, 40])
    table = table.set_index(pd.MultiIndex.from_product([table.index, ["score"]], names=["kinds", "way"]))
    return groups_of_people(table)


RATE = pd.Series({"per_year": 0.1, "low": 0.05, "high": 0.2, "reach": 2.3})
PLOTS = {
    "identity_plots.plot_shares": lambda: plots.plot_shares(
        rows(share=[0.9, 0.8, 0.7], low=[0.8, 0.7, 0.6], high=[0.95, 0.9, 0.8]), "records (share)", "Fresh"
    ),
    "identity_plots.plot_completeness": lambda: plots.plot_completeness(
        rows(phone=[0.9, 0.8, 0.7], email=[0.5, 0.4, 0.3])
    ),
    "identity_plots.plot_scripts": lambda: plots.plot_scripts(by_way(), "score"),
    "identity_plots.plot_outdated": lambda: plots.plot_outdated(
        RATE, rows(years=[0.5, 1.5, 2.5], share=[0.1, 0.2, 0.3])
    ),
}

OTHERS = {
    "clerical.cheapest": "one number",
    "clerical.cost_curve": "a row a threshold",
    "clerical.cost_differences": "a row a way of linking",
    "clerical.decisions_by_links": "a row a pair of records, for the clerk",
    "clerical.methods_reviewed": "a row a way of linking",
    "clerical.noted": "a row a pair of records",
    "clerical.plain_shares": "a row a measure",
    "clerical.read_review": "a row a pair of records, of the clerk's own file",
    "clerical.review_sample": "a row a pair of records",
    "clerical.review_sheet": "a row a pair of records, for the clerk",
    "clerical.reviewed": "a row a pair of records",
    "clerical.reviewed_quality": "a row a measure",
    "clerical.strata": "a row a pair of records",
    "clerical.true_quality": "a row a measure",
    "clerical.with_decisions": "a row a pair of records",
    "clerical.with_strata": "a row a pair of records",
    "deletion.in_debt": "an index of records",
    "deletion.last_activity": "a row a record",
    "deletion.log_in_words": "one sentence without numbers",
    "deletion.retention_log": "a row a record: the shop's own log",
    "link_quality.pair_quality": "a row a measure",
    "link_quality.pairs_within": "one number",
    "link_quality.together": "a row a pair of records",
    "linkage.agreeing_pairs": "a row a pair of records",
    "linkage.block_codes": "a row a record",
    "linkage.candidate_pairs": "a row a pair of records",
    "linkage.comparisons": "a row a pair of records",
    "linkage.exact_pairs": "a row a pair of records",
    "linkage.joined_pairs": "a row a pair of records",
    "linkage.nearest_namesakes": "one pair's place",
    "linkage.persons": "a row a record",
    "linkage.points_of": "a row a field of one pair, without its contents",
    "linkage.points_table": "a row a comparison: set by hand",
    "linkage.scores": "a row a pair of records",
    "linkage.with_block_keys": "a row a record",
    "persons.counted_twice": "a row a measure of all customers",
    "persons.merged_choices": "a row a person's choice",
    "persons.record_of": "a row an event",
    "probabilistic.match_probabilities": "a row a pair of records",
    "probabilistic.trained": "a model of all records",
    "probabilistic.weights": "a row a comparison, over all records",
    "record_quality.campaign_in_words": "one sentence about all who are asked",
    "record_quality.change_rate": "a row a measure of all pairs",
    "record_quality.field_worth": "a row a question",
    "record_quality.update_campaign": "a row a person: whom to ask",
    "record_quality.usable_fields": "a row a record",
    "record_quality.years_unconfirmed": "a row a record",
    "romanisation.both_scripts": "a row a record",
    "romanisation.is_chinese": "a row a name",
    "romanisation.latin_syllables": "a set of syllables that several names have",
    "romanisation.romanisation": "a row a character",
    "romanisation.spelt": "a list of syllables",
    "romanisation.split_word": "a list of syllables",
    "standardising.birthdays": "a row a record",
    "standardising.homes": "a row a record",
    "standardising.names": "a row a record",
    "standardising.phone_numbers": "a row a number",
    "standardising.standardised": "a row a record",
    "identity_plots.plot_cost_curve": "a line a curve of all pairs",
    "identity_plots.plot_counted_twice": "a bar a way of counting all customers",
    "identity_plots.plot_field_worth": "a dot a question",
    "identity_plots.plot_methods": "a dot a way of linking",
    "identity_plots.plot_scores": "a bar a score of pairs of records",
}


def test_every_function_says_of_what_its_rows_are():
    check_all_are_named(ROOMS, {**TABLES, **PLOTS, "identity_plots.plot_retention": plots.plot_retention}, OTHERS)


@pytest.mark.parametrize("name", TABLES)
def test_of_few_people_nothing_is_shown(name):
    make, small = TABLES[name]

    check_hides(make(), small)


@pytest.mark.parametrize("name", PLOTS)
def test_of_few_people_nothing_is_drawn(name):
    check_draws_nothing_of(PLOTS[name]())


def test_few_records_of_a_channel_have_no_bar():
    counts = numbers_of_people(pd.DataFrame({"in use": [40, 30, 3, 4]}, ["till", "web", *SMALL]), "columns")

    heights = [bar.get_width() for bars in plots.plot_retention(counts, 0, 77).containers for bar in bars]

    assert [height for height in heights if height > 0] == [40, 30]


@pytest.mark.parametrize(("gone", "told"), [(3, "too few"), (74, "too few"), (12, "12 of 77 records are outdated")])
def test_the_title_does_not_tell_of_a_few_outdated_records(gone, told):
    counts = numbers_of_people(pd.DataFrame({"in use": [40, 37]}, ["till", "web"]), "columns")

    assert told in title(plots.plot_retention(counts, gone, 77))


def test_the_best_fifth_is_not_a_few():
    table = pd.DataFrame({"spent": np.arange(1.0, 25), "frequency": 1})

    assert persons.counted_twice(table)["top_fifth"] > 0.2
    assert np.isnan(persons.counted_twice(table.head(22))["top_fifth"])
