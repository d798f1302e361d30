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
# # A trainee's report
#
# papermill runs this notebook once for each trainee, beside the `result.json` that the grader wrote. Its page shows
# what the cells show, and neither the cells nor a text that is tagged `remove-cell`.

# %% tags=["parameters"]
result: str = "result.json"  # what the grader found about one trainee
lang: str = "en"  # language of the report

# %%
from crm_course.grading.reports import criteria, load, trainee
from crm_course.locale import use_language
from crm_course.plots.reports import mark_plots as plots
from crm_course.plots.style import set_style

# %%
use_language(lang)
set_style()
found = load.read_result(result)

# %%
marks = criteria.criteria_marks(found)
trainee.opening(found, plots.plot_criteria(marks))

# %%
trainee.questions(found)

# %%
trainee.closing(found)
