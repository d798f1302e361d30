"""Records of one person: written in one way, linked, judged, merged, and deleted in the end."""

import numpy as np
import pandas as pd
import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from crm_course.analysis.identity import (
    clerical,
    deletion,
    link_quality,
    linkage,
    persons,
    probabilistic,
    record_quality,
    standardising,
)
from crm_course.analysis.identity import romanisation as roman
from crm_course.errors import FitFailed, LeftOut, NothingToAnalyse, StoreError
from crm_course.tables.small_groups import shown

TODAY = pd.Timestamp("2025-12-31")
SYLLABLES = {"陳": "chan", "小": "siu", "美": "mei", "黃": "wong", "歐": "au", "陽": "yeung"}


def records(*rows):
    """Make records of (name, phone, email, birthday), and whatever else is given by name."""
    table = pd.DataFrame(
        [
            {"name": None, "phone": None, "email": None, "birthday": None, "address": None, "district": None} | one
            for one in rows
        ]
    )
    moment = pd.Timestamp("2025-06-01", tz="UTC")
    for column in ("name", "phone", "email", "address", "district"):
        table[column] = table[column].astype("str")
    return table.assign(
        record_id=[f"E{number}" for number in range(len(table))],
        channel=table.get("channel", pd.Series("till", table.index)).fillna("till"),
        created_at=moment,
        updated_at=moment,
        birthday=pd.to_datetime(table["birthday"]),
    )


def utc(*days):
    return pd.to_datetime(pd.Series(days), utc=True)


# One spelling -------------------------------------------------------------------------------------


def test_ways_to_write_a_number_are_one_number():
    ways = pd.Series(["9123 4567", "91234567", "+852 9123 4567", "(852) 9123-4567", "852-91234567", "9123-4567"])

    assert set(standardising.phone_numbers(ways)["number"]) == {"+85291234567"}


any_number = given(
    region=st.sampled_from(["HK", "MO", "SG", "GB", "US", "IT"]),
    prefix=st.sampled_from(["", "+852", "852", "+853", "+65", "+44", "+1", "+39", "00852", "001", "+"]),
    digits=st.text("0123456789", min_size=3, max_size=12),
)


@any_number
@settings(max_examples=100, deadline=None)
def test_a_number_is_read_as_phonenumbers_reads_it(**number):
    is_read_as_phonenumbers_reads_it(**number)


@pytest.mark.long
@any_number
@settings(max_examples=2000, deadline=None)
def test_many_numbers_are_read_as_phonenumbers_reads_them(**number):
    is_read_as_phonenumbers_reads_it(**number)


def is_read_as_phonenumbers_reads_it(region, prefix, digits):
    try:
        number = phonenumbers.parse(prefix + digits, region)
    except phonenumbers.NumberParseException:
        number = None
    expected = [None, "invalid"]
    if number is not None and phonenumbers.is_valid_number(number):
        kind = standardising.KINDS.get(phonenumbers.number_type(number), "other")
        expected = [phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), kind]

    found = standardising.phone_numbers(pd.Series([prefix + digits]), region).iloc[0]

    assert found.astype(object).where(found.notna(), None).tolist() == expected


def test_numbers_of_the_mainland_fixed_lines_and_nonsense_are_told_apart():
    entered = pd.Series(["+86 138 1234 5678", "2345 6789", "12", "none", None])

    found = standardising.phone_numbers(entered)

    assert found["kind"].tolist()[:4] == ["mobile", "fixed line", "invalid", "invalid"]
    assert found["number"].isna().tolist() == [False, False, True, True, True]
    assert found["kind"].isna().tolist() == [False] * 4 + [True]


def test_a_name_is_the_same_in_any_script_and_order():
    ways = pd.Series(
        ["陳小美", "陳小美小姐", "CHAN Siu Mei", "Chan Siu-mei", "Siu Mei CHAN", "Ms Chan Siumei", "chan, siu mei"]
    )

    found = standardising.names(ways, SYLLABLES, set(SYLLABLES.values()))

    assert set(found["name"]) == {"chan mei siu"}
    assert set(found["surname"]) == {"chan"}
    assert found["script"].tolist() == ["Chinese"] * 2 + ["Latin"] * 5


def test_a_surname_of_two_characters_and_an_unknown_character():
    found = standardising.names(pd.Series(["歐陽小美", "陳囍"]), SYLLABLES, set())

    assert found["surname"].tolist() == ["au yeung", "chan"]
    assert found["name"].tolist()[1] == "chan 囍"


def test_missing_names_stay_missing():
    assert standardising.names(pd.Series([None, "陳美"], dtype="str"), SYLLABLES, set())["name"].isna().tolist() == [
        True,
        False,
    ]


@pytest.mark.parametrize(
    "address",
    [
        "Flat A, 36/F, Block 1, Golden Well Mansion, Yuen Long",
        "Flt A 36/F Blk 1 Golden Well Mans, Yuen Long",
        "元朗區金井閣1座36樓A室",
    ],
)
def test_an_address_is_the_same_in_both_scripts(address):
    assert standardising.homes(pd.Series([address]), pd.Series(["Yuen Long"])).tolist() == ["Yuen Long 1 - 36 A"]


def test_an_address_without_a_flat_names_no_home():
    part = pd.Series(["Block 1, Golden Well Mansion, Yuen Long", "元朗區", None], dtype="str")

    assert standardising.homes(part, pd.Series(["Yuen Long"] * 3)).isna().all()


def test_spellings_are_learnt_from_records_that_hold_both():
    people = {
        "陳小美": "siumei.chan",
        "黃小陽": "siuyeung_wong",
        "陳陽": "chan.yeung88",
        "黃美": "mei-wong",
        "陳美陽": "meiyeung.chan",
    }
    both = records(*[{"name": name, "email": f"{box}@post.example"} for name, box in people.items()] * 3)
    latin = records(*[{"name": name} for name in ("CHAN Siu Mei", "WONG Siu Yeung", "CHAN Siu Mei", "WONG Siu Yeung")])
    syllables = roman.latin_syllables(latin["name"])

    found = roman.romanisation(roman.both_scripts(both, syllables))

    assert found == {"陳": "chan", "黃": "wong", "小": "siu", "美": "mei", "陽": "yeung"}


def test_a_character_that_is_seen_once_is_not_learnt_and_nothing_teaches_nothing():
    once = records({"name": "陳美", "email": "chan.mei@post.example"})

    assert roman.romanisation(roman.both_scripts(once, {"chan", "mei"})) == {}
    assert roman.romanisation(roman.both_scripts(once.iloc[:0], set())) == {}


# Linking ------------------------------------------------------------------------------------------


def fields_of(*rows):
    return standardising.standardised(records(*rows))


def test_exact_keys_follow_chains():
    fields = fields_of(
        {"phone": "9123 4567", "email": "a@x.example"},
        {"phone": "+852 91234567"},
        {"email": "A@x.example"},
        {"phone": "6123 4567"},
    )

    assert linkage.persons(fields, linkage.exact_pairs(fields)).tolist() == ["E0", "E0", "E0", "E3"]


def test_a_number_that_very_many_share_joins_nobody():
    fields = fields_of(*[{"phone": "9123 4567"}] * (linkage.MOST_ALIKE + 1))

    assert linkage.agreeing_pairs(fields, ["phone"]).empty


def test_mother_and_daughter_share_a_line_and_are_two():
    home = {"phone": "2345 6789", "address": "Flat A, 3/F, Block 1, Hill Court, Sha Tin", "district": "Sha Tin"}
    fields = fields_of(
        {"name": "CHAN Siu Mei", "birthday": "1960-05-17", **home},
        {"name": "CHAN Ka Yan", "birthday": "1990-03-02", **home},
    )
    pairs = linkage.candidate_pairs(fields)

    assert len(linkage.exact_pairs(fields)) == len(pairs) == 1
    assert linkage.scores(linkage.comparisons(fields, pairs)).iloc[0] < linkage.LOWEST


def test_a_slip_in_the_number_and_another_order_of_the_name_are_one_person():
    fields = fields_of(
        {"name": "CHAN Siu Mei", "phone": "9123 4567", "birthday": "1990-05-07"},
        {"name": "Siu Mei CHAN", "phone": "9123 4576", "birthday": "1990-07-05"},
    )
    compared = linkage.comparisons(fields, linkage.candidate_pairs(fields)).iloc[0]

    assert compared[["phone", "birthday", "name"]].tolist() == ["near", "swapped", "same"]


def test_a_chain_joins_those_who_agree_in_nothing():
    scored = pd.DataFrame({"x": [0, 1, 3], "y": [1, 2, 4], "score": [6.0, 4.0, -9.0]})

    joined = linkage.joined_pairs(scored)

    assert joined.set_index(["x", "y"])["score"].to_dict() == {(0, 1): 6.0, (1, 2): 4.0, (3, 4): -9.0, (0, 2): 4.0}
    assert joined.index[:3].tolist() == scored.index.tolist()


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_at_every_line_the_joined_pairs_are_those_of_the_groups(data):
    size = 8
    edges = [(x, y) for x in range(size) for y in range(x + 1, size)]
    chosen = data.draw(st.lists(st.sampled_from(edges), unique=True, min_size=1))
    points = data.draw(st.lists(st.integers(0, 9), min_size=len(chosen), max_size=len(chosen)))
    scored = pd.DataFrame({"x": [x for x, _ in chosen], "y": [y for _, y in chosen], "score": map(float, points)})
    joined = linkage.joined_pairs(scored)
    fields = pd.DataFrame(index=[f"E{i}" for i in range(size)])
    for line in range(10):
        person = linkage.persons(fields, scored[scored["score"] >= line])
        assert (link_quality.together(joined, person) == (joined["score"] >= line)).all()
        size_of = person.value_counts()
        assert (size_of * (size_of - 1) // 2).sum() == (joined["score"] >= line).sum()


def test_precision_and_recall_of_pairs():
    quality = link_quality.pair_quality(pd.Series(["a", "a", "a", "b"]), pd.Series([1, 1, 2, 2]))

    assert quality.round(4).to_dict() == {"precision": 0.3333, "recall": 0.5, "f1": 0.4, "false_merges": 2, "missed": 1}


def test_recall_by_kind_counts_each_pair_once():
    found, right = pd.Series(["a", "a", "b", "c"]), pd.Series([1, 1, 1, 2])
    kind = pd.Series(["Chinese", "Latin", "Latin", "Latin"])

    table = link_quality.quality_by(found, right, kind)

    assert table["pairs"].to_dict() == {"Chinese and Latin": 2, "Latin": 1}
    assert table["recall"].dropna().to_dict() == {"Chinese and Latin": 0.5, "Latin": 0.0}
    assert table["precision"].dropna().to_dict() == {"Chinese and Latin": 1.0}


def test_the_pairs_of_one_person_are_one_case_and_small_groups_are_not_shown():
    right = pd.Series([*np.repeat(range(10), 4), *np.repeat(range(10, 13), 2)])
    kind = pd.Series(["Latin"] * 40 + ["Chinese"] * 6)

    table = link_quality.methods_by_kind({"all": right, "none": pd.Series(range(46))}, right, kind)

    assert table["people"].to_dict() == {
        ("Chinese", "all"): 3,
        ("Chinese", "none"): 3,
        ("Latin", "all"): 10,
        ("Latin", "none"): 10,
    }
    assert table.loc["Latin", "pairs"].tolist() == [60, 60]
    low, _high = proportion_confint(10, 10, alpha=0.1, method="wilson")
    assert table.loc["Latin", "low"].tolist() == pytest.approx([low, 0.0])
    assert shown(table, k=5)["recall"].isna().tolist() == [True, True, False, False]


def test_pairs_that_are_one_persons_are_counted_whether_or_not_they_are_compared():
    assert link_quality.pairs_within(pd.Series(["a", "b", "a", "a", None])) == 3


@pytest.mark.parametrize(("field", "word"), list(linkage.EXAMPLES))
def test_each_example_of_the_points_compares_as_it_says(field, word):
    one, other = linkage.EXAMPLES[field, word].split(" / ")
    column = "address" if field == "home" else field
    fields = fields_of(
        *({column: text, "district": text if field == "district" else "Sha Tin"} for text in (one, other))
    )

    compared = linkage.comparisons(fields, pd.DataFrame({"x": [0], "y": [1]}))

    assert compared[field].tolist() == [word]


def test_the_points_of_a_pair_add_up_to_its_score_and_the_table_holds_them_all():
    fields = fields_of(
        {"name": "CHAN Siu Mei", "phone": "9123 4567", "birthday": "1990-05-07"},
        {"name": "Siu Mei CHAN", "phone": "9123 4576", "birthday": "1988-07-05"},
    )
    compared = linkage.comparisons(fields, pd.DataFrame({"x": [0], "y": [1]}))

    points = linkage.points_of(compared.iloc[0])

    assert points["points"].sum() == pytest.approx(linkage.scores(compared).iloc[0])
    assert points.loc["birthday"].tolist() == ["differs", -5.0]
    assert linkage.points_table()["points"].to_dict() == {
        (field, word): one for field, by_word in linkage.POINTS.items() for word, one in by_word.items()
    }


def test_splink_needs_records_to_learn_from():
    fields = fields_of({"phone": "9123 4567"}, {"phone": "9123 4567"})

    with pytest.raises(FitFailed, match="2 records, a fit needs 200"):
        probabilistic.trained(fields)


# The clerk ----------------------------------------------------------------------------------------


def pairs_with_truth(size=4000, seed=1):
    """Pairs whose chance to be one person's rises with the score."""
    rng = np.random.default_rng(seed)
    score = rng.normal(4, 5, size)
    same = pd.Series(rng.random(size) < 1 / (1 + np.exp(-score)))
    pairs = pd.DataFrame({"x": np.arange(size), "y": np.arange(size) + size, "score": score.round(1)})
    return pairs.assign(stratum=clerical.strata(pairs["score"]), same=same)


def test_the_weights_of_a_sample_add_up_to_all_pairs():
    pairs = pairs_with_truth()

    sample = clerical.review_sample(pairs, 300, 3.0)

    assert sample["weight"].sum() == pytest.approx(len(pairs))
    assert 280 <= len(sample) <= 320
    doubtful = sample["score"].between(0, 6).mean()
    assert doubtful > pairs["score"].between(0, 6).mean()


def test_a_review_of_everything_is_the_truth():
    pairs = pairs_with_truth(400)
    merged = pairs["score"] >= 3

    judged = clerical.reviewed_quality(pairs.assign(weight=1.0), pairs, merged)

    for column in ("estimate", "low", "high"):
        pd.testing.assert_series_equal(judged[column], clerical.true_quality(pairs["same"], merged), check_names=False)


def test_intervals_hold_the_truth_nine_times_in_ten():
    pairs = pairs_with_truth()
    merged = pairs["score"] >= 3
    truth, held = clerical.true_quality(pairs["same"], merged), []
    for seed in range(60):
        judged = clerical.reviewed_quality(clerical.review_sample(pairs, 300, 3.0, seed), pairs, merged)
        held.append(judged["low"].le(truth) & judged["high"].ge(truth))

    assert pd.DataFrame(held)[["precision", "recall"]].mean().between(0.83, 0.97).all()


def test_more_pairs_bring_the_estimate_nearer_and_the_plain_share_not():
    pairs = pairs_with_truth(20_000)
    merged = pairs["score"] >= 3
    recall = clerical.true_quality(pairs["same"], merged)["recall"]
    error = {}
    for size in (150, 2400):
        reviews = [clerical.review_sample(pairs, size, 3.0, seed) for seed in range(12)]
        judged = [clerical.reviewed_quality(one, pairs, merged).loc["recall", "estimate"] for one in reviews]
        plain = [clerical.plain_shares(one, merged)["recall"] for one in reviews]
        error[size] = np.abs(np.array(judged) - recall).mean(), np.abs(np.array(plain) - recall).mean()

    assert error[2400][0] < error[150][0] / 2
    assert error[2400][1] > 3 * error[2400][0]
    assert error[2400][1] > 0.6 * error[150][1]


def test_the_line_moves_with_the_cost_and_comes_near_the_best_one():
    pairs = pairs_with_truth(20_000)
    best = clerical.cost_curve(pairs, 300, 60)

    assert clerical.cheapest(best) == pytest.approx(np.log(5), abs=0.6)  # where the odds are five to one
    assert clerical.cheapest(clerical.cost_curve(pairs, 60, 300)) < clerical.cheapest(best)
    chosen = clerical.cheapest(clerical.cost_curve(clerical.review_sample(pairs, 1000, 3.0), 300, 60))
    cost = best.set_index("threshold")["cost"]
    assert cost[cost.index >= chosen].iloc[0] < 1.15 * cost.min()


def test_a_cost_curve_counts_the_mistakes_of_every_line():
    pairs = pd.DataFrame({"score": [1.0, 2.0, 2.0, 3.0], "same": [True, False, True, True]})

    curve = clerical.cost_curve(pairs, 10, 1)

    assert curve["threshold"].tolist() == [1, 2, 3]
    assert curve["false_merges"].tolist() == [1, 1, 0]
    assert curve["missed"].tolist() == [0, 1, 2]
    assert curve["cost"].tolist() == [10, 11, 2]


def test_ways_that_do_the_same_cost_the_same_and_a_review_of_everything_knows_the_difference():
    pairs = pairs_with_truth(400)
    ways = {f"from {line}": pairs["score"] >= line for line in (3, 8)} | {"again": pairs["score"] >= 3}

    found = clerical.cost_differences(pairs.assign(weight=1.0), pairs, ways, "from 3", (300, 60))

    between = pairs.loc[pairs["score"].between(3, 8, inclusive="left"), "same"]
    right = 60 * between.sum() - 300 * (~between).sum()
    assert found.loc["from 8", ["estimate", "low", "high"]].tolist() == pytest.approx([right] * 3)
    assert found.loc["again"].tolist() == [0, 0, 0, 0]


def test_a_clerk_who_errs_makes_a_good_merge_look_worse():
    pairs = pairs_with_truth()
    merged = pairs["score"] >= 8

    noted = clerical.true_quality(clerical.noted(pairs["same"], 0.1), merged)

    assert noted["precision"] < clerical.true_quality(pairs["same"], merged)["precision"] - 0.05


def test_nothing_to_review_is_said():
    nothing = pairs_with_truth().iloc[:0]

    with pytest.raises(NothingToAnalyse, match="no two records agree"):
        clerical.review_sample(nothing, 300, 3.0)
    with pytest.raises(NothingToAnalyse, match="no pair was reviewed"):
        clerical.reviewed_quality(nothing, pairs_with_truth(), pd.Series(dtype=bool))


def test_a_sheet_goes_to_the_clerk_and_comes_back(tmp_path):
    people = records({"name": "陳小美"}, {"name": "CHAN Siu Mei"}, {"name": "WONG Mei"}, {"name": "黃美"})
    fields = people.set_index("record_id")
    sample = pd.DataFrame({"x": [0, 2, 0], "y": [1, 3, 2], "stratum": 1, "weight": 2.0})
    sheet = clerical.review_sheet(sample, people)
    sheet["same"] = ["yes", "No", ""]
    sheet.to_csv(tmp_path / "sheet.csv", index=False, encoding="utf-8-sig")  # as Excel needs it

    found = clerical.with_decisions(sample, fields, clerical.read_review(tmp_path / "sheet.csv"))

    assert found["same"].tolist() == [True, False]
    assert found["weight"].tolist() == [3.0, 3.0]  # the one left open is spread over them


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("record_id_x,same\nE1,yes\n", "has no column record_id_y"),
        ("record_id_x,record_id_y,same\nE1,E2,yes\nE1,E3,perhaps\n", "line 3: same is 'perhaps'; write yes or no"),
    ],
)
def test_a_sheet_that_cannot_be_read_is_named(tmp_path, text, told):
    (tmp_path / "sheet.csv").write_text(text)

    with pytest.raises(StoreError, match=told):
        clerical.read_review(tmp_path / "sheet.csv")
    with pytest.raises(StoreError, match="cannot be read"):
        clerical.read_review(tmp_path / "another.csv")


def test_without_a_sheet_the_clerk_is_played_by_who_knows_else_the_review_waits():
    pairs = pairs_with_truth(400)
    sample = clerical.review_sample(pairs, 100, 3.0)
    fields = pd.DataFrame(index=[f"E{number}" for number in range(800)])

    played = clerical.reviewed(sample, fields, same=pairs["same"])
    careless = clerical.reviewed(sample, fields, same=pairs["same"], wrong=0.5)

    assert played["same"].equals(pairs["same"].loc[sample.index])
    assert 0.3 < (played["same"] == careless["same"]).mean() < 0.7
    with pytest.raises(LeftOut, match="Nobody has reviewed the sample yet: "):
        clerical.reviewed(sample, fields)


def test_where_no_two_records_agree_nothing_is_to_review_or_to_learn():
    fields = fields_of({"phone": "9123 4567", "name": "CHAN Siu Mei"}, {"email": "a@x.example", "name": "WONG Mei"})
    pairs = linkage.candidate_pairs(fields)
    pairs["score"] = linkage.scores(linkage.comparisons(fields, pairs))

    assert pairs.empty
    for leave_out in (
        lambda: clerical.with_strata(linkage.joined_pairs(pairs)),
        lambda: probabilistic.trained(fields),
        lambda: linkage.nearest_namesakes(pairs, linkage.comparisons(fields, pairs)),
    ):
        with pytest.raises(LeftOut, match="No two records agree in "):
            leave_out()


def test_the_pair_worked_out_by_hand_has_names_that_agree_and_lies_nearest_to_the_line():
    pairs = pd.DataFrame({"score": [3.0, 9.0, 2.0]}, index=[4, 5, 6])

    assert linkage.nearest_namesakes(pairs, pd.DataFrame({"rarity": [0.0, 1.0, -0.5]}, index=[4, 5, 6])) == 6


def test_links_that_were_left_open_decide_nothing():
    fields = pd.DataFrame(index=["E0", "E1", "E2"])
    links = pd.DataFrame({"record_id": ["E0", "E1"], "customer_id": ["ann", "ann"]})
    sample = pd.DataFrame({"x": [0, 0], "y": [1, 2]})

    assert clerical.decisions_by_links(sample, fields, links).to_dict("records") == [
        {"record_id_x": "E0", "record_id_y": "E1", "same": True}
    ]


# The merge ----------------------------------------------------------------------------------------

TWO_FORMS = pd.DataFrame(
    {
        "record_id": ["till1", "app1"],
        "channel": ["till", "app"],
        "created_at": utc("2024-01-01", "2024-06-01"),
        "updated_day": pd.to_datetime(["2024-01-01", "2024-06-01"]),
    }
)
LINKS = pd.DataFrame({"record_id": ["till1", "app1"], "customer_id": ["ann", "ann"]})


def test_an_event_is_filed_under_the_form_of_its_channel_else_under_the_first():
    events = pd.DataFrame(
        {
            "customer_id": ["ann", "ann", "ann", "bo"],
            "channel": ["app", "shop", "phone", "shop"],
            "at": utc("2024-07-01", "2024-07-01", "2024-07-01", "2024-07-01"),
        }
    )

    found = persons.record_of(events, TWO_FORMS, LINKS)

    assert found.tolist()[:3] == ["app1", "till1", "till1"]
    assert found.isna().tolist() == [False, False, False, True]


def choices(*rows):
    table = pd.DataFrame(rows, columns=["record_id", "granted", "recorded_at"])
    return table.assign(
        purpose="marketing", channel="email", recorded_at=pd.to_datetime(table["recorded_at"], utc=True)
    )


ONE = pd.Series("till1", ["till1", "app1"])
APART = pd.Series(["till1", "app1"], ["till1", "app1"])


@pytest.mark.parametrize(("first", "second"), [(True, False), (False, True)])
def test_the_latest_choice_wins_where_the_link_is_sure_and_the_stricter_where_it_is_not(first, second):
    made = choices(("till1", first, "2025-01-01"), ("app1", second, "2025-02-01"))

    sure = persons.merged_choices(made, ONE, ONE).iloc[0]
    doubtful = persons.merged_choices(made, ONE, APART).iloc[0]

    assert (sure["granted"], sure["in_doubt"]) == (second, False)
    assert (doubtful["granted"], doubtful["in_doubt"]) == (False, True)


def test_a_part_that_never_chose_did_not_say_yes():
    made = choices(("till1", True, "2025-01-01"))

    sure = persons.merged_choices(made, ONE, ONE).iloc[0]
    doubtful = persons.merged_choices(made, ONE, APART).iloc[0]

    assert (sure["granted"], sure["in_doubt"]) == (True, False)
    assert (doubtful["granted"], doubtful["in_doubt"]) == (False, True)


def test_within_a_part_that_is_sure_the_latest_choice_wins_even_beside_a_doubtful_one():
    made = choices(("till1", False, "2025-01-01"), ("till1", True, "2025-03-01"), ("app1", True, "2025-02-01"))

    assert persons.merged_choices(made, ONE, APART)["granted"].tolist() == [True]


def test_a_choice_of_nobodys_record_changes_nothing():
    made = choices(("till1", True, "2025-01-01"), ("gone", False, "2025-02-01"))

    assert persons.merged_choices(made, ONE, ONE)["granted"].tolist() == [True]


# Quality ------------------------------------------------------------------------------------------


def test_how_small_a_channel_may_be_is_said_where_it_is_shown():
    till = pd.Series(["till"] * 20 + ["web"] * 9 + ["stall"] * 8)
    yes, forms = pd.Series(True, till.index), pd.DataFrame({"record_id": range(37), "channel": till})
    linked = forms.assign(customer_id=forms["record_id"])
    orders = linked.replace({"channel": {"till": "shop"}})

    found = record_quality.share_with_interval(yes, till)
    rate = record_quality.capture(orders, forms, linked[["record_id", "customer_id"]])
    share = record_quality.by_channel(pd.DataFrame({"phone": yes}), till)

    assert found["people"].to_dict() == {"till": 20, "web": 9, "stall": 8}
    assert shown(found, k=10)["share"].isna().to_dict() == {"till": False, "web": True, "stall": True}
    assert shown(share, k=10)["phone"].isna().to_dict() == {"till": False, "web": True, "stall": True}
    assert shown(rate, k=21)["share"].isna().all()


def test_wilsons_interval_is_the_published_one():
    """81 of 263: 0.2553 to 0.3662 (Newcombe 1998, Statistics in Medicine 17, table I)."""
    yes = pd.Series([True] * 81 + [False] * 182)

    row = record_quality.share_with_interval(yes, pd.Series("till", yes.index)).iloc[0]

    assert row[["low", "high"]].round(4).tolist() == [0.2553, 0.3662]


def test_capture_is_the_share_of_a_channels_buyers_with_a_form_made_there():
    buyers = [f"c{number}" for number in range(10)]
    orders = pd.DataFrame({"customer_id": buyers * 2, "channel": ["shop"] * 10 + ["web"] * 10})
    forms = pd.DataFrame({"record_id": buyers[:6], "channel": ["till"] * 6})
    links = pd.DataFrame({"record_id": buyers[:6], "customer_id": buyers[:6]})

    assert record_quality.capture(orders, forms, links)["share"].to_dict() == {"till": 0.6, "web": 0.0}


def test_a_field_that_is_filled_in_may_be_of_no_use():
    made = records(
        {"name": "Ms Chan", "phone": "12", "email": "nobody", "birthday": "1900-01-01", "address": "Sha Tin"}
    )

    assert not record_quality.usable_fields(made, standardising.standardised(made)).any(axis=None)


def changing_numbers(pairs, per_year, seed):
    """Pairs of records of one person, some years apart, whose number changes at a rate."""
    rng = np.random.default_rng(seed)
    gap = rng.exponential(1.5, pairs)
    same = (rng.random(pairs) > 0.05) & (rng.random(pairs) < np.exp(-per_year * gap))
    numbers = [f"a{i}" for i in range(pairs)] + [f"a{i}" if one else f"b{i}" for i, one in enumerate(same)]
    at = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.concatenate([np.zeros(pairs), gap * 365.25]), unit="D")
    fields = pd.DataFrame({"phone": numbers, "phone_kind": "mobile"})
    return fields, pd.Series(at), pd.DataFrame({"x": np.arange(pairs), "y": np.arange(pairs) + pairs})


def test_the_rate_of_change_is_found_and_its_interval_holds_it():
    rates = pd.DataFrame([record_quality.change_rate(*changing_numbers(600, 0.1, seed)) for seed in range(30)])

    assert rates["per_year"].mean() == pytest.approx(0.1, abs=0.01)
    assert ((rates["low"] < 0.1) & (rates["high"] > 0.1)).mean() >= 0.85


def people_with_many_records(people, per_year, seed):
    """Make people with two to five records each, whose numbers change, and all pairs of their records."""
    rng = np.random.default_rng(seed)
    numbers, years, pairs = [], [], []
    for who in range(people):
        at = np.sort(rng.uniform(0, 4, rng.choice([2, 3, 5], p=[0.6, 0.25, 0.15])))
        first = len(numbers)
        numbers += [f"{who}-{one}" for one in np.cumsum(np.r_[0, rng.poisson(per_year * np.diff(at))])]
        years += at.tolist()
        pairs += [(one, other) for other in range(first, len(numbers)) for one in range(first, other)]
    at = pd.Timestamp("2020-01-01") + pd.to_timedelta(np.array(years) * 365.25, unit="D")
    fields = pd.DataFrame({"phone": numbers, "phone_kind": "mobile"})
    return fields, pd.Series(at), pd.DataFrame(pairs, columns=["x", "y"])


def test_the_interval_of_the_rate_counts_people_and_not_their_pairs():
    rates = pd.DataFrame([record_quality.change_rate(*people_with_many_records(300, 0.1, seed)) for seed in range(60)])

    assert (rates["people"] == 300).all() and (rates["pairs"] > 600).all()
    assert ((rates["low"] < 0.1) & (rates["high"] > 0.1)).mean() >= 0.9
    assert rates["reach"].between(2, 4).all()


def test_pairs_found_by_the_number_itself_say_that_nobody_ever_changes():
    fields, at, pairs = changing_numbers(600, 0.1, 1)
    by_number = pairs[(fields["phone"].to_numpy()[pairs["x"]] == fields["phone"].to_numpy()[pairs["y"]])]

    assert record_quality.change_rate(fields, at, by_number)["per_year"] < 0.01


def test_the_rate_of_changes_does_not_hang_on_the_order_of_the_pairs():
    fields, at, pairs = changing_numbers(600, 0.1, 3)

    rate = record_quality.change_rate(fields, at, pairs)["per_year"]

    for seed in range(5):
        turned = record_quality.change_rate(fields, at, pairs.sample(frac=1.0, random_state=seed))["per_year"]
        assert turned == pytest.approx(rate, rel=1e-10)


def test_a_rate_needs_pairs():
    with pytest.raises(FitFailed, match="10 pairs with two mobile numbers, a fit needs 30"):
        record_quality.change_rate(*changing_numbers(10, 0.1, 1))


def test_the_campaign_asks_where_the_expected_loss_exceeds_the_cost():
    years = pd.Series({"till1": 5.0, "app1": 0.1, "web1": 5.0})
    person = pd.Series({"till1": "till1", "app1": "till1", "web1": "web1"})

    campaign = record_quality.update_campaign(years, person, 0.1, message=2.0, loss=15.0)

    assert campaign["ask"].to_dict() == {"till1": False, "web1": True}  # her other record is fresh


@pytest.mark.parametrize(("answering", "asked"), [(1.0, 1), (0.3, 0)])
def test_who_does_not_answer_is_not_worth_the_message(answering, asked):
    years = pd.Series({"till1": 5.0})

    campaign = record_quality.update_campaign(years, pd.Series({"till1": "till1"}), 0.1, 2.0, 15.0, answering)

    assert campaign["ask"].sum() == asked


def test_a_campaign_in_words_says_for_how_long_they_were_silent_or_that_nobody_is_asked():
    years = pd.Series({f"till{number}": 4.0 + number for number in range(5)})
    person = pd.Series(years.index, years.index)
    asked, nobody = (record_quality.update_campaign(years, person, 0.1, cost, 15.0) for cost in (2.0, 50.0))

    assert record_quality.campaign_in_words(asked) == (
        "They confirmed nothing for 4.0 years or more.\nAbout 2 of them have a new number."
    )
    assert "too few" in record_quality.campaign_in_words(asked.head(4))
    assert record_quality.campaign_in_words(nobody) == "Nobody is worth asking at this price."


def test_the_share_of_old_numbers_by_the_years_in_silence():
    years = pd.Series({"a": 0.2, "b": 0.9, "c": 7.0, "d": 1.5, "e": 0.3})
    numbers = pd.DataFrame({"record_id": list("abcde"), "phone": ["current", "old", "old", "slip", "current"]})

    found = record_quality.share_old(years, numbers)

    assert found[["years", "people"]].to_numpy().tolist() == [[0.5, 3], [4.5, 1]]
    assert found["share"].tolist() == pytest.approx([1 / 3, 1.0])
    assert record_quality.share_old(years, None).empty


def test_a_field_that_says_nothing_is_worth_nothing():
    rng = np.random.default_rng(3)
    same = rng.random(500) < 0.5
    compared = pd.DataFrame("missing", range(500), list(linkage.POINTS)).assign(rarity=0.0)
    compared["email"] = np.where(same, "same", "differs")

    worth = record_quality.field_worth(compared, pd.DataFrame({"same": same}), 300, 60, draws=20)

    assert worth.index[0] == "email" and worth["worth"].iloc[0] > 1000
    assert (worth["worth"].iloc[1:] == 0).all()
    assert set(worth.index) == {"phone", "email", "birthday", "name", "address"}


def test_two_questions_left_out_at_once_cost_more_or_less_than_each_alone():
    rng = np.random.default_rng(3)
    same = rng.random(500) < 0.5
    compared = pd.DataFrame("missing", range(500), list(linkage.POINTS)).assign(rarity=0.0)
    compared["email"] = compared["birthday"] = np.where(same, "same", "differs")
    questions = {"email": ("email",), "birthday": ("birthday",), "both": ("email", "birthday")}

    worth = record_quality.field_worth(compared, pd.DataFrame({"same": same}), 300, 60, questions, draws=20)["worth"]

    assert worth["email"] == worth["birthday"] == 0 < worth["both"]


# Retention ----------------------------------------------------------------------------------------


NOTHING = pd.DataFrame({"record_id": ["app1"], "day": pd.to_datetime(["2025-12-01"])}).iloc[:0]


def test_a_record_is_kept_while_its_person_is_heard_of_by_another():
    events = pd.DataFrame({"record_id": ["app1"], "day": pd.to_datetime(["2025-12-01"])})
    by_person = deletion.last_activity(TWO_FORMS, ONE, events)
    by_record = deletion.last_activity(TWO_FORMS, APART, events)

    assert deletion.retention_log(by_person, TODAY, 12, pd.Index([]))["reason"].tolist() == ["in use", "in use"]
    assert deletion.retention_log(by_record, TODAY, 12, pd.Index([]))["reason"].tolist() == ["outdated", "in use"]


@pytest.mark.parametrize(("today", "reason"), [("2025-06-01", "in use"), ("2025-06-02", "outdated")])
def test_the_rule_begins_on_the_day_after(today, reason):
    activity = deletion.last_activity(TWO_FORMS, ONE, NOTHING)

    log = deletion.retention_log(activity, pd.Timestamp(today), 12, pd.Index([]))

    assert set(log["reason"]) == {reason}
    assert set(log["due_on"]) == {pd.Timestamp("2025-06-02")}
    assert log["deleted_on"].notna().all() == (reason == "outdated")


def test_an_open_invoice_keeps_all_records_of_its_person():
    invoices = pd.DataFrame({"customer_id": ["ann", "bo"], "paid_at": utc(None, "2022-02-01")})
    held = deletion.in_debt(invoices, LINKS.iloc[:1])
    activity = deletion.last_activity(TWO_FORMS, ONE, NOTHING)

    assert held.tolist() == ["till1"]
    assert set(deletion.retention_log(activity, TODAY, 12, held)["reason"]) == {"open invoice"}


def test_the_log_in_words_and_by_the_year_of_what_fell_due():
    due = pd.to_datetime(["2024-05-01", "2025-05-01", "2025-06-01", "2026-01-01"])
    log = pd.DataFrame({"due_on": due, "reason": ["outdated", "outdated", "outdated", "in use"]}, index=list("abcd"))

    assert deletion.lines_due(log)["lines of the log"].to_dict() == {2024: 1, 2025: 2}
    assert deletion.log_in_words(log) == "A line of the log holds: record, due_on, reason."
    assert deletion.log_in_words(log.iloc[3:]) == "Nothing is outdated: the log gets no line today."
    assert deletion.lines_due(log.iloc[3:]).empty


def test_reasons_are_counted_by_channel():
    log = pd.DataFrame({"reason": ["outdated", "in use", "in use"]}, index=["a", "b", "c"])

    counts = deletion.reasons(log, pd.Series({"a": "till", "b": "till", "c": "web"}))

    assert counts.loc["till"].to_dict() == {"in use": 1, "outdated": 1}
    assert counts.loc["web"].to_dict() == {"in use": 1, "outdated": 0}


def test_the_log_holds_no_name_or_number():
    activity = deletion.last_activity(TWO_FORMS, ONE, NOTHING)

    assert list(deletion.retention_log(activity, TODAY, 12, pd.Index([]))) == [
        *("last_activity", "due_on", "reason", "deleted_on")
    ]
