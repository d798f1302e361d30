import matplotlib as mpl

mpl.use("agg")

import numpy as np
import pandas as pd
from figures import FigureChecks

from crm_course.curriculum import criteria
from crm_course.plots.reports import answer_plots, mark_plots

RNG = np.random.default_rng(7)


def marks_of(count, of=36.0, waiting=18.0):
    return pd.DataFrame({"got": RNG.uniform(0, of - waiting, count), "to_be_marked": waiting, "of": of})


def criteria_of(codes, got=2.0, lost=1.0, waiting=3.0):
    rows = [{"criterion": code, "name": criteria()[code]} for code in codes]
    return pd.DataFrame(rows, columns=["criterion", "name"]).assign(got=got, lost=lost, to_be_marked=waiting)


def states_of(questions, each=30):
    counts = RNG.multinomial(each, [0.4, 0.1, 0.2, 0.1, 0.1, 0.1], questions)
    table = pd.DataFrame(counts, columns=list(mark_plots.STATE_COLORS))
    return table.assign(
        id=[f"q{i + 1}" for i in range(questions)], title="Would the forecast have held for HK$1 and $2?"
    )


def drawn(**marks):
    x, y = marks.get("x", [0.0, 1.0, 2.0]), marks.get("y", [0.0, 2.0, 1.0])
    kind, labels = marks.get("mark", "line"), marks.get("label", "")
    table = pd.DataFrame({"series": 0, "mark": kind, "label": labels, "x": x, "y": y, "z": marks.get("z", 1.0)})
    table.attrs = {"lying": marks.get("lying", False), "dates": marks.get("dates", [])}
    return lambda ax: answer_plots.plot_redrawn(
        table, "customers (share)", "net sales (HK$)", "What came of it, in HK$", ax
    )


NAMES = ["Central and Western", "Sham Shui Po", "沙田"]
FIGURES = {
    "criteria of a trainee": lambda ax: mark_plots.plot_criteria(criteria_of(["2.2a", "3.1", "A3"]), ax=ax),
    "one criterion": lambda ax: mark_plots.plot_criteria(criteria_of(["2.3a"]), ax=ax),
    "all criteria of a class": lambda ax: mark_plots.plot_criteria(criteria_of(criteria()), mean=True, ax=ax),
    "nothing lost": lambda ax: mark_plots.plot_criteria(criteria_of(["1.1"], lost=0.0, waiting=0.0), ax=ax),
    "one trainee": lambda ax: mark_plots.plot_marks(marks_of(1), ax),
    "three trainees": lambda ax: mark_plots.plot_marks(marks_of(3), ax),
    "a thousand trainees": lambda ax: mark_plots.plot_marks(marks_of(1000), ax),
    "of a hundred marks": lambda ax: mark_plots.plot_marks(marks_of(30, of=100.0, waiting=0.0), ax),
    "one question": lambda ax: mark_plots.plot_states(states_of(1), ax),
    "ten questions": lambda ax: mark_plots.plot_states(states_of(10, 1000), ax),
    "line": drawn(),
    "points": drawn(mark="points"),
    "area": drawn(mark="area"),
    "bars": drawn(mark="bars", x=NAMES),
    "lying bars": drawn(mark="bars", x=NAMES, lying=True),
    "cells": drawn(mark="cells", x=[0.0, 1.0, 0.0], y=NAMES),
    "dates": drawn(x=[20_000.0, 20_100.0, 20_200.0], dates=["x"]),
}


class TestEveryFigure(FigureChecks):
    """Each figure of this subject."""

    numbers = False


def test_the_bars_of_a_criterion_end_where_its_marks_end():
    ax = mark_plots.plot_criteria(criteria_of(["2.2a"]))

    assert [(bar.get_x(), bar.get_width()) for bar in ax.patches] == [(0, 2), (2, 1), (3, 3)]
    assert [text.get_text() for text in ax.texts] == ["2 of 3"]


def test_every_trainee_is_in_the_spread_and_the_highest_mark_as_well():
    marks = pd.DataFrame({"got": [0.0, 18.0, 36.0], "to_be_marked": 0.0, "of": 36.0})

    ax = mark_plots.plot_marks(marks)

    assert sum(bar.get_height() for bar in ax.patches) == 3
    assert ax.get_title(loc="left") == "3 trainees; half of them have 18 marks or more (line)"


def test_the_hardest_question_is_named():
    table = states_of(2).assign(**{"right": [20, 3], "partly right": 0, "wrong": [10, 27], "not answered": 0})
    table = table.assign(**{"to be marked": 0, "marked": 0})

    assert mark_plots.plot_states(table).get_title(loc="left") == "q2 is right least often: 3 of 30"


def test_a_dollar_is_a_dollar():
    ax = FIGURES["line"](None)
    ax.get_figure().canvas.draw()

    assert ax.yaxis.label._preprocess_math(ax.get_ylabel()) == ("net sales (HK$)", False)
