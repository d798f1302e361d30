# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Exercise 5 · Complaint hot-spots
#
# - **Criteria**: 2.2c, 2.3b, 3.1, 3.2; outcomes A1, A3
# - **Time**: about two hours, after chapter 5
# - **You need**: this folder, with the data in `store`
#
# Mei's cousin Kit runs a beauty chain of his own. Every Monday his buyer gets a list of the products with the most
# complaints. Kit wants a better list. The folder `store` holds *your* copy of his records. Nobody else has the same
# one, so no two of you have the same answers. You may use everything that the course brings.
#
# Put your answer in the place of `...`, as it comes out: do not round. After each cell you see whether its *form* is
# right; whether it is *correct* you learn from your report. Days are the shop's own days, and "today" is the last day
# of the data. Everywhere the window is 60 days and the limit 1.5 times the category's rate, as in the chapter.

# %%
import matplotlib.pyplot as plt

from crm_course import answer, open_store, written
from crm_course.analysis.complaints import complainers, control_charts, exposures
from crm_course.analysis.statistics import shrinkage

store = open_store("./store")
today = store.today
orders = store.table("orders")
lines = store.table("order_lines")
products = store.table("products")
complaints = store.table("complaints")
print(f"{store.name}: {len(complaints):,} complaints; today is {today:%d %B %Y}")

# %% [markdown]
# ## q1 How many is many?
#
# "We had hundreds of complaints about our goods," says Kit. About how many goods?
#
# Count the complaints about **defects** that were made for the first time, within 60 days of the day on which the unit
# was handed over, about **mature** units: those that had been with the customer for 60 days by today. How many are
# there **per 1,000 mature units**, over all products? Days count from the hand-over, and day 60 still counts; the
# functions of section 1 of the chapter do it so.

# %%
### BEGIN SOLUTION
known = exposures.known_complaints(complaints)
units = exposures.sold_units(orders, lines)
goods = exposures.product_complaints(known, units, today)
table = exposures.product_rates(goods, units, products, today)
table = table[table["exposure"] > 0]
q1 = 1_000 * table["events"].sum() / table["exposure"].sum()
### END SOLUTION
answer("q1", q1, unit="per 1,000 units")

# %% [markdown]
# ## q2 Every product in one row
#
# Make a table with one row per product that has mature units: `product_id`, `complaints` (that count, as in q1: the
# chapter's `events`), `units` (mature ones: its `exposure`) and `rate` (complaints per 1,000 mature units).

# %%
### BEGIN SOLUTION
q2 = table.assign(rate=1_000 * table["events"] / table["exposure"])
q2 = q2.rename(columns={"events": "complaints", "exposure": "units"})
q2 = q2[["complaints", "units", "rate"]].reset_index()
### END SOLUTION
answer("q2", q2)

# %% [markdown]
# ## q3 Month by month
#
# Draw the rate of q1 for each month in which units were handed over, as a line: only months of which *all* units are
# mature today. The months go from left to right, complaints **per 1,000 units** upwards. Label both axes, and let the
# title tell what one sees. Draw this one line and no limits. `q3` is the figure or its axes.

# %%
### BEGIN SOLUTION
months = control_charts.monthly_rates(goods, units, today)
chart = control_charts.u_chart(months)
figure, q3 = plt.subplots()
q3.plot(chart.index, chart["rate"])
q3.set(xlabel="month in which the units were handed over", ylabel="complaints (per 1,000 units)")
q3.set_title(f"Between {chart['rate'].min():.0f} and {chart['rate'].max():.0f} complaints per 1,000 units a month")
### END SOLUTION
answer("q3", q3)

# %% [markdown]
# ## q4 Believe it or not
#
# One product has the highest rate in your q2. Which rate do you *believe*? Shrink the rates towards those of the
# products' categories (收縮估計), with a model fitted to all products of q2, as in section 4 of the chapter. Give the
# shrunken rate of that one product, **per 1,000 units**.

# %%
### BEGIN SOLUTION
model = shrinkage.fit_shrinkage(table)
shrunken = model.rates(table, limit=1.5)
q4 = shrunken.loc[shrunken["rate"].idxmax(), "shrunken"]
### END SOLUTION
answer("q4", q4, unit="per 1,000 units")

# %% [markdown]
# ## q5 Monday's list
#
# The buyer stops the next order of every product on the list. So a name may stand there only if the true rate is above
# 1.5 times its category's with a probability of **at least .9** (the model's `p_above`; no q-value). Give the
# `product_id` of these products as a list. If there is none, the list is empty: `[]`.

# %%
### BEGIN SOLUTION
q5 = list(shrunken.index[shrunken["p_above"] >= 0.9])
### END SOLUTION
answer("q5", q5)

# %% [markdown]
# ## q6 Five to be examined
#
# Kit pays a laboratory for the examination of **five** products. He wants as many as possible of them to be above
# 1.5 times their category's rate. Give their `product_id` as a list. Add up the `p_above` of your five: your mark falls
# as far as this sum stays below that of the best five.

# %%
### BEGIN SOLUTION
q6 = list(shrunken["p_above"].nlargest(5).index)
### END SOLUTION
answer("q6", q6)

# %% [markdown]
# ## q7 Always the same people?
#
# "It is always the same people who complain," says the desk. "Half of all complaints come from them." But who orders
# often meets more trouble, too.
#
# Take *all* complaints of customers who ever ordered, about goods and services; one that was made again of the same
# trouble counts once. Suppose that complaints fell on orders by chance: then a customer's number of complaints would be
# Poisson, with a mean in proportion to her orders. Which **share** of the complaints (from 0 to 1) would then come from
# customers with **two complaints or more**? (And which share really does? You will want both in q10.)

# %%
### BEGIN SOLUTION
people = complainers.complainers(known, orders)
troubles = people[["troubles", "troubles_by_chance"]]
shares = troubles.loc[["2", "3+"]].sum() / troubles.sum()
q7 = shares["troubles_by_chance"]
print(shares)
### END SOLUTION
answer("q7", q7, unit="share")

# %% [markdown]
# ## q8 Does the old list work?
#
# The buyer's old list is sorted by count: by `complaints` of your q2, and where two have as many, the one with fewer
# units first. "Stop the first one," says the buyer. Is its rate truly above 1.5 times its category's? Your verdict on
# this first name is
#
# - `works`: its `p_above` is .9 or more;
# - `does not`: its `p_above` is .25 or less;
# - `cannot tell`: it lies between.

# %%
### BEGIN SOLUTION
first = table.sort_values(["events", "exposure"], ascending=[False, True]).index[0]
sure = shrunken.loc[first, "p_above"]
q8 = "works" if sure >= 0.9 else "does not" if sure <= 0.25 else "cannot tell"
print(f"{table.loc[first, 'name']}: {sure:.3f}")
### END SOLUTION
answer("q8", q8)

# %% [markdown]
# ## q9 Explain the verdict
#
# Tell the buyer in 30 to 150 words what your verdict of q8 says and does not say about the first name of the old list:
# give the probability, the shrunken rate with its 90 % interval, and its category's rate. Say why a list by count and
# a list by raw rate each go wrong in their own way, and what shrinking makes of the two.

# %% [markdown] tags=["solution"]
# I quote the product's complaints and mature units, its category's rate, its shrunken rate with the 90 % interval, and
# the probability that the true rate is above 1.5 times the category's. If that is .9 or more, the product is bad and
# the old list met it; if it is .25 or less, it is on the list because it sells; in between, these data do not decide,
# which is not the same as "it is good". A list by count finds what sells. A list by raw rate finds what is rare: one
# complaint about thirty units looks terrible and may be bad luck. Shrinking weighs both. And complaints are what
# customers *say*: most say nothing, so this is no failure rate.

# %%
written("q9")  # counts your words; save first

# %% [markdown]
# ## q10 Advise the manager
#
# Kit wants to decide today. The buyer says: "Stop the first five of the old list, and tell their suppliers." The desk
# says: "Half of all complaints come from the same few people. Put their names on a list in the staff room, and ask for
# a receipt and a form before anyone may complain. Then the numbers will fall."
#
# Advise Kit in 80 to 300 words:
#
# - which products to stop, which to examine (the laboratory takes the five of q6, even if one is below .5) and which to
#   leave alone, with your own figures and how sure they are;
# - what to answer the desk: is its "half" true, what would chance give (q7), and what does that prove? Should
#   complaining be made harder or easier?
# - what is fair to suppliers, customers and staff;
# - how he will see whether it worked: which figure, how unsure it is, by what date, and what would change his mind.

# %% [markdown] tags=["solution"]
# Stop only the products of q5, and name them with their probabilities; if there is none, stop nothing. Have the five of
# q6 examined, and say how many of them are expected to be bad: the sum of their probabilities. Leave the best-sellers
# of the old list alone where their probability is low: they are there because they sell, and a supplier who is blamed
# without cause will not believe us the next time.
#
# To the desk: about half of the complaints do come from customers with two or more. But chance alone, given their
# orders, would give most of that: who orders much meets more trouble. What is left over may be temper, or more units
# and dearer ones in each order; the table cannot tell. Either way a list of names in the staff room punishes good
# customers, and uses their data for a purpose they never gave them for (Personal Data (Privacy) Ordinance). A form
# before anyone may complain lowers the complaints and not the failures; the silent ones leave. Do the contrary: ask for
# the receipt number, so that complaints can be tied to units, and mend within a day.
#
# Review on 30 June: the rate per 1,000 mature units of the stopped and the examined products, with its interval, beside
# the u' chart of all. If the laboratory finds nothing in four of five, raise the probability asked for; if a stopped
# product's rate falls below its category's, take it back.

# %%
written("q10")
