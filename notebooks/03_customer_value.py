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
# # 3 · Customer value
#
# - **Criterion 2.2a**: find the high-value customers (outcomes A1, A3)
# - **Time**: up to 5 hours; sections marked *deeper* are extra
# - **You need**: percentages and averages, reading a chart, filtering and grouping a table
#
# After this chapter you can
#
# - say what a customer really brought: returns taken off, days counted once, as of a date
# - show how unequally sales are spread, and how sure you are of it
# - forecast who will come back and what she will bring, and test the forecast before you trust it
# - compare five meanings of "our best customers" and choose one for a purpose
# - sort customers into stages and tiers that move, say what each tier should get, and see who pays late

# %% [markdown]
# ## The manager's question
#
# Mei runs a chain of beauty shops in Hong Kong. She can invite 200 customers to a private evening before the next
# festival. "Give me the best ones," she says. "The ones who spent the most."
#
# Is the customer who *spent* the most the one who *will* spend the most? Are the best customers of last year
# still customers at all? This chapter answers with the shop's own records.
#
# The demo store is made by a simulator. So at the end of a step we can look up the truth, and see how close we came.
# On your own shop's data the same cells run; only the truth is missing.

# %% tags=["parameters"]
data: str = "../datasets/demo"  # store folder
as_of: str = ""  # last day that counts, such as 2025-12-31; empty: the last day of the data
lang: str = "en"  # language of the figures
holdout_days: int = 184  # last days, kept back to test the forecast, 7 to 1095
run_in_days: int = 0  # first days whose customers no fit sees (exports: 180), 0 to 1095
horizon_months: int = 12  # how far ahead lifetime value looks, 1 to 60
discount_rate: float = 0.10  # a year: a dollar then is worth 1 / 1.10 today, 0 to 1
margin_rate: float = 0.30  # margin as a share of sales without a cost, 0 to 1
invitation_cost: float = 40.0  # in the store's currency, 0.01 to 100000
invitation_budget: float = 8000.0  # in the store's currency, 0 to 1000000000
draws: int = 200  # bootstrap samples and possible futures, 10 to 10000
seed: int = 7  # of the draws, 0 to 4294967295
k: int = 5  # fewest people whose figures are shown, 1 to 1000

# %%
import pandas as pd

from crm_course import begin, note, open_store
from crm_course.analysis.sales import rfm, sales
from crm_course.analysis.value import credit, customer_value, forecasts, lifecycle, seasons
from crm_course.plots.value import lifecycle_plots, value_plots
from crm_course.tables.small_groups import enough, how_many, numbers_of_people, shown

# %%
begin(lang, k)
store = open_store(data, as_of)
today = store.today
print(f"{store.name}: {store.info.source}; as of {today:%d %B %Y}, in {store.currency}")

# %%
truth = store.truth("customers", for_="the comparison with it").set_index("customer_id")
print("Its truth is known.")

# %% [markdown]
# ## 1 · What did each customer really bring? (core)
#
# Three habits keep this number honest.
#
# 1. **As of a date.** We ask what was known at the end of one day, here the last day of the data. An order
#    or a return after that day does not exist yet.
# 2. **Returns taken off.** A cream that came back is no sale. If it can be sold again, its cost comes back too. An
#    opened one cannot.
# 3. **A day counts once.** A customer who pays twice at the till on one afternoon has not come back. (A day stays a
#    purchase day even if all that she bought on it came back later: she was there.)
#
# **Before you run the next cell:** out of HK\$100 at the till, how many dollars do you think come back as returns?

# %%
customers = store.customers()
purchases = store.purchases(margin_rate)  # one row per customer and day
buyers = purchases.loc[~purchases["account"], "customer_id"]
buyers = enough(buyers.unique(), "consumers")

# %%
store.table("returns", for_="taking returns off")
back = 1 - purchases["net_amount"].sum() / purchases["gross_amount"].sum()
print(f"Of every 100 sold, {100 * back:.1f} came back.")
note(share_returned=back, unit="%")

# %% [markdown]
# *Margin* (毛利) is what stays of the price after the cost of the goods.
#
# Now one row per customer. Recency, frequency and monetary value carry most of what a till knows of a person
# (RFM; 最近一次消費、消費頻率、消費金額):
#
# | column | means |
# |---|---|
# | `frequency` | days on which she bought *after* her first purchase. 0: she bought once |
# | `recency` | days from her first purchase to her last. *Not* "how long ago": that is `T - recency` |
# | `T` | days from her first purchase to today |
# | `monetary_value` | mean net spend on a repeat day |
#
# Customers who buy on account (salons, hotels) are a business of their own. They are set apart until section 10.

# %%
consumers = purchases[~purchases["account"]]
margin_share = sales.margin_share(consumers)
costs = store.table("order_lines", ["unit_cost"])["unit_cost"]
assumed = "" if costs.notna().any() else " (assumed: no costs are known)"
print(f"Of what stayed sold to consumers, {margin_share:.0%} is margin{assumed}.")
note(margin_share=margin_share, unit="%")

# %%
table = rfm.rfm(consumers, today)
note(customers=len(table))
note(net_sales=table["spent"].sum(), unit=store.currency)
bought_once = table["frequency"] == 0
note(bought_once=bought_once.mean(), people=bought_once, unit="%")

# %%
columns = ["frequency", "recency", "T", "monetary_value", "spent", "margin"]
sales.middle_and_largest(table[columns])

# %% [markdown]
# **How to read it.** The median (中位數) is the customer in the middle: half are below her. The mean is far above it in the money
# columns: a few large customers pull it up.
# When that happens, "the average customer" is nobody you will ever meet.
#
# Why not the one largest? A report is read by many, and that would be one customer's bill. No table here tells of
# fewer than `k` people: such a cell is empty (`NaN`), and so is a second one beside it, or you could subtract. Three
# figures show single customers as dots or bars, without names. So this page is not for the shop floor.

# %%
value_plots.plot_recency_frequency(table)

# %% [markdown]
# **How to read it.** Rows: how often she bought. Columns: how long ago the last time was. Bottom left are the regulars.
# Bottom right are the people to worry about: they bought often, and then stopped. Top right is the large crowd that came
# once.
#
# Many shops give scores from 1 to 5, a fifth of the customers each: `R` for the days since her last purchase
# (`T - recency`), `F` for `frequency`, `M` for all that she spent (`spent`, not `monetary_value`). Customers with the
# *same* value must get the same score, so the groups cannot all have the same size:

# %%
scores = rfm.rfm_scores(table)
rfm.score_counts(scores)

# %% [markdown]
# 5 is best. `F` is uneven, and one or more of its scores can stay empty: the many customers who bought exactly once must
# all get the same score. Software that cuts "five equal groups" anyway gives some of them a 1 and others a 2, by the order of
# the file.
#
# **Change one thing:** set `as_of` in the parameters one year back and run *to here*. For one and the same customer, which
# of `frequency`, `recency`, `T` and `spent` can only be smaller than before? Why not all four?
#
# <details><summary>Answer</summary>
#
# The first three: days only add up. `spent` can be larger: a return that came in the year between is not known yet.
#
# </details>

# %% [markdown]
# ## 2 · Who brings the money? (core)
#
# "Twenty per cent of the customers bring eighty per cent of the sales." (Pareto; 八二法則.) It is repeated as if it were a law.
#
# **Predict:** what share of net sales do the top 20 % bring *here*?

# %%
concentration = sales.concentration(table["spent"], draws, seed)
concentration = sales.top_shares_shown(concentration, len(table))
note(gini=concentration.loc["gini", "estimate"])
note(top_20_share=concentration.loc["top_20_share", "estimate"], unit="%")
value_plots.plot_lorenz(sales.lorenz(table["spent"]), concentration)
concentration

# %% [markdown]
# **How to read it.** The curve is a Lorenz curve (洛倫茲曲線), best customers first. `gini` (堅尼系數) is 0 when everyone brings the
# same and near 1 when one customer brings everything. The interval comes from the bootstrap (自助抽樣法): draw the
# same number of customers again and again, with replacement, and see how far the figure moves. Another set of such
# customers would have moved the figure by about this much.
#
# The same curve cut at 80 % and 95 % of sales gives the classes A, B and C:

# %%
abc = sales.abc_classes(table["spent"])
classes = sales.by_group(table[["spent"]], abc, "sum")
classes["share"] = classes["spent"] / classes["spent"].sum()
print(sales.class_a(classes))
classes

# %% [markdown]
# **What it does not mean.** This is the *past*. A customer of three years has had more time to spend than one of three
# months, and part of any large sum is luck: one gift, one wedding. So ask whether the top of this list stays the top.

# %% [markdown]
# ### A mistake that everyone makes once
#
# We go back half a year and call that day the *split*. From what was known *then*, we rank the customers by what they
# spent in the half-year **before** it, and take the top fifth. One curve judges this list on the half-year by which
# it was chosen. The other judges it on the half-year **after**, which is as long.
#
# **Predict:** which curve is higher, and by how much at the grey line?

# %%
split = today - pd.Timedelta(days=holdout_days)
then = store.at(split)  # the same store, as one saw it on that day
purchases_then = then.purchases(margin_rate)
consumers_then = purchases_then[~purchases_then["account"]]
later = consumers[consumers["day"] > split]
later_margin = later.groupby("customer_id")["net_margin"].sum()

# %%
half_before = split - pd.Timedelta(days=holdout_days)
before = consumers_then[consumers_then["day"] > half_before]
before = before.groupby("customer_id")[["net_amount", "net_margin"]].sum()
before = before.reindex(consumers_then["customer_id"].unique()).fillna(0.0)

# %%
by_spend = before[["net_amount"]].set_axis(["judged on its own time"], axis=1)
own_time = lifecycle.gain(by_spend, before["net_margin"])
by_spend = by_spend.set_axis(["judged on the time after"], axis=1)
both_times = pd.concat([own_time, lifecycle.gain(by_spend, later_margin)])
promise, kept = lifecycle.found_by_top(both_times)
print(f"The best fifth promised {promise:.0%} of the margin")
print(f"and kept {kept:.0%}.")
note(list_promised=promise, list_kept=kept, unit="%")
lifecycle_plots.plot_gain(both_times, "margin")

# %% [markdown]
# The curve "judged on its own time" proves nothing, however high it is. Those customers were picked *because* that
# half-year was good. Part of it was luck (one gift, one wedding), and luck does not come again; some have left since.
# The list is not worthless: a fifth drawn by lot would bring about a fifth. But it flatters itself. A list must be
# judged on a time it has not seen. That is what "hold-out" (保留樣本) means, and from here on every forecast has to
# pass it.

# %% [markdown]
# ## 3 · Who will come back? (core)
#
# In a shop nobody hands in a notice. A customer simply does not come again, and you cannot see the day on which
# she decided. Compare two customers who both bought five times:
#
# - Ann came every week, and the last time was three months ago.
# - Bo comes every two months, and the last time was three months ago as well.
#
# **Predict:** who of the two is more likely to come again?
#
# <details><summary>Answer</summary>
#
# Bo. For Ann, three months of silence are unheard of; for Bo they are ordinary.
#
# </details>
#
# A model called BG/NBD ("buy till you die") does this sum for every customer. It takes two things for granted:
#
# - while she is a customer, she buys at random moments, at a rate of her own;
# - after each repeat purchase she may leave for good, with a probability of her own.
#
# Rates and probabilities differ from customer to customer. The model learns from all of them how much they differ, and
# then reads each customer's own history in that light.
#
# To *fit* a model is to look for the numbers that make our records least surprising.
#
# One more care. Some customers may have bought long before our file begins. We see the middle of their story and not
# its start, and they are the survivors of their year. The model is fitted without them. It still has to judge them:
# there is no better one. Where the truth is known, the end of this section and section 5 show how well it does. (An
# export often has no day of sign-up. Then nobody can tell, and `run_in_days=180` leaves the first half-year out.)

# %%
data_start = purchases["day"].min()
run_in = pd.Timedelta(days=run_in_days)
known = table.index[seasons.newcomers(table, customers["day"], data_start + run_in)]
fit_days = consumers[consumers["customer_id"].isin(known)]
told = f"{how_many(len(known), of=len(table))} of {len(table):,} customers"
print(f"{told} count as known from their first purchase.")

# %%
kept_for_fit = consumers_then["customer_id"].isin(fit_days["customer_id"])
fit_then = consumers_then[kept_for_fit]
calendar_then = rfm.rfm(fit_then, split)
calendar_fit = customer_value.fit_purchases(calendar_then)
print(f"While a customer: {365 * calendar_fit.mean_rate:.1f} purchases a year on average.")
print(f"After their first repeat purchase {calendar_fit.share_leaving:.0%} leave.")

# %% [markdown]
# *Deeper.* Behind these two sentences stand four numbers with their 95 % intervals. The mean rate is `r / alpha` purchases a day,
# the share that leaves `a / (a + b)`. One by one they mean little. What counts is whether the forecast holds.

# %%
calendar_fit.intervals()

# %% [markdown]
# The fit above knows nothing after the split. So we can ask it for the months we kept back, and compare.

# %%
days_after = pd.date_range(split + pd.Timedelta(days=1), today)
happened = forecasts.cumulative(later, calendar_then.index, days_after)
tracked = forecasts.tracking(calendar_fit, calendar_then, None, days_after)
tracked = tracked.to_frame("calendar time")
error = tracked["calendar time"].iloc[-1] / happened.iloc[-1] - 1
way = "low" if error < 0 else "high"
print(f"{happened.iloc[-1]:,} purchases happened.")
print(f"The forecast is {abs(error):.0%} too {way}.")
note(holdout_error_calendar=error, unit="%")

# %% [markdown]
# ### The season
#
# If a forecast is far off, the shelves stand empty or the store-room is full. One cause is the season: the model thinks that
# every day is like every other. In Hong Kong the half-year from July holds the summer sale, Mid-Autumn (中秋), Singles' Day (雙十一)
# and Christmas.
#
# We cannot simply compare the sales of December with those of June: the number of customers grows, too. So for each
# season we ask: how many repeat purchases came, against how many *the customers there were* would bring on average days?
# That ratio is the seasonal index (季節指數).
#
# **Predict:** which season is the busiest, and how many average days is one of its days worth?

# %%
calendar = store.table("calendar", optional="the table of festivals (months are used)")
forecast_end = today + pd.DateOffset(months=horizon_months + 1)
season = seasons.season_of_days(calendar, data_start, forecast_end)
season_fit = seasons.fit_with_season(fit_then, split, season)
print(season_fit.note or "The season is estimated from the data before the split alone.")

# %%
value_plots.plot_seasonal_index(season_fit.index)

# %% [markdown]
# **How to read it.** Dots: purchases for each one that the customers there were would make on average days, with 95 %
# intervals. Right of the dashed line is busier than average, left is quieter. The weeks after a festival may be quiet
# because customers stocked up for it: such purchases were *pulled forward* and are not extra.
#
# Now let time run faster on busy days and slower on quiet ones. A day before Christmas counts as so many days as the
# index says, and the model is fitted in this *operational time* (季節調整時間). We know when the festivals are, so the
# forecast can use next year's dates as well.

# %%
clock = season_fit.clock
season_then = rfm.rfm(fit_then, split, clock)
ahead = forecasts.tracking(season_fit.model, season_then, clock, days_after)
tracked[season_fit.time] = ahead
note(holdout_error_operational=ahead.iloc[-1] / happened.iloc[-1] - 1, unit="%")
value_plots.plot_tracking(happened, tracked)

# %% [markdown]
# **How to read it.** The dark line is what happened after the split. A forecast that follows it has earned some
# trust. No line follows it exactly: purchases come by chance. How much chance? The next cell draws possible futures
# from each model, `draws` of them, and keeps the middle 90 %. (What was measured has 95 % intervals in this chapter.
# Forecasts, and comparisons of lists, have 90 %.)

# %%
horizon = clock.loc[today] - clock.loc[split]
fits = {"calendar time": (calendar_fit, calendar_then, holdout_days)}
fits[season_fit.time] = (season_fit.model, season_then, horizon)
came = happened.iloc[-1]
for time, fit in fits.items():
    low, high = forecasts.total_purchases(*fit, draws, seed)[["low", "high"]]
    inside = "within" if low <= came <= high else "outside"
    print(f"{time}: {low:,.0f} to {high:,.0f}; the {came:,} that came lie {inside}")

# %% [markdown]
# **How to read it.** Outside the interval, the model has most likely missed something, such as the season. Within it,
# the error may be chance. (A right model misses one time in ten as well.)
#
# A total can be right by luck: too much for one group, too little for another. So look at groups of customers, and at
# single ones.

# %%
predicted = season_fit.model.expected_purchases(season_then, horizon)
check = forecasts.holdout(season_then, later["customer_id"].value_counts(), predicted)
measures = forecasts.holdout_measures(check)
note(holdout_rank_correlation=measures["rank_correlation"])
value_plots.plot_holdout_by_frequency(forecasts.holdout_by_frequency(check))
measures.to_frame("hold-out")

# %% [markdown]
# **How to read it.** Dots: what customers bought in the hold-out, with 95 % intervals. Diamonds: the forecast. Ask
# two things. Does the forecast lie within the intervals? And does it err to *one* side? If it is too high in nearly
# all groups, that is one error and not many; whether it can be chance, the interval of the total says.
#
# In the table, `error` is that of the total. The rank correlation says how well the *order* of customers was
# foreseen: 1 would be perfect, 0 a lottery. Nobody reaches 1, since much of what one person does in half a year is
# chance. `mean_absolute_error` says by how many purchases the forecast of a single customer is off on average.
#
# ### And the truth?
#
# The simulator knows who had left. `probability_alive` is the model's guess. Group the customers by the guess, and see
# how many of each group were really still there at the end of the data:

# %%
season_now = rfm.rfm(consumers, today, clock)
guess = season_fit.model.probability_alive(season_now)
seen = pd.Series("older customers", season_now.index)
seen[known] = "known from the first purchase"

# %%
here = truth["active"].reindex(season_now.index).astype(float)
note(alive_guess=guess[known].mean(), alive_truth=here[known].mean(), unit="%")
what = "share still customers"
value_plots.plot_estimate_against_truth(guess[known], here[known], what)

# %%
still_here = pd.DataFrame({"guessed to be still here": guess, "really are": here})
sales.by_group(still_here, seen)

# %% [markdown]
# **How to read it.** Each dot is a twentieth of the customers known from their first purchase. On the dashed line the
# guess is right on average. The table sets the older customers beside them, whom the fit never saw. With those
# the model may be too kind: it takes more of them to be still here than really are.
#
# **What to watch.** The model believes that every customer with a single purchase is still there (it lets people leave only
# *after a repeat purchase*). It is a convenient assumption, and a bold one. The demo store was made
# that way; your shop was not. Do not take the `probability_alive` of one-time customers for a fact.
#
# **Change one thing:** in the cell that sets `fit_days`, add the line `fit_days = consumers` below it. Does the share
# that leaves rise or fall?
#
# <details><summary>Answer</summary>
#
# It falls. The added customers are those of earlier years who are still there: survivors, who make leaving look rarer.
#
# </details>

# %% [markdown]
# ## 4 · How much will she spend? (core)
#
# A customer who once spent HK\$900 will rarely spend HK\$900 again. From the first repeat purchase on, the guess lies
# between her own mean and everyone's; the more we see of her, the more her own counts. That is what the Gamma-Gamma
# model does. As is usual, it does not look at the first purchase. So for a customer who bought once it says
# everyone's mean. Her first purchase does say something; the model leaves it unused.
#
# **Predict:** one customer came back once and spent HK\$900. Another came back eight times and spent HK\$900 each
# time. Most customers spend less. From whom do you expect more next time?
#
# It takes for granted that *how much* does not go with *how often*. So check that first. The rank correlation below is 0 when
# one says nothing about the other, and 1 or -1 when one decides the other:

# %%
known_now = season_now.loc[season_now.index.isin(known)]
independence = customer_value.spend_independence(known_now)
note(spend_frequency_correlation=independence["correlation"])
independence.to_frame("rank correlation")

# %% [markdown]
# **How to read it.** Each customer's first purchase is set against how often she came back. Near 0: go on. Beyond about ±0.3:
# stop, and treat big and small spenders apart. In between: go on, and know that the values at the ends are a little off.

# %%
spend_model = customer_value.fit_spend(known_now)
spend = spend_model.expected_spend(season_now)
mean_spend = spend_model.population_mean
note(mean_spend=mean_spend, unit=store.currency)
value_plots.plot_spend_shrinkage(season_now, spend, mean_spend, store.currency)

# %% [markdown]
# **How to read it.** On the dashed line a customer's own mean would be believed as it is. Customers seen once more
# (orange) are pulled far towards the mean, regulars (dark blue) hardly at all; light blue lies between. The few
# largest means are beyond the right edge and not drawn. Pulling is not pessimism: on average it makes the forecast
# better.

# %% [markdown]
# ## 5 · Lifetime value (core)
#
# Customer lifetime value (CLV; 顧客終身價值): the margin that a customer still brings, with later money counted for less.
#
# expected purchases × expected spend × margin, month by month, discounted
#
# *Discounted* (折現): a dollar that comes in a year is worth less than a dollar today, here 1 / 1.10 of it.
# Three slips are common: revenue in place of margin, the past in place of the future, and no discount at all.
# We look twelve months ahead. "Lifetime" sounds longer, but beyond a year or two nobody has a hold-out.
#
# **Predict:** is the customer in the middle worth about as much as the mean, or far less?

# %%
now_fit = seasons.fit_with_season(fit_days, today, season)
now = rfm.rfm(consumers, today, now_fit.clock)
horizons = now_fit.horizons(today, horizon_months)
purchases_ahead = now_fit.model.expected_by(now, horizons)
spend = spend_model.expected_spend(now)
print(now_fit.tested_by(season_fit))

# %%
monthly_rate = (1 + discount_rate) ** (1 / 12) - 1
clv = customer_value.lifetime_value(purchases_ahead, spend, margin_share, monthly_rate)
note(clv_total=clv.sum(), clv_mean=clv.mean(), unit=store.currency)
note(clv_median=clv.median(), unit=store.currency)
print(f"{store.currency} {clv.sum():,.0f} in {horizon_months} months;")
print(f"{clv.mean():,.0f} a customer; half of them are below {clv.median():,.0f}")

# %% [markdown]
# ### How sure are we?
#
# There are two answers, and they are easily confused.
#
# - *What she brings on average.* We do not know her habits exactly. More data would help.
# - *What she will bring this year.* Even if we knew her habits, the year itself is chance. No data in the world help.
#
# The next cell draws possible futures: first the model's parameters, then each customer's habits, then her purchases.

# %%
futures = forecasts.value_draws(
    now_fit.model, spend_model, now, horizons, margin_share, monthly_rate, draws, seed
)
total = futures.total("realised")
print(f"All together: {total['low']:,.0f} to {total['high']:,.0f} (90 % interval)")
note(clv_total_low=total["low"], clv_total_high=total["high"], unit=store.currency)
value_plots.plot_value_intervals(clv, futures.intervals(), store.currency)

# %% [markdown]
# **How to read it.** A bar that reaches 0 says: she may have left already. One customer's year is nearly
# unforeseeable. A thousand customers' year is less so: the chance of single customers evens out. A bad year for the
# whole shop does not, and is not in the interval. So use lifetime value to choose *groups* and budgets, and never to
# tell one customer to her face what she is worth.
#
# ### And the truth?
#
# In the demo store the simulator played the next twelve months. Below, groups of customers by estimated margin, against the
# margin that their true habits promised. (Nothing is discounted here, so the totals are larger than above.)

# %%
year = forecasts.played_year(truth, now.index, horizon_months)
promised, realised = year["promised by true habits"], year["came"]
estimate = customer_value.lifetime_value(purchases_ahead, spend, margin_share, 0.0)
note(value_error=estimate.sum() / promised.sum() - 1, unit="%")
note(realised=realised.sum(), unit=store.currency)
what = f"margin ({store.currency})"
value_plots.plot_estimate_against_truth(estimate, promised, what)

# %%
beside = pd.concat([estimate.rename("estimated"), year], axis="columns")
sales.by_group(beside, seen, "sum")

# %% [markdown]
# **How to read it.** On the dashed line the estimate is right on average; each dot is a twentieth of the customers.
# Most of them are worth little, so the dots crowd near 0. The table gives the two groups of section 3. For
# older customers the model can err both ways at once: fewer may be still here than it thinks, and those who are may
# buy more than it thinks.
#
# And the intervals? They hold discounted margin, so we discount what came in the same way. For nine customers in ten
# the narrow bar should hold what she brings *on average*, and the wide bar what she *did* bring.
#
# **Predict:** does what came lie within the interval of the total?

# %%
discount, bars = clv / estimate, futures.intervals()
discounted = (realised * discount).sum()
inside = "within" if total["low"] <= discounted <= total["high"] else "outside"
print(f"{discounted:,.0f} came, discounted: {inside} the interval of the total")
narrow = (bars["expected_low"], bars["expected_high"])
wide = (bars["realised_low"], bars["realised_high"])
print(f"narrow bars hold {(promised * discount).between(*narrow).mean():.0%}")
print(f"wide bars hold {(realised * discount).between(*wide).mean():.0%}")

# %% [markdown]
# ## 6 · Five meanings of "our best customers" (core)
#
# Mei's staff each have a list. They sound alike. How many names do they share?
#
# **Predict:** of two lists of "best customers" made from the same data and equally long, what share of the names is the same?

# %%
definitions = lifecycle.definitions(now, rfm.rfm_scores(now))
definitions["lifetime value"] = clv
size = max(int(invitation_budget / invitation_cost), 1)  # as many as may be invited
length = max(min(size, len(now) // 4), 1)
overlap = lifecycle.agreement(lifecycle.top_lists(definitions, length))
note(least_agreement=overlap.min().min(), unit="%")

# %%
definitions["the truth"] = truth["expected_margin_12m"].reindex(now.index)

# %%
with_truth = lifecycle.agreement(lifecycle.top_lists(definitions, length))
print(f"{length} names a list. Two drawn by lot would share {length / len(now):.0%}.")
lifecycle_plots.plot_agreement(with_truth)

# %% [markdown]
# **How to read it.** Each cell: the share of names that two lists have in common. Many customers have the same number
# of visits or the same RFM score: such ties are broken by lot. Where the truth is known it has a list of its own,
# which the title leaves out: those who will bring most, if one knew their habits. No list made from records comes
# near all of it.
#
# The lists disagree because they answer different questions, and because each holds some chance. Which one is right
# depends on the purpose: a thank-you card goes to the past, an invitation to the future. To see which list finds the
# future, make all of them at the split and watch the hold-out:

# %%
then_spend = customer_value.fit_spend(season_then).expected_spend(season_then)
then_scores = rfm.rfm_scores(season_then)
definitions_then = lifecycle.definitions(season_then, then_scores)
definitions_then["lifetime value"] = predicted * then_spend
found = lifecycle.gain(definitions_then, later_margin)
lifecycle_plots.plot_gain(found, "margin in the hold-out")

# %% [markdown]
# **How to read it.** The higher the curve at the grey line, the more of the later margin was found in the best fifth
# of the list. The distance between the list by lifetime value and a simple one is what the model is worth to you. How
# much of it may be chance? Draw the customers again and judge both lists on the same draw. Here is how much *more* of
# the later margin the list by lifetime value found than each other one, in points, with 90 % intervals:

# %%
more = lifecycle.gain_differences(
    definitions_then, later_margin, "lifetime value", draws=draws, seed=seed
)
note(more_than_spend=more.loc["spend so far", "difference"], unit="%")
(100 * more).rename_axis("lifetime value against").round(1)

# %% [markdown]
# **How to read it.** All of the interval above 0: the model does find more. 0 within it: this hold-out cannot tell.
# If a simple list does nearly as well in your shop, use the simple list: everyone on the floor can explain it.

# %% [markdown]
# ## 7 · Stages of a customer (core)
#
# New, growing, mature, declining (新客、成長期、成熟期、衰退期): four stages that each ask for something else. They are read
# from behaviour, and measured by the customer's *own* rhythm. The first row that fits counts:
#
# | stage | here means | what to do |
# |---|---|---|
# | declining | silent for more than three times her usual gap | ask, listen, win back |
# | new | first purchase within half a year | welcome, help with the first product |
# | growing | a customer for a year and a half, with more purchases in this half-year than in the same one a year ago | show the next category |
# | mature | all others, also who is too young to compare | keep the promise, say thank you |
#
# Who bought once or twice has shown no rhythm yet: for her we use the shop's usual gap. Half-years are compared with
# the same half-year, or every December would be "growth". And she must have been a customer before that half-year
# began, or every first year would be "growth" as well.
#
# **Predict:** which stage is the largest?

# %%
stages = lifecycle.lifecycle_stages(consumers, today)
counts = shown(numbers_of_people(stages["stage"].value_counts()))
note(declining=counts["declining"] / len(stages), unit="%")
lifecycle_plots.plot_stages(stages)

# %%
once = stages["purchases"] == 1
each = pd.DataFrame({"each": clv, "bought once": once})

# %%
each["really here"] = truth["active"].reindex(each.index).astype(float)
each["… of those who came back"] = each["really here"].where(~once)

# %%
sales.by_group(each, stages["stage"])

# %% [markdown]
# **How to read it.** `each`: lifetime value a customer. "Declining" means silent, not gone. Where the truth is known,
# `really here` is the share who are still customers, and the last column the same for those who came back at least
# once. The rule knows least about customers who bought once: they have shown no rhythm to be late for.
#
# And a warning about "growing": in the demo store nobody's habits ever change. Every "growing" customer there is
# chance. Ask for the same twice before you act on it.
#
# So do not write anyone off. A friendly message costs little if she is still there. A large discount costs much if she
# would have come anyway.

# %% [markdown]
# ## 8 · Tiers that move (core)
#
# Gold, silver, bronze: the top 5 %, the next 15 %, the rest, by lifetime value. A tier is a promise of service, so it
# has to be looked at again. We grade the customers of half a year ago as of then, and once more today.
#
# **Predict:** of ten gold customers of then, how many are gold today? How many fell to bronze?

# %%
tier_then = lifecycle.tiers(predicted * then_spend)
tier_now = lifecycle.tiers(clv)
moves = lifecycle.tier_moves(tier_then, lifecycle.tiers(clv[known]))
gold = lifecycle.move_shares(moves).loc["gold"]
note(gold_stayed=gold["stayed"], gold_to_bronze=gold["two steps down"], unit="%")
lifecycle_plots.plot_tier_moves(moves)

# %% [markdown]
# **How to read it.** Read along a row: what became of the gold customers of half a year ago? All who rose are counted
# together. Who came since then had no tier to move from. A cell without a number holds fewer than `k` people, or would
# give such a number away.
#
# Some customers left, and long silence alone can cost a regular two steps. Others moved because they stood near the
# line and chance pushed them over, or because we have learnt more about them. A promise must not jump like a figure.
# So give a tier for a year, warn before it ends, and do not let anyone fall two steps at once.
#
# What may a tier cost? A simple rule: a fixed part of the margin it is expected to bring goes back as service.

# %%
lifecycle.tier_plan(tier_now, clv, share=0.05)

# %% [markdown]
# | tier | for example |
# |---|---|
# | gold | a first look at new lines, a small gift on her birthday |
# | silver | a birthday message with a sample |
# | bronze | a friendly greeting, a clear answer, a fair exchange |
#
# **Change one thing:** which of these could you pay for from `budget_each`? Try another `share`.
#
# Do not save on the last row. Most customers are bronze, and next year's gold is among them.

# %% [markdown]
# ## 9 · Whom to invite? (core)
#
# Back to Mei. The budget pays for so many invitations. The list takes the customers with the highest lifetime value **who
# said yes** to both:
#
# - **marketing by e-mail**: that is how the invitation goes out;
# - **profiling**, on whatever channel she was asked: we choose her by what she bought.
#
# What counts is the latest explicit choice; who never chose is not asked (Personal Data (Privacy) Ordinance;
# criterion 3.1).

# %%
allowed = pd.Series(True, now.index)
print("Until consent is checked, nobody may be written to: a list is a draft.")

# %%
consents = store.table("consents", for_="the check of consent")
by_email = sales.contactable(consents, "marketing", "email")
profiled = sales.contactable(consents, "profiling")
allowed[:] = now.index.isin(by_email) & now.index.isin(profiled)
told = f"{how_many(allowed.sum(), of=len(allowed))} of {len(allowed):,} customers"
print(f"{told} said yes to both.")
note(may_be_asked=allowed.mean(), people=allowed, unit="%")

# %%
invited = enough(clv[allowed].nlargest(size).index, "guests")
brings = futures.total("realised", invited)
print(f"{len(invited)} guests, chosen from {allowed.sum():,} customers")
note(invited=len(invited), invited_value=brings["mean"])

# %% [markdown]
# Mei wanted "the ones who spent the most". Where the truth is known, we can see what her list would bring.
#
# **Predict:** of those who may be asked, how much less would her list bring than ours? And one drawn by lot?

# %%
for name, value in {"lifetime value": clv, "spend so far": now["spent"]}.items():
    guests = value[allowed].nlargest(size).index
    print(f"by {name}: guests who bring {promised[guests].sum():,.0f} on average")
lot = len(invited) * promised[allowed].mean()
print(f"by lot: {lot:,.0f}")

# %%
cost = len(invited) * invitation_cost
interval = f"90 %: {brings['low']:,.0f} to {brings['high']:,.0f}"
print(f"They should bring {store.currency} {brings['mean']:,.0f} in")
print(f"{horizon_months} months ({interval}), invited or not.")
print(f"Inviting them costs {cost:,.0f}, or {cost / brings['mean']:.1%} of that.")

# %% [markdown]
# "Invited or not": mind these words. This is what the guests are worth, *not* what the evening earns. Good customers
# buy anyway. The evening pays only if it *adds* as much margin as it costs. Whether it does can only be seen by not
# inviting some of them, drawn by lot. With half of them left out, how large must the effect be before one sees it?

# %%
spread = later_margin.reindex(invited).fillna(0.0).std()
visible = 2.8 * spread * (4 / len(invited)) ** 0.5  # two halves
print(f"One evening with half of these guests: in {holdout_days} days an effect")
print(f"below {store.currency} {visible:,.0f} a guest can easily stay unseen.")

# %% [markdown]
# **How to read it.** An effect of this size shows in four tests of five (at the 5 % level, which is where the 2.8
# comes from). What a guest brings in half a year varies so much that a small effect drowns in it. An invitation that
# costs little may pay long before one evening can show it. So add up several evenings.
#
# **Change one thing:** write `allowed[:] = True` at the top of the cell that sets `invited`. How much more is the
# list worth? Name two things that the shop would risk.
#
# <details><summary>Answer</summary>
#
# A complaint to the Privacy Commissioner and a fine: direct marketing without consent is an offence. And the trust of
# the very customers who said no.
#
# </details>

# %% [markdown]
# ## 10 · Who pays late? (deeper)
#
# Account customers are invoiced. Value on paper is not money in the bank. Two figures per account: what is overdue, and
# which share of the invoices was paid on time. Up to seven days after the due day still count as on time.
#
# The usual mistake is to average the delay over *paid* invoices. The worst payers have not paid, so they are not in
# that average at all.
#
# **Predict:** with the open ones counted, by how many days does the mean delay change?

# %%
invoices = store.table("invoices", for_="credit behaviour")
states = credit.invoice_states(invoices, today)
behaviour = enough(credit.credit_behaviour(states), "accounts")
print(f"{len(behaviour)} accounts")

# %%
paid_only = states.loc[~states["open"], "days_late"].mean()
with_open = states.loc[states["due"], "days_late"].mean()
print(f"Mean delay of paid invoices: {paid_only:.1f} days (minus: early);")
print(f"of all whose day has come: at least {with_open:.1f} days")
in_arrears = (behaviour["overdue"] > 0).sum()
note(overdue=behaviour["overdue"].sum(), people=in_arrears, unit=store.currency)
note(days_late=with_open, unit="days")
lifecycle_plots.plot_credit(behaviour, currency=store.currency)

# %%
credit.ageing(states)

# %% [markdown]
# A rule of thumb: call an account a late payer if less than half of its due invoices were paid on time. The simulator
# knows who pays late as a habit, so we can count how often the rule is right.

# %%
called_late = behaviour["on_time"] < 0.5
credit.rule_and_habit(called_late, truth["pays_late"])

# %% [markdown]
# **How to read it.** Rows: what the rule says. Columns: the true habit. Right calls stand in `called late`, `late`
# and in `not called`, `prompt`. In a store with few accounts most cells may be empty (`NaN`): where one holds fewer
# than `k` accounts, its neighbours would give it away.
#
# **What to do with it.** An account that pays slowly but always is a matter of terms. One whose open sum grows older month by
# month is a matter for a phone call today, and for no new credit until then.

# %% [markdown]
# ## Check yourself
#
# 1. A customer bought on 3 March at 11:00 and at 17:00, and on 9 May. What is her `frequency`?
# 2. Two lists each hold 100 names and share 30. Must one of them be wrong?
# 3. The forecast for a group of 800 is 412 purchases, 90 % interval 380 to 445. 371 came. Is the model bad?
# 4. Why does the list with the highest spend so far look best *on the time by which it was chosen*?
#
# <details><summary>Answers</summary>
#
# 1. 1: two orders on one day are one purchase, and the first purchase does not count.
# 2. No. They may answer different questions.
# 3. Not yet. One time in ten the outcome lies outside. Look at the next groups, and whether it always errs on one side.
# 4. It was sorted by that very spend. No other list of that length can hold more of it.
#
# </details>
#
# ## In this chapter you
#
# - netted returns, counted days and fixed a date before anything else
# - measured concentration with an interval, and saw how much a list flatters itself
# - forecast purchases, found the season missing by a hold-out, and put it in
# - turned purchases and spend into a discounted margin with two kinds of interval
# - saw how far five lists of "best customers" agree, and tested which one finds the future
# - graded customers into stages and tiers, made a list that obeys consent, and found who pays late
#
# ## On Monday
#
# 1. Export the orders of the last three years or more, with returns: with less, no season can be seen and tested. Turn
#    them into a store folder (`crm-course import`), check it (`crm-course check`), and run this chapter on it
#    (`crm-course run 03 --data YOUR-STORE -p run_in_days=180 --html`).
# 2. Look at the hold-out first. If the forecast fails there, use the simple list that did best in section 6.
# 3. Take the list of section 9 and invite half of it, drawn by lot. Write down today what you expect. In six months,
#    compare the halves. Even so, a few hundred guests show only a large effect; add up several evenings.
#
# ## The exercise
#
# Exercise 03 asks ten questions like these about a store that is yours alone. Your instructor hands out the packets
# (`crm-course release 03 --roster class.csv -o out`). Work in the packet's notebook; it says whether an answer has the right form.
#
# ## Limits
#
# - The demo store's people behave as the model assumes, so it looks good there. In your shop only the hold-out can judge it.
# - The models know only dates and amounts. A new shop across the road is not in them.
# - Rates are taken as constant for each customer. Somebody who moves house or has a child changes hers.
# - An export has no customers who never said who they are. "Our customers" here means those with a name.
# - A forecast is not an effect: it says who will buy, not whom a message will move.
#
# Methods: Fader, Hardie and Lee (2005a, Marketing Science 24; 2005b, Journal of Marketing Research 42); Fader and Hardie (2013).
# Software: lifetimes.
