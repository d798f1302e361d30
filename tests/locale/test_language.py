import pytest

from crm_course.errors import WrongCall
from crm_course.locale import _, languages, use_language


def test_english_needs_no_catalogue():
    use_language("en")

    assert _("customers") == "customers"
    assert "en" in languages()


def test_a_language_without_a_catalogue_is_refused_with_those_that_exist():
    with pytest.raises(WrongCall, match=r"lang 'xx': there is no catalogue; choose one of en"):
        use_language("xx")
    assert _("customers") == "customers"
