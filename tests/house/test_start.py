"""What the course leaves out to begin fast is its own affair: who imports it finds everything in place."""

from __future__ import annotations

import subprocess
import sys

import pytest

from crm_course.running.pool import pool

GRAMMAR = "'lark' in sys.modules"  # the parser that the grammar of web addresses is made with


def said(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", f"import sys\n{code}"], capture_output=True, text=True, check=True)
    return done.stdout.strip().splitlines()[-1]


def test_importing_the_course_leaves_no_stand_in_behind():
    rooms = "crm_course, crm_course.tables.store, crm_course.answers.protocol, crm_course.running.sandbox.slot"
    stand_ins = "[name for name, one in sys.modules.items() if getattr(one, '__spec__', None) is None]"
    assert said(f"import {rooms}; print({stand_ins})") == said(f"import nbformat, pandas; print({stand_ins})")


def test_who_imports_panderas_dask_after_the_course_has_the_true_one():
    code = "import crm_course.tables.store, pandera.typing.dask as one; print(one.__spec__.name, one.__file__ is None)"
    assert said(code) == "pandera.typing.dask False"


@pytest.mark.parametrize("program", ["runpy.run_module('crm_course', run_name='__main__')", "main()"])
def test_the_command_begins_without_the_grammar_of_web_addresses(program):
    code = f"""
import runpy
from crm_course.__main__ import main
sys.argv = ["crm-course", "--help"]
try:
    {program}
except SystemExit:
    import jsonschema
    print({GRAMMAR})
"""
    assert said(code) == "False"


@pytest.mark.processes
def test_a_worker_begins_without_it():
    asked = f"[__import__('nbformat'), __import__('sys')] and (lambda sys: {GRAMMAR})(__import__('sys'))"
    with pool(1) as workers:
        assert [one.result for one in workers.run(eval, [(asked,)])] == [False]


def test_the_process_that_runs_are_forked_from_has_no_need_of_it():
    code = "import crm_course.running.sandbox.inside.preload; print('nbformat' in sys.modules)"
    assert said(code) == "False"


def test_a_chapter_begins_without_it():
    assert said("import crm_course.beginning; print('nbformat' in sys.modules)") == "False"
