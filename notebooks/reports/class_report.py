# ---
# jupyter:
#   crm_course:
#     page: report
#   jupytext:
#     notebook_metadata_filter: crm_course
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] tags=["remove-cell"]
# # A class's report
#
# papermill runs this notebook beside the `class.json` that the grader wrote. Its page shows what the cells show, and
# neither the cells nor a text that is tagged `remove-cell`.

# %% tags=["parameters"]
results: str = "class.json"  # what the grader found about a class
names: bool = True  # show names; without them ids alone
lang: str = "en"  # language of the report

# %%
from crm_course.grading import reports
from crm_course.locale import use_language
from crm_course.plots import report as plots
from crm_course.plots.style import set_style

# %%
use_language(lang)
set_style()
found = reports.read_class(results)
questions = reports.question_table(found.results)
trainees = reports.trainee_table(found.results)
graded = trainees[trainees["state"] == "graded"]

# %%
reports.class_opening(found)

# %%
reports.marks_section(plots.plot_marks(graded)) if len(graded) else None

# %%
reports.questions_section(plots.plot_states(questions)) if len(graded) else None

# %%
reports.question_statistics(found)

# %%
reports.usual_mistakes(found)

# %%
marks = reports.criteria_marks(found.results)
reports.criteria_section(plots.plot_criteria(marks, mean=True)) if len(graded) else None

# %%
reports.attention(found, names)

# %%
reports.all_trainees(found, names)
