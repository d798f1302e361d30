"""Rules about every file of the project."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

import pytest
import yaml

MACHINE_PATH = re.compile(r"(?<![\w.])/(?:root|work|home/\w+)/|(?<![\w.])/" + r"tmp/w")
LEFT_OPEN = re.compile(r"\b" + "TO" + r"DO\b")
OF_AN_OUTER_MAKE = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES", "VENV", "PYTHON"}
BINARY = {".otf", ".parquet", ".png", ".whl"}


@pytest.fixture(scope="module")
def texts(house):
    """The text files that git has or would add."""
    if shutil.which("git") is None or not (house / ".git").exists():
        pytest.skip("not a git checkout: only there is it known which files belong to the project")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=house,
        check=True,
        capture_output=True,
        text=True,
    )
    paths = [house / name for name in listed.stdout.split("\0") if name]
    return {path: path.read_text(encoding="utf-8") for path in paths if path.is_file() and path.suffix not in BINARY}


@pytest.mark.parametrize("pattern", [MACHINE_PATH, LEFT_OPEN], ids=["path of a machine", "left open"])
def test_no_file_has_a(texts, house, pattern):
    found = [
        f"{path.relative_to(house)}:{number}: {line.strip()[:80]}"
        for path, text in texts.items()
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]

    assert found == []


def test_the_hooks_before_a_commit_are_the_checks_of_make_test(house):
    hooks = yaml.safe_load((house / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    checks = re.search(r"^CHECKS := (.*)$", (house / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)

    assert [repo["repo"] for repo in hooks] == ["local"]
    assert checks is not None
    assert [hook["entry"] for hook in hooks[0]["hooks"]] == [f"make -s {check}" for check in checks[1].split()]


def test_ci_can_be_started(house):
    assert os.access(house / ".ci" / "run", os.X_OK)


def make(house, *arguments: str) -> subprocess.CompletedProcess[str]:
    if shutil.which("make") is None:
        pytest.skip("make is missing: apt install make")
    alone = {name: value for name, value in os.environ.items() if name not in OF_AN_OUTER_MAKE}
    return subprocess.run(["make", *arguments], cwd=house, env=alone, check=False, capture_output=True, text=True)


def test_make_lists_its_commands(house):
    lines = make(house).stdout.splitlines()

    assert [line.split()[1] for line in lines] == [
        *("demo", "quick", "test", "test-long", "proofs", "bench", "lab", "lock", "clean")
    ]


@pytest.mark.parametrize(
    ("python", "message"),
    [
        ("exit 127", "is missing: install Python 3.11 to 3.13"),
        ('case "$*" in --version) echo Python 3.9.2;; *version_info*) exit 1;; esac', "Python 3.9.2 does not do"),
        ('case "$*" in *ensurepip*) exit 1;; esac', "apt install python3-venv"),
    ],
)
def test_a_python_that_does_not_do_is_told_in_one_line(house, tmp_path, python, message):
    there = tmp_path / "python"
    there.write_text(f"#!/bin/sh\n{python}\n")
    there.chmod(0o755)
    name = str(tmp_path / "nowhere") if "127" in python else str(there)

    done = make(house, "demo", f"VENV={tmp_path / 'venv'}", f"PYTHON={name}")

    assert done.returncode != 0
    assert len(done.stdout.splitlines()) == 1
    assert message in done.stdout
