"""Words and topics, in two languages."""

import pandas as pd
import pytest

from crm_course.analysis.complaints.topics import notes, telling_words, topics_by_rules, without_names, words
from crm_course.errors import LeftOut, NothingToAnalyse

TEXTS = pd.Series(
    [
        "Lotus Soap leaks, the pump is broken.",
        "Lotus Soap 漏嘢，個泵壞咗。",
        "The parcel came late.",
        "件貨遲咗好多日先到。",
        None,
    ]
)
GROUPS = pd.Series(["defect", "defect", "late", "late", "late"])


def test_common_words_are_left_out_and_chinese_is_read_in_pairs():
    assert words("I was charged TWICE. 過咗兩次數") == ["charged", "twice", "過咗", "咗兩", "兩次", "次數"]


def test_names_are_taken_out_the_longer_first():
    texts = without_names(pd.Series(["lotus soap and Lotus Soap Deluxe", None]), ["Lotus Soap", "Lotus Soap Deluxe"])

    assert texts[0].split() == ["and"] and pd.isna(texts[1])
    assert without_names(TEXTS, []).equals(TEXTS)


def test_the_words_that_tell_a_group_apart_stand_in_it_and_not_elsewhere():
    telling = telling_words(without_names(TEXTS, ["Lotus Soap"]), GROUPS, top=9)

    assert set(telling["group"]) == {"defect", "late"}
    texts = " ".join(TEXTS[:2]).lower()
    assert all(word in texts for word in telling.query("group == 'defect'")["word"])
    assert not {"lotus", "soap"} & set(telling["word"])
    assert (telling["z"] > 0).all()


def test_of_words_in_the_same_texts_one_is_shown_and_rare_ones_are_not():
    telling = telling_words(TEXTS, GROUPS, top=9)

    assert telling.groupby("group").size().max() <= 3
    assert telling_words(TEXTS, GROUPS, fewest=3).empty


def test_each_complaint_has_the_note_of_its_contact():
    book = pd.DataFrame({"contact_id": ["T2", None, "T1", "T2"]})
    contacts = pd.DataFrame({"contact_id": ["T1", "T2"], "text": ["late", None]})

    assert notes(book, contacts).isna().tolist() == [True, True, False, True] and notes(book, contacts)[2] == "late"
    for nothing in (contacts.head(0), contacts.tail(1)):
        with pytest.raises(LeftOut, match="the words of complaints are left out"):
            notes(book, nothing)


def test_no_text_is_named():
    with pytest.raises(NothingToAnalyse, match="none is there to read"):
        telling_words(pd.Series([None, None], dtype="str"), GROUPS.head(2))


def test_the_first_rule_that_fits_names_the_topic():
    rules = {"broken": ["broken", "壞"], "leaks": ["leak", "漏"], "late": ["LATE", "遲"]}

    assert topics_by_rules(TEXTS, rules).tolist()[:4] == ["broken", "broken", "late", "late"]
    assert pd.isna(topics_by_rules(TEXTS, rules)[4])
    assert topics_by_rules(TEXTS, {"a dot": ["leaks. "]}).tolist()[0] == "no rule"  # a part of a word, no pattern


def test_a_latin_rule_is_found_where_a_word_begins_and_a_chinese_one_anywhere():
    texts = pd.Series(["The chocolate plate broke.", "Lately it leaks", "件貨遲咗", "遲late", "LATE"])

    assert topics_by_rules(texts, {"late": ["late", "遲"]}).tolist() == ["no rule", *["late"] * 4]
