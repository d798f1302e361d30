import json
import sys

import pytest

CHAPTER = """
# %% [markdown]
# # 1 · 樣本 A sample
#
# From HK$300 to HK$500, or $3 and $4; a chance $p_i$ is between 0 and 1.

# %% tags=["parameters"]
data: str = "../datasets/demo"  # store folder
draws: int = 200  # bootstrap samples
rate: float = 0.1  # a year
loud: bool = False  # print more
as_of: str = ""  # last day that counts
fit_fails: bool = False  # raise a course error in the fit
stops: bool = False  # raise another error

# %% [markdown]
# ## Opening

# %%
import pandas as pd

from crm_course import open_store, report
from crm_course.errors import FitFailed

store = open_store(data)
figures = {"draws": draws}
store.table("records", optional="the forms")

# %%
invoices = store.table("invoices", for_="credit behaviour")

# %%
print("never:", len(invoices))

# %% [markdown]
# ## Fitting <b>fast</b>

# %%
if fit_fails:
    raise FitFailed("no convergence on <3> customers; take a longer history")
fit = {"alpha": 4.4}

# %%
figures["alpha"] = fit["alpha"]

# %%
doubled = fit["alpha"] * 2

# %%
print("doubled:", doubled)

# %% [markdown]
# ## Drawing

# %%
pd.DataFrame({"shop": ["深水埗", "Central"], "sales": [1.5, 2.5]})

# %%
import matplotlib.pyplot as plt

fig, ax = plt.subplots(figsize=(3, 2))
ax.plot([1, 2])
ax

# %%
if stops:
    1 / 0

# %%
report(**figures)
"""
STORE = {
    "name": "Test shop",
    "currency": "HKD",
    "time_zone": "Asia/Hong_Kong",
    "as_of": "2025-12-31",
    "source": "a test",
}


def make_course(folder):
    """A chapter and the store it is built on, laid out as in the project."""
    demo, notebooks = folder / "datasets" / "demo", folder / "notebooks"
    demo.mkdir(parents=True)
    notebooks.mkdir()
    (demo / "store.json").write_text(json.dumps({"schema_version": 1, **STORE}), encoding="utf-8")
    (notebooks / "01_sample.py").write_text(CHAPTER.lstrip(), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def course(tmp_path_factory):
    return make_course(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="session")
def sample(course):
    """One run of everything: the chapter as it should be, with its page."""
    from crm_course.running.run import run_chapter

    chapter, demo = str(course / "notebooks" / "01_sample.py"), course / "datasets" / "demo"
    return run_chapter(chapter, demo, {"draws": "300"}, output=course / "out" / "whole.ipynb", html=True)


@pytest.fixture
def command(capsys, monkeypatch):
    """Call ``crm-course`` in this process: exit code, what it printed, what it complained of."""
    from crm_course import cli

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["crm-course", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capsys.readouterr()
        return ended.value.code, printed.out, printed.err

    return call
