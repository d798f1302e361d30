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
# # 5 · Complaint hot-spots
#
# - **Criterion 2.2c**: see which products or services draw repeated complaints; 2.3b and 3.1 where they touch it (outcomes A1, A3)
# - **Time**: up to 4 hours; sections marked *deeper* are extra
# - **You need**: percentages and averages, reading a chart, filtering and grouping a table
#
# After this chapter you can
#
# - turn complaints into rates: for so many units sold, parcels sent, purchases, contacts
# - say how sure a rate is, and keep a rare product's bad luck apart from a bad product
# - test whether products differ by more than chance, and rank them by the probability that they are bad
# - watch rates over time without false alarms
# - tell who complains of the same trouble again, and why
# - make the short list that a buyer can act on, with its cost

# %% [markdown]
# ## The manager's question
#
# Every Monday Mei gives her buyer a list: the products with the most complaints. The buyer calls the suppliers.
#
# "The best-seller is on it every week," the buyer says. "It is a good product. Are we shouting at the wrong supplier?"
#
# Which products draw *too many* complaints? Which services? And is a small number of complaints enough to know?
#
# The demo store is made by a simulator. A few truly bad products are hidden in it, some popular and some rare. So at
# the end of a step we can look up the truth. On your own shop's data the same cells run; only the truth is missing.

# %% tags=["parameters"]
data: str = "../datasets/demo"  # store folder
as_of: str = ""  # last day that counts, such as 2025-12-31; empty: the last day of the data
lang: str = "en"  # language of the figures
window_days: int = 60  # days after the delivery in which a complaint counts, 7 to 365
limit: float = 1.5  # a rate above so many times its category's is too high, 1 to 10
sure: float = 0.9  # probability from which a product is listed, 0.5 to 0.999
quick_hours: float = 24.0  # hours in which a complaint should be solved, 1 to 1000
inspection_cost: float = 800.0  # of checking one product, currency, 0 to 1000000
draws: int = 8  # possible shops of each size, 2 to 1000
seed: int = 7  # of the draws, 0 to 4294967295
k: int = 5  # fewest people whose figures are shown, 1 to 1000

# %%
import pandas as pd
from IPython.display import display

from crm_course import begin, note, open_store
from crm_course.tables.small_groups import shown

begin(lang, k)

# %%
from crm_course.analysis.complaints import (
    complainers,
    control_charts,
    exposures,
    priorities,
    topics,
)
from crm_course.analysis.statistics import rates, shrinkage
from crm_course.analysis.statistics.intervals import rank_correlation

# %%
from crm_course.plots.complaints import (
    complainer_plots,
    control_chart_plots,
    hot_spot_plots,
    rate_plots,
)

# %%
store = open_store(data, as_of)
today = store.today
print(f"{store.name}: {store.info.source}; as of {today:%d %B %Y}, in {store.currency}")

# %% [markdown]
# ## 1 · Which complaints count? (core)
#
# A rate (比率) is a fraction: complaints above, chances to complain below. Both halves must belong together.
#
# 1. **Above: the trouble, not the phone calls.** A customer who calls three times about one broken pump has one trouble.
#    A complaint *made again* counts once.
# 2. **Below: units that had time to fail.** A cream sold last week has hardly been opened. We take the units that have been
#    with the customer for `window_days` days (*mature* units), and of them the complaints of those days.
# 3. **The product's own fault.** A wrong parcel names a product, but the packer mixed it up. It belongs to the delivery.
#
# **Before you run the next cells:** of 100 complaints about defects in the book, how many do you think will count?

# %%
book = store.table("complaints", for_="everything but this line")
contacts = store.table("contacts", optional="the day of the call and its words")
products = store.table("products", optional="names and categories of products")

# %%
known = exposures.known_complaints(book)
repeats = known["repeat_of"].notna()
print(f"{len(known):,} complaints, {repeats.mean():.0%} of them made again.")
note(complaints=len(known))
note(again=repeats.mean(), unit="%")

# %%
orders = store.table("orders", for_="every rate: nobody knows what was sold")
lines = store.table("order_lines")
units = exposures.sold_units(orders, lines)
goods = exposures.product_complaints(known, units, today, window_days)
table = exposures.product_rates(goods, units, products, today, window_days)
table = table[table["exposure"] > 0]

# %%
fates = goods["fate"].value_counts().to_frame("complaints about defects")
display(fates.assign(of_100=100 * fates / len(goods)))

# %%
counted, mature = table["events"].sum(), table["exposure"].sum()
rate = 1_000 * counted / mature
print(f"{counted:,} complaints about {mature:,} mature units:")
print(f"{rate:.1f} per 1,000 units. Keep this number in mind.")
naive = 1_000 * len(goods) / orders["order_id"].nunique()
print(f"All defect complaints per 1,000 *orders*: {naive:.1f}. Another question.")
note(counted=counted, units=mature)
note(rate=rate, unit="per 1,000 units")

# %% [markdown]
# **How to read it.** "Counted" is what stays. The rest is not thrown away. Complaints made again come back in section
# 8, and the young units count next month. "Unit not known" are complaints without an order: nobody can say when the
# unit was sold, so they cannot be part of a rate. If that row is long, ask for the receipt number from today on. A row
# "before delivery" would be complaints made before the unit was handed over: a date or an order number is wrong.
#
# **Change one thing:** set `window_days` to 14 and run to here. More mature units, or fewer? More complaints, or fewer?
#
# <details><summary>Answer</summary>
#
# More units are old enough. Fewer complaints count, because many troubles show only after two weeks. The rate falls,
# and nothing in the goods has changed: two rates can be compared only with the same window.
#
# </details>

# %% [markdown]
# ## 2 · By count or by rate? (core)
#
# **Predict:** the product with the most complaints that count: is it also the one with the highest rate?

# %%
hot_spot_plots.plot_counts_and_units(table)

# %% [markdown]
# **How to read it.** Each dot is a product. To the right: sold much. Up: many complaints. On the dashed line a product
# has the shop's mean rate per unit. Far right and high is no crime: it is a best-seller. Suspicious is *far above the
# line*.
#
# Now look at the bottom left. There the rates are wild: one complaint about a product that sold 30 times is 33 per
# 1,000.

# %%
intervals = rates.rate_intervals(table).join(table[["name", "events", "exposure"]])
columns = ["name", "events", "exposure", "rate", "low", "high"]
display(intervals.nlargest(8, "rate")[columns].set_index("name"))

# %% [markdown]
# **How to read it.** `rate` is per 1,000 units; `low` to `high` is a 90 % interval (信賴區間). If the true rate were
# outside, so few or so many complaints would be rare. Rates of rare products have intervals as wide as a barn door, and
# a list sorted by the raw rate puts many of these on top.
#
# ### A mistake that everyone makes once
#
# "Then leave out everything with fewer than 100 units." It sounds careful. But it hides a bad *new* product until many
# customers have met it. Section 4 has a better way.

# %% [markdown]
# ## 3 · Products, prices and services (core)
#
# ### Do categories differ?
#
# Tools have more parts than soap, so they may break more often. It would be unfair to compare a hair dryer with a soap.
# A regression (迴歸) compares many properties at once: it gives the rate of each category and price as a *multiple* of
# the base (the category and the price band that sold most). The price bands are thirds of the products, by list price.
# Units sold enter as *exposure* (曝險量): twice the units, twice the expected complaints.
#
# If each unit fails by itself, with the same small chance, the number of complaints follows the *Poisson* distribution
# (泊松分佈). It varies about as much as it is large: where 9 are expected, 6 or 12 are nothing special.
#
# Poisson regression takes it for granted that products with the same category and price have the *same* true rate. We
# test that. If the counts vary more than chance allows, they are *over-dispersed* (過度離散).
#
# **Predict:** do they?

# %%
regression = rates.rate_regression(table, ["group", "price"])
spread = regression.dispersion
print(f"Counts vary {spread['ratio']:.1f} times as much as chance alone")
print(f"(p = {spread['p_value']:.3f}).")
base = ", ".join(f"{term} {word}" for term, word in regression.bases.items())
rate_plots.plot_rate_ratios(regression.ratios(), base)
note(dispersion=spread["ratio"], dispersion_p=spread["p_value"])

# %% [markdown]
# **How to read it.** A ratio of 2 means: twice the base's rate. The *p-value* (p 值) says how often chance alone would
# give counts that vary so much or more. The orange intervals know chance only. The blue ones (negative binomial, 負二項)
# allow for products that differ.
#
# Each interval misses one time in ten. So of many comparisons some stand out by chance alone: the title says how many.
# One test for all categories together is safer. The next cell makes it, and says which intervals to believe.

# %%
display(regression.tests)
print(regression.advice)
note(**{f"p of {name}": p for name, p in regression.tests["p_value"].items()})

# %% [markdown]
# **How to read it.** `statistic` is how much better all words of a term together explain the counts; `df` is how many
# there are. A small `p_value` says that they differ. A large one does not say that they are alike: perhaps the
# complaints are too few.
#
# If like products differ by more than chance, that is no nuisance. It is the news: *inside* a category some products
# are better and some are worse. Section 4 looks for them.

# %% [markdown]
# ### Services have exposures, too
#
# A late parcel can happen to a delivery, a rude word to a purchase in a shop, a double charge to an online order, a
# wrong answer to a contact. Each service is measured by what it could have happened to.

# %%
services = exposures.service_rates(known, orders, lines, contacts)
services = services.join(rates.rate_intervals(services))
names = [f"{name}\nper 1,000 {unit}" for name, unit in services["unit"].items()]
rate_plots.plot_rate_intervals(services.set_axis(names), "of each")
note(**{f"rate of {name}": one for name, one in services["rate"].items()})

# %% [markdown]
# **How to read it.** Each service has a unit of its own below, so do not rank them: a parcel is not a purchase. What
# can be compared is like with like: one shop with another, of the same service.
#
# ### And the truth? Most customers say nothing
#
# The simulator knows everything that went wrong, said or not. **Predict:** of 100 failures, how many end in a
# complaint?

# %%
failures = store.truth("failures", for_="all that went wrong")
said = failures.groupby("kind", observed=True)["complained"].agg(["sum", "size"])
silent = pd.DataFrame({"complained": said["sum"], "silent": said["size"] - said["sum"]})
left = failures["left_in_silence"].sum()
print(f"Failures after which the customer said nothing and left for good: {left}")
complainer_plots.plot_silence(silent)
note(left_in_silence=left)
note(silent=silent["silent"].sum() / said["size"].sum(), unit="%")

# %% [markdown]
# **How to read it.** Grey are the customers who said nothing. A complaint rate is therefore *not* a failure rate. It
# also depends on how easily people complain, and the shares beside the bars show that this differs from one kind of
# trouble to the next. So a shop that makes complaining hard has a low rate, and nothing to be proud of. Fewer
# complaints is not the goal. Fewer *failures* is.
#
# ### Which shop? (deeper)
#
# "Then rank the shops by complaints about staff." Look first how many complaints each shop would be judged by:

# %%
shops = exposures.service_rates(known, orders, lines, contacts, by_store=True)
staff = shops.query("category == 'staff'").assign(group="staff")
print(f"{len(staff)} shops, {staff['events'].sum()} complaints about staff")
print(priorities.surest_shop(staff, limit))

# %% [markdown]
# **What to do with it.** If that probability is far from 1, or there is none, nobody can say which shop is worst.
# Perhaps one is. A league table would be a lottery with the names of colleagues on it. Do not hang it up in the staff
# room.

# %% [markdown]
# ## 4 · Rare products: how far to believe a rate (core)
#
# A soap has one complaint in 20 units: 50 per 1,000. Its category has 8 per 1,000. What would you bet on, for the next
# 1,000?
#
# Not on 50: one complaint can be bad luck. Not on 8: it is a *little* suspicious. The best bet lies between, and the
# more units were sold, the nearer to the product's own rate. This is called shrinkage (收縮估計), or empirical Bayes
# (經驗貝氏).
#
# How hard to pull? The products themselves tell. If their rates differ much (beyond chance), a high rate is probably
# real. If they hardly differ, it is probably luck.
#
# **Predict:** the highest raw rate in the shop: to how much of itself will it shrink?

# %%
model = shrinkage.fit_shrinkage(table)
shrunken = model.rates(table, limit)
low, high = model.spread_interval()
print("True rates within a category spread by about")
print(f"{model.mean_spread:.0%} of the mean (90 %: {low:.0%} to {high:.0%}).")
best = table["exposure"].nlargest(2).index
hot_spot_plots.plot_shrinkage(shrunken, table["name"], best_sellers=best)
note(spread=model.mean_spread, unit="%")

# %% [markdown]
# **How to read it.** Orange is what the book says, blue what we believe, with its interval; the black tick is the
# category. Products that sold little are pulled far. A product that sold much keeps more of its own rate: compare the
# two best-sellers.
#
# *Deeper.* Textbook software takes the *one* spread that fits best, and the category's rate, and then forgets that both
# were guesses. With few complaints the best guess of the spread can be 0: everything is shrunk to the category, with
# intervals far too narrow. Here all spreads are weighed by how well they fit, and the category's rate may be somewhat
# off.
#
# ### And the truth?
#
# The simulator knows each product's true rate (for a unit bought alone, at list price).

# %%
truth = store.truth("products", for_="the true rate of each product")
true = 1_000 * truth.set_index("product_id")["complaints_60d"].reindex(table.index)

# %%
held = ((shrunken["low"] <= true) & (true <= shrunken["high"])).mean()
off = shrunken[["rate", "group_rate", "shrunken"]].sub(true, axis=0).abs().mean()
print(f"Mean error per 1,000: raw rate {off['rate']:.1f}, category's rate for all")
print(f"{off['group_rate']:.1f}, shrunken rate {off['shrunken']:.1f}.")
print(f"The 90 % intervals hold the truth for {held:.0%} of the products.")
note(error_raw=off["rate"], error_category=off["group_rate"])
note(error_shrunken=off["shrunken"])
note(coverage=held, unit="%")

# %% [markdown]
# **How to read it.** Shrinkage is wrong for single products, sometimes much. Where units are few it is nearer on
# average, and that is all it promises; where they are very many, both agree. The middle number is its rival: believe no
# product, only its category. What shrinking gains beyond that, the products' own complaints have brought.
#
# The truth goes with `window_days` = 60. It is a little low for goods that are bought by the half-dozen (more is at
# stake, so more complain), and in a very large shop even that shows.
#
# **Change one thing:** set `as_of` two years back and run to here. What happens to the blue intervals, and why?
#
# <details><summary>Answer</summary>
#
# They are pulled harder and are wider in relation to the rate: fewer units, less knowledge. Nothing is wrong with that.
# An interval that did not widen would be.
#
# </details>

# %% [markdown]
# ## 5 · Who finds the bad ones? (core)
#
# Call a product *truly bad* when its true rate is above `limit` times its category's. Four lists, each ten long:
#
# | list | sorted by |
# |---|---|
# | count | complaints that count |
# | rate | complaints per unit |
# | shrunken rate | shrunken rate, as a multiple of the category's |
# | probability | the chance that the true rate is above the limit |
#
# **Predict:** which list has the most truly bad products?

# %%
scores = priorities.rankings(table, shrunken)
bad = priorities.truly_bad(table, truth, limit)
found = priorities.found_in_first(scores, bad, 10)
hot_spot_plots.plot_found(found, bad.sum(), 10)
note(**{f"found by {name}": number for name, number in found.items()})

# %%
planted = truth.set_index("product_id")["planted"].reindex(table.index)
both = {
    "truly bad": found,
    "planted": priorities.found_in_first(scores, planted, 10),
}
display(pd.DataFrame(both).rename_axis("first ten by"))
print(f"Truly bad: {bad.sum()} of {len(bad)};")
print(f"planted on purpose, of these: {(bad & planted).sum()}.")

# %% [markdown]
# **How to read it.** *Planted* are products that the simulator was told to make bad. All other bad ones are bad by the
# ordinary spread of products.
#
# One shop is one throw of the dice: do not choose a method by it. So we play many shops. In each the products differ as
# much as they seem to differ here. Each is played in four sizes.
#
# **Predict:** with 16 times the sales, will the list by *count* find more bad products?

# %%
sizes = priorities.larger_shops(table, model, draws=draws, seed=seed, limit=limit)
hot_spot_plots.plot_larger_shops(sizes)
note(played_count=sizes["count"].iloc[-1], unit="%")
note(played_probability=sizes["probability"].iloc[-1], unit="%")
note(played_coverage=sizes["coverage"].mean(), unit="%")

# %% [markdown]
# **How to read it.** More data help those who ask the right question. Which list gains least? A list by count finds
# what *sells*, and that does not change with the size. A list by raw rate gets better as rare products become less
# rare.
#
# The same shops show how far off the rates are (mean error, per 1,000 units), and how many 90 % intervals hold:

# %%
display(sizes.filter(regex="error of|coverage$"))
holds = sizes["coverage"]
print(f"Of the 90 % intervals {holds.min():.0%} to {holds.max():.0%} hold,")
unsure = 1.645 * sizes["coverage_error"].max()
print(f"give or take {unsure:.0%}, since only {draws} shops of each size were played.")

# %% [markdown]
# **What to watch.** A model says how sure it is, and can be wrong in that, too. If the intervals hold less often than
# 90 %, the likely cause is this: so few complaints hardly tell how much products differ.

# %% [markdown]
# ## 6 · How sure is sure enough? (core)
#
# Many products are many questions. Suppose that all are innocent: each at its category's rate. Test each, and call
# everything with "p below .05" a hot-spot. Then up to one in twenty is called, by chance alone. That is the trap of
# many tests. (Often there are fewer, because complaints come in whole numbers. And fewer still if the test asks for a
# rate above `limit` times the category's.)

# %%
for times in dict.fromkeys([1.0, limit]):
    tests = shrinkage.above_limit(table, times)
    called, vain = (tests["p_value"] < 0.05).sum(), tests["by_chance"].sum()
    print(f"Above {times:g} times the category's rate? p below .05: {called};")
    print(f"  if all {len(tests)} were innocent, chance would call {vain:.1f}.")
note(**{"p below .05": called, "called by chance": vain})

# %% [markdown]
# Two ways out. *False discovery control* (錯誤發現率): the q-value. A list of all products with q up to .1 has, in the long
# run, at most a tenth of innocent ones. Or ask the model for the probability directly: `p_above`. The two may disagree:
# the q-value takes each product by itself and is severe where complaints are few; the model also uses what all products
# have taught it. Settle which one decides before you look.
#
# **Predict:** how many products will be above the limit with a probability of `sure` or more?

# %%
by_q, listed = (tests["q_value"] <= 0.1).sum(), (shrunken["p_above"] >= sure).sum()
print(f"Above {limit:g} times the category: q up to .1: {by_q};")
print(f"probability of {sure:.0%} or more: {listed}")
truly = priorities.truly_bad(table, store.truth("products"), limit)
hot_spot_plots.plot_probabilities(shrunken, table["name"], sure, truly)
note(**{"q up to .1": by_q, "listed": listed})

# %% [markdown]
# **How to read it.** A bar of .7 says: of ten products like this, seven are really above the limit. An empty list is a
# result, too. It says: *with so few complaints nobody can be sure*, and not: all is well.
#
# If you must look at some products anyway, take them from the top. You can even say how many of your calls will be in
# vain:

# %%
first_five = shrunken["p_above"].nlargest(5)
vain = (1 - first_five).sum()
print(f"Calls in vain that are expected of the first {len(first_five)}: {vain:.1f}")

# %%
print(f"Calls in vain in truth: {(~bad[first_five.index]).sum()}")

# %% [markdown]
# **Change one thing:** set `sure` to 0.5. How many products are listed now, and how many of them would you have to
# apologise for?
#
# <details><summary>Answer</summary>
#
# The list cannot be shorter than before. Each name on it is more likely bad than not, and that is all. Add up 1 −
# `p_above` of the listed: so many apologies are to be expected. It can be up to half of the list.
#
# </details>

# %% [markdown]
# ## 7 · Is it getting worse? (core)
#
# ### The same mistake again, in time
#
# Count the complaints of each month:

# %%
months = control_charts.monthly_rates(goods, units, today, window_days)
control_chart_plots.plot_counts_chart(control_charts.counts_chart(months))

# %% [markdown]
# The band is where a month lies by chance if all months sold alike. A ring marks a month outside.
#
# "It is getting worse," says the head of service. Is it? **Predict** what the same months look like per 1,000 units.

# %%
chart = control_charts.u_chart(months)
sigma_z = chart["sigma_z"].iloc[0]
control_chart_plots.plot_control_chart(chart)
note(months_out=chart["out"].sum(), sigma_z=sigma_z)

# %% [markdown]
# **How to read it.** This is a control chart (管制圖). The line in the middle is the mean rate. Between the limits a month
# is *ordinary*, even if it looks high. Limits are narrow in months that sold much and wide in the others.
#
# Has a month a ring in the chart of counts and none here? Then look whether it simply sold more than others, or less.
# If so, the ring was a false alarm.
#
# The dashed limits know only chance. The shaded ones (Laney's u′ chart) also know how much ordinary months *really*
# differ: weather, staff, mix of goods. `sigma_z` tells by how much. Above 1, the shaded limits are wider: the more a
# shop sells, the less chance matters, and the sooner dashed limits alone would cry wolf. Below 1 is chance, too: then
# the dashed limits count, and the shaded ones are the same.
#
# The halves in the title are two numbers. A *trend* (趨勢) uses all months, and says how sure it is:

# %%
growth = control_charts.trend(chart)
print(f"sigma_z: {sigma_z:.2f}. In a year the rate is multiplied by")
print(f"{growth['ratio']:.2f} (90 %: {growth['low']:.2f} to {growth['high']:.2f}).")
print(control_charts.direction(growth))
note(**{f"trend, {name}": value for name, value in growth.items()})

# %% [markdown]
# An alarm is only worth having if it comes in time. How soon would this chart see a sudden change?

# %%
alarm = control_charts.detection(chart)
display(alarm[["periods"]].assign(chance_in_percent=100 * alarm["chance"]))
falsely = 1 - (1 - alarm.loc[1.0, "chance"]) ** len(chart)
print(f"Of {len(chart)} months in order one or more lie outside,")
print(f"with a chance of {falsely:.0%}.")
note(months_to_double=alarm.loc[2.0, "periods"], unit="months")
note(false_alarm=falsely, unit="%")

# %% [markdown]
# **How to read it.** `periods` are the months until one lies outside, on average; the other column is the chance in
# each month. Row 1.00 is a false alarm, above the limits or below: so seldom does the chart cry wolf. But many months
# are many chances: the line below the table adds them up. Row 2.00: if the rate doubled, the chart would see it after
# so many months, on average. And every month waits another `window_days` days, until its units are mature. Is that soon
# enough? If not, watch severe complaints one by one; a chart is no smoke detector.

# %% [markdown]
# ## 8 · Who complains again? (core)
#
# Two different things are both called "repeated complaints":
#
# - **another trouble** of the same customer;
# - **the same trouble again**, because nobody mended it.
#
# ### Another trouble
#
# "It is always the same people," says the desk. Perhaps. But who orders thirty times meets more trouble than who
# ordered once.
#
# **Predict:** those who complained of three troubles or more, which share of all troubles do they hold? And which share
# would chance give them?

# %%
people = complainers.complainers(known, orders, seed)
display(people)
complainer_plots.plot_complainers(people)

# %%
several, seen = ["2", "3+"], shown(people)
note(twice_or_more=seen.loc[several, "people"].sum(skipna=False))
note(twice_by_chance=people.loc[several, "by_chance"].sum())
note(troubles=people["troubles"].sum())
share = seen.loc["3+", "troubles"] / people["troubles"].sum()
note(**{"share_of_3+": share}, unit="%")

# %% [markdown]
# **How to read it.** `by_chance` and `troubles_by_chance`: how many customers and troubles there would be if complaints
# simply fell on orders; in nine of ten shops like that, the troubles lie between `low` and `high`. Look at the last
# group: it is open at the top, so a few customers with very many troubles show in its troubles, and hardly in its
# customers.
#
# If a dark bar ends within the thin line on the bar beside it, orders are enough to explain it: good customers buy
# often, and meet more trouble (see `orders_each`). That does not prove that all complain alike. If it ends above,
# orders are not all. Two readings remain:
#
# - *temper*: some people speak up more easily;
# - *more chances per order*: they buy more units, or dearer ones, or have more delivered.
#
# The table cannot tell them apart. And it has a limit: unhappy customers leave. So the orders after a complaint are
# themselves a result of it.
#
# (Groups of fewer than `k` people are left out, so that nobody can be recognised; criterion 3.1. Counts of a product's
# complaints are not figures of people: no name, spending or habit stands beside them.)

# %%
real = failures.groupby("customer_id").size()
first = known[known["repeat_of"].isna()]["customer_id"].value_counts()
without = (first > real.reindex(first.index).fillna(0)).sum()
print(f"Customers who complained more often than something went wrong: {without}")
note(without_cause=without)

# %% [markdown]
# ### The same trouble again
#
# **Predict:** which complaints come back: those mended slowly, or those turned down?

# %%
again = complainers.made_again(known, quick_hours, today)
complainer_plots.plot_made_again(again)
again = shown(again)["share"]
note(**{f"again, {name}": one for name, one in again.items()}, unit="%")

# %% [markdown]
# **How to read it.** This is the cheapest list in the chapter. A complaint that comes back costs a second contact, and
# a patience. Complaints answered in the last 30 days are left out: they had hardly the time to come back. If those
# mended within `quick_hours` hours come back least, the target for the desk is clear (criterion 2.3b). How to get there
# is chapter 11.
#
# Take care, though: hard troubles take longer *and* are harder to mend. In your shop that alone could make the
# difference. The demo store was made so that two things bring a complaint back: for those mended it is the waiting; for
# those turned down it is the answer, however quick.
#
# *Deeper.* Is the desk slow in some months only? The simulator knows the load on the desk, week by week. A month has
# few complaints, so the share of slow ones follows the load only roughly:

# %%
load = store.truth("complaint_load", for_="the load on the desk")
slow = complainers.slow_by_month(known, quick_hours)
weeks = load.set_index(pd.to_datetime(load["week_from"]))["load"]
true_load = weeks.resample("MS").mean().reindex(slow.index)
rank = rank_correlation(slow["slow"], true_load)
print(f"Rank correlation of slow months and true load: {rank['correlation']:.2f}")
print(f"(90 %: {rank['low']:.2f} to {rank['high']:.2f}).")
note(slow_with_load=rank["correlation"])

# %% [markdown]
# **How to read it.** A *rank correlation* (等級相關) is 1 if the slowest month has the highest load, the second slowest the
# second highest, and so on; 0 if one says nothing about the other. If the interval holds 0, these months cannot tell.

# %% [markdown]
# ## 9 · How bad, and what do they say? (core)
#
# ### Weights
#
# A cracked lid and a burnt scalp are each one complaint. So weigh them: low, medium, high. But by how much? Nobody
# knows. Try two sets of weights; if the first ten stay the same, the weights do not matter, and you need not argue
# about them.
#
# **Predict:** of the first ten by equal weights, how many stay when a severe complaint weighs 25 times a light one?

# %%
weighed = pd.DataFrame({"equal": table["events"] / table["exposure"]})
for name, weights in {"1 : 2 : 4": (1, 2, 4), "1 : 5 : 25": (1, 5, 25)}.items():
    weighed[name] = priorities.severity_weighted(goods, table, weights)
ten = (weighed.rank(ascending=False, method="first") <= 10).astype(int)
display((ten.T @ ten).rename_axis("among both first tens"))
note(same_ten_weighed=(ten["equal"] * ten["1 : 5 : 25"]).sum())

# %% [markdown]
# **How to read it.** So many products stand among the first ten by both weights. The steeper the weights, the fewer
# complaints decide: with 1 : 5 : 25 a single severe one can put a product on top. So use weights to decide *what to
# read first*, and the probability to decide what is bad. A severe case (a burn, an allergy) needs no statistics: act at
# once.
#
# ### Words
#
# Staff note what customers say, in two languages. First take the product's name out; then see which words set each kind
# of complaint apart. Chinese is written without spaces, so each two neighbouring characters are taken for a word. Some
# are one, such as 寄錯; others are the end of one word and the beginning of the next.
#
# **Predict:** which words will tell a late parcel from a broken one?

# %%
texts = topics.without_names(topics.notes(known, contacts), products["name"])
telling = topics.telling_words(texts, known["category"], top=3, fewest=k)
display(telling.groupby("group")["word"].agg(", ".join).to_frame("telling words"))
wordless = sorted(set(known["category"].dropna()) - set(telling["group"]))
print(f"No word in {k} notes or more: {', '.join(wordless) or 'none of them'}")
print(f"Notes: {texts.count():,}; different ones, without names: {texts.nunique():,}")

# %% [markdown]
# Take such words, read the notes they stand in, and write *rules*: a topic, and beginnings of words that betray it.
# "late" finds "late" and "lately", and not "chocolate". If two rules fit a note, the first one wins, so their order
# matters. Rules are not clever. But everyone on the floor can read them, and mend them.

# %%
rules = {
    "leaks or broken": ["leak", "broken", "漏", "壞"],
    "arrived cracked": ["crack", "裂"],
    "skin or smell": ["rash", "smell", "紅疹"],
    "late": ["late", "days after", "courier", "遲", "冇嚟"],
    "wrong thing": ["wrong shade", "was wrong", "another item", "寄錯"],
    "staff": ["assistant", "nobody", "pushed", "店員", "冇人理"],
    "money": ["charged", "payment", "discount", "兩次數", "扣"],
    "wrong answer": ["hotline", "answer", "explained", "熱線", "答錯"],
}

# %%
topic = topics.topics_by_rules(texts, rules)
no_note, no_rule = topic.isna().mean(), (topic.dropna() == "no rule").mean()
print(f"Without a note: {no_note:.0%}; no rule: {no_rule:.0%}")
display(topics.agreement(topic, known["category"]))
note(without_text=no_note, no_rule=no_rule, unit="%")

# %% [markdown]
# **How to read it.** Each row should stand under one column: then the rules agree with what the desk chose. The three
# kinds of defect are new: the desk has one word for them. A leak is for the packaging, a crack for the courier, a rash
# for the formula.
#
# Do not be impressed. These rules were written with the demo store's notes in sight, and the simulator knows few
# sentences. Such a test proves nothing. On your own notes, write the rules from one half and count "no rule" in the
# other.
#
# **Change one thing:** take "漏" and "壞" out of the first rule. What share has no rule now? A list of English words
# alone loses the customers who write Chinese, and they are not a random part of your customers.
#
# Notes can hold names and illnesses. Read them for the purpose they were taken for, show counts and not quotes, and
# delete them in time (Personal Data (Privacy) Ordinance; criterion 3.1).

# %% [markdown]
# ## 10 · Monday's list (core)
#
# Back to Mei. What does a product's trouble cost? What was given to the customer, and the contacts it took. That is the
# least: the silent ones who left are not in it.
#
# **Predict:** what does one complaint cost? And does an inspection for `inspection_cost` pay for the surest product?

# %%
cost = priorities.cost_of_complaint(known, contacts)
print(f"A complaint about a product costs {store.currency} {cost:,.0f}.")
note(cost_of_complaint=cost, unit=store.currency)

# %%
first_day, last_day = units["day"].min(), today - pd.Timedelta(days=window_days)
days = max((last_day - first_day).days + 1, 1)
monday = priorities.buyers_list(table, shrunken, cost, days, sure)
watch = priorities.buyers_list(table, shrunken, cost, days, 0.5)
print(f"Listed at {sure:.0%}: {len(monday)};", end=" ")
print(f"to watch, from 50 %: {len(watch) - len(monday)}.")
note(watched=len(watch))

# %%
columns = ["name", "events", "exposure", "shrunken", "group_rate", "p_above"]
money = ["extra_a_year", "cost_a_year", "cost_low", "cost_high"]
display(watch[columns + money].head(8).set_index("name"))
pays = (watch[money[1:]] > inspection_cost).sum()
print(f"If an inspection for {inspection_cost:,.0f} ends all the extra complaints,")
print(f"it pays within a year for {pays['cost_a_year']} of {len(watch)};", end=" ")
print(f"by the low end for {pays['cost_low']}, the high end for {pays['cost_high']}.")
note(inspections_that_pay=pays["cost_a_year"])

# %% [markdown]
# **How to read it.** `extra_a_year` are the complaints above those of the category's rate; `cost_a_year` is what they
# cost, with the ends of its 90 % interval beside it. Below 0 means: perhaps the product is better than its category. An
# empty list at `sure` does not say that no product is above the limit. It says that nobody can be so sure of one.
#
# One line a product, and what to do follows from `p_above`:
#
# | `p_above` | what to do |
# |---|---|
# | at or above `sure` | stop the next order; talk to the supplier, with the words of section 9 in hand |
# | .5 to `sure` | open five units; put a card with a phone number in the box; look again in three months |
# | below .5 | nothing; and do not call the supplier |
#
# If an inspection does not pay by the cost of complaints alone, ask what *one lost customer* costs (chapter 3), and how
# many say nothing (section 3). Then decide. The sum is in the manager's hands, the probability is not.
#
# **Change one thing:** set `limit` to 2. How many products are left to watch? What did you promise the suppliers by
# that?

# %% [markdown]
# ## Check yourself
#
# 1. Product A: 12 complaints, 1,500 units. Product B: 2 complaints, 60 units. Which has the higher rate? Which would you call about?
# 2. Why do units sold last week make the rate look better than it is?
# 3. A chart shows one month in 36 just outside the limits. Is something wrong?
# 4. A shop has fewer complaints since the form was moved to page 7 of the website. Is it better?
#
# <details><summary>Answers</summary>
#
# 1. B: 33 per 1,000 against 8. Whether to call depends on the category's rate and on how sure one can be from two complaints: shrink first.
# 2. They are in the number below and have not had the time to be in the number above.
# 3. Perhaps not. Even in order a month lies outside now and then, and many months are many chances: section 7 prints how large the chance is. Look at that month, and at the next.
# 4. No. The failures are the same. Only the voices are gone.
#
# </details>
#
# ## In this chapter you
#
# - made rates whose two halves belong together, for goods and for services
# - tested for over-dispersion and used it, instead of being fooled by it
# - shrank the rates of rare products, and saw by how much that is nearer to the truth
# - ranked by probability, with an eye on false discoveries
# - drew limits that know ordinary months
# - set customers with many troubles beside what chance gives them, and found what makes a complaint come back
# - made a list with a cost, and the courage to leave it empty
#
# ## On Monday
#
# 1. Ask for the receipt number with every complaint. Without it there is no rate.
# 2. Add the register to a store folder that has the orders (`crm-course import register.csv --map complaints_register -o YOUR-STORE`), and run
#    this chapter on it (`crm-course run 05 --data YOUR-STORE --html`).
# 3. Give the buyer the list of section 10, with the probabilities. Write down today what you expect, and look again in three months.
#
# ## The exercise
#
# Exercise 05 asks questions like these about a store that is yours alone. Your instructor hands out the packets
# (`crm-course release 05 --roster class.csv -o out`). Work in the packet's notebook; it says whether an answer has the
# right form.
#
# ## Limits
#
# - Complaints are what people *say*. A rate that differs may be a difference in who buys, what it cost, or how easy it is to complain.
# - Services are measured by what the store counts. A rude word can happen to a *visit* without a purchase, a double charge to each single *payment*: here purchases and online orders stand for them.
# - Rates within a category are taken to spread like a gamma distribution: never below 0, most near the middle, a long tail of high ones. A single disaster among good products is shrunk too much.
# - A product that changed its supplier in the middle of the data has two rates; here it has their mean.
# - The window misses slow troubles. For a warranty of two years take a longer one.
# - One customer's three broken units are taken for three independent troubles.
#
# Methods: Clopper and Pearson (1934); Garwood (1936); Clayton and Kaldor (1987); Dean and Lawless (1989); Kass and
# Steffey (1989); Benjamini and Hochberg (1995); Bonett and Wright (2000); Laney (2002); Monroe, Colaresi and Quinn
# (2008). Software: statsmodels.
