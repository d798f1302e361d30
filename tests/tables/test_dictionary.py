from __future__ import annotations

import pytest

from crm_course import resources
from crm_course.tables.dictionary import dictionary
from crm_course.tables.schemas import SCHEMAS
from crm_course.tables.storage.table_files import columns_of

NO_UNIT = {"id", "text", "words", "flag"}


def test_the_page_is_what_the_schemas_say():
    page = (resources.datasets() / "README.md").read_text(encoding="utf-8")

    assert page == dictionary(), "run: python -m crm_course.tables.dictionary > datasets/README.md"


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_table_and_column_says_what_it_means(name):
    assert SCHEMAS[name].__doc__
    assert SCHEMAS[name].to_schema().unique
    for spec in columns_of(name).values():
        assert spec.description, spec.name
        assert spec.metadata["unit"] or spec.metadata["kind"] in NO_UNIT, spec.name


def test_every_link_leads_to_a_key():
    for name in SCHEMAS:
        for spec in columns_of(name).values():
            if "references" in spec.metadata:
                table, key = spec.metadata["references"].split(".")
                assert SCHEMAS[table].to_schema().unique == [key]
