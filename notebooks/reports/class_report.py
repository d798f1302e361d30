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
from crm_course.grading.reports import criteria, group, items, load
from crm_course.locale import use_language
from crm_course.plots.reports import mark_plots as plots
from crm_course.plots.style import set_style

# %%
use_language(lang)
set_style()
found = load.read_class(results)
questions = items.question_table(found.results)
trainees = items.trainee_table(found.results)
graded = trainees[trainees["state"] == "graded"]

# %%
group.class_opening(found)

# %%
group.marks_section(plots.plot_marks(graded)) if len(graded) else None

# %%
group.questions_section(plots.plot_states(questions)) if len(graded) else None

# %%
group.question_statistics(found)

# %%
group.usual_mistakes(found)

# %%
marks = criteria.criteria_marks(found.results)
group.criteria_section(plots.plot_criteria(marks, mean=True)) if len(graded) else None

# %%
group.attention(found, names)

# %%
group.all_trainees(found, names)
