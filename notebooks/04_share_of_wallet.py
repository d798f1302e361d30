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
# # 4 · Share of wallet and cross-selling
#
# - **Criterion 2.2b**: find customers who buy one or two products here and many related ones elsewhere (also 3.1,
#   3.2; outcomes A1, A3)
# - **Time**: up to 3 hours; sections marked *deeper* are extra
# - **You need**: percentages and averages, reading a chart, filtering and grouping a table
#
# After this chapter you can
#
# - say why your own till cannot tell a small wallet from a small share
# - join a purchase survey to your sales, and correct what customers recall
# - estimate share of wallet with an interval, for those who were not asked as well
# - say what is still known when there is no survey: bounds
# - find rules of what is bought together, without being fooled by luck
# - forecast who begins with which category, and test the forecast on later months
# - make an invitation list that obeys consent and does not write too often

# %% [markdown]
# ## The manager's question
#
# "Look at Ann," says Mei. "She buys her shampoo here, and nothing else. She must buy her make-up somewhere! There are
# hundreds like her. Who are they, how much do they spend elsewhere, and what should we offer them?"
#
# Perhaps Mei is right. Or perhaps Ann uses no make-up. At the till both Anns look the same.

# %% tags=["parameters"]
data: str = "../datasets/demo"  # store folder
as_of: str = ""  # last day that counts, such as 2025-12-31; empty: the last day of the data
lang: str = "en"  # language of the figures
holdout_days: int = 184  # last days, kept back to test rules and forecasts, 30 to 365
believed_quantile: float = 0.99  # no wallet lies above this quantile of spend, 0.5 to 1
false_share: float = 0.05  # false findings among believed rules, 0.001 to 0.5
margin_rate: float = 0.30  # margin as a share of sales without a cost, 0 to 1
raised: float = 0.5  # rise of her chance by an invitation, of that chance, 0.01 to 10
moved_share: float = 0.25  # of her spend elsewhere that moves when she begins, 0.01 to 1
channel: str = "email"  # way of the invitation
most_in_30_days: int = 4  # messages to one customer, this one included, 0 to 60
invitation_cost: float = 3.0  # with a sample, in currency, 0.01 to 100000
invitation_budget: float = 300.0  # in the store's currency, 0 to 1000000000
draws: int = 200  # bootstrap samples, 10 to 10000
seed: int = 7  # of the draws, 0 to 4294967295
k: int = 5  # fewest people whose figures are shown, 1 to 1000

# %%
import pandas as pd
from IPython.display import display

from crm_course import begin, note, open_store

# %%
from crm_course.analysis.sales import sales
from crm_course.analysis.wallet import (
    basket_rules,
    invitations,
    next_category,
    share_of_wallet,
    wallet_survey,
)

# %%
from crm_course.plots.value import value_plots
from crm_course.plots.wallet import basket_plots, wallet_plots
from crm_course.tables.small_groups import enough, how_many, numbers_of_people, shown

begin(lang, k)
store = open_store(data, as_of)
today = store.today
print(f"{store.name}: {store.info.source}; as of {today:%d %B %Y}, in {store.currency}")

# %%
truth = store.truth("wallet", for_="every look at the true wallets")
truth = truth.astype({"category": str}).set_index(["customer_id", "category"])

# %% [markdown]
# ## 1 · One or two shelves (core)
#
# We look at the last 365 days, and at consumers: salons and hotels (account customers) buy for other reasons. What
# counts is what was paid at the till, before returns, because that is what a customer remembers.
#
# **Predict:** of the customers of the last year, what share bought from one category (shelf; 品類) only?

# %%
customers = store.customers()
sold = store.lines()
sold = sold[~sold["account"]]  # consumers alone

# %%
here = enough(wallet_survey.spend(sold, today), "customers")
note(customers=len(here))
print(f"{len(here):,} customers bought something in the 365 days.")

# %%
products = store.table("products", for_="everything that needs categories")
goods = sold[sold["product_id"].isin(products["product_id"])]
shelves = (here > 0).sum(axis=1)

# %%
counts = shown(numbers_of_people(shelves.clip(1, 4).value_counts()))
only_one, two = (counts.get(number, 0) / len(here) for number in (1, 2))
one, both = (
    "{share:.0%} of them bought from one category only,",
    "{share:.0%} from one or two.",
)
print(wallet_plots.finding(one, share=only_one))
print(wallet_plots.finding(both, share=only_one + two))
note(one_category=only_one, one_or_two=only_one + two)

# %% [markdown]
# **How to read it.** These are Mei's Anns. But mind what the figure does *not* say. Two customers can look the same
# at our till:
#
# | | spends here a year | spends elsewhere a year | share of wallet |
# |---|---|---|---|
# | Ann | 400 | 3,600 | 10 % |
# | Bo | 400 | 0 | 100 % |
#
# *Share of wallet* (錢包份額) is what she spends here, divided by all that she spends on such goods. Ann could buy much
# more from us. Bo cannot. Our own sales hold the first column and nothing of the second. So somebody has to ask.

# %% [markdown]
# ## 2 · The survey beside the till (core)
#
# Once a year Mei's shop asks some customers, by e-mail: "In the last 12 months, how much did you spend on each of
# these, with us and elsewhere?" We join each answer to what the till knows of the same person: her purchases of the
# 365 days before the survey began.
#
# Only years that our records cover whole can be checked. Older waves of the survey are left out.
#
# **Predict:** people recall what they spent *here*. Do they recall too much or too little?

# %%
survey = store.table("wallet", for_="the survey (only bounds remain)")
accounts = customers.index[customers["account"]]
survey = survey[~survey["customer_id"].isin(accounts)]

# %%
answers = wallet_survey.survey_answers(survey, goods, customers["day"])
answered = enough(answers["customer_id"].unique(), "answers")
earlier = survey.loc[~survey["customer_id"].isin(answered), "customer_id"].nunique()
note(answers=len(answered))
print(f"{len(answered):,} customers answered about a year that the till knows;")
print(f"{how_many(earlier)} about another one alone.")

# %%
recall = wallet_survey.recall_ratio(answers)
interval = wallet_survey.recall_interval(answers, draws, seed)
note(recall=recall)
wallet_plots.plot_recall(answers, recall, interval, store.currency)

# %% [markdown]
# **How to read it.** Each dot is a customer. On the dashed line she recalls what the till knows. Dots above it recall
# too much: purchases from longer ago slip into "the last 12 months" (telescoping; 記憶伸縮). She also rounds: 480 becomes
# 500. Both axes are logarithmic: each step to the right or up is ten times as much, so that small and large wallets
# fit into one picture.
#
# What she spent *here* we can check, what she spent *elsewhere* we cannot. We assume that it is the same memory. So
# what she says of elsewhere is divided by the orange line's number. That is called *calibrating* (校準).

# %% [markdown]
# ## 3 · Share of wallet (core)
#
# Few answered. Three more steps lead from them to all customers. What was spent *here* needs none of them: the till
# knows it to the cent.
#
# **Step 1, weights** (加權). Some kinds of customers answer more often than others. The till sees how often each kind
# buys, so each answer can count for as many customers as it stands for.
#
# **Step 2, imputation** (插補). A model learns from those who answered how spend elsewhere goes with what the till
# knows of *everybody*: spend on this category, spend in all, orders, and how long she has been silent for her own
# rhythm. Then it fills in the others.

# %%
frame = wallet_survey.wallet_frame(goods, customers["day"], today)
model = share_of_wallet.fit_wallet(answers)
imputed = model.elsewhere(frame)
alike = share_of_wallet.fit_wallet(answers.assign(weight=1.0)).elsewhere(frame)

# %%
print(f"Weights from {answers['weight'].min():.1f} to {answers['weight'].max():.1f}.")
print(f"Spent elsewhere by all {len(here):,}: ", end="")
print(f"{store.currency} {imputed.sum():,.0f} a year;")
print(f"if each answer counted alike, {alike.sum():,.0f}.")

# %% [markdown]
# If the two figures are near each other, the till sees no great difference between those who answered and the others.
#
# **Step 3, interval.** Other customers might have answered. So draw the customers who did again and again, with
# replacement (bootstrap; 自助抽樣法). Memory and model are fitted anew each time; the weights stay as they are.
#
# **Predict:** which category has the lowest share of wallet?

# %%
fits = share_of_wallet.resampled_fits(model, answers, draws, seed)
shares = share_of_wallet.wallet_shares(frame, model, fits)
note(**shares.loc["all", ["share", "share_low", "share_high"]])

# %%
true_elsewhere = truth["spend_elsewhere_12m"].reindex(frame.index)
true = share_of_wallet.known_shares(frame, true_elsewhere)
shares[["true_elsewhere", "true_share"]] = true[["elsewhere", "share"]]
note(true_share=true.loc["all", "share"])

# %%
naive = wallet_survey.survey_shares(answers)
wallet_plots.plot_wallet_shares(shares, naive)

# %%
inside = true["share"].between(shares["share_low"], shares["share_high"])
of_categories = inside.drop("all")
note(truths_inside=of_categories.mean())
print(
    f"The truth lies in {of_categories.sum()} of the {len(of_categories)} categories' bars,"
)
print(f"and {'in' if inside['all'] else 'outside'} the bar of all together.")

# %% [markdown]
# **How to read it.** The dot is our best guess. The bar is its 90 % interval: it holds the luck of who answered. Of
# ten such bars about nine should hold the truth. With few answers it is fewer, because a few large wallets carry much
# and most surveys miss some of them; the project's README says how many it was on simulated stores.
#
# One thing is not in the bar. Content customers like to answer, and no record of ours tells who is content. So the
# true share may lie a little lower than it seems.
#
# The cross is a naive way: take each person's own share, and average over persons. Then a customer who spends 100 a
# year counts as much as one who spends 10,000. For all categories together it leaves out nobody, while in a single
# category it leaves out whoever spends nothing on it: so the cross of "all" need not lie between the others. Share of
# wallet is about money, so it is *sums* that we divide.
#
# **Change one thing:** set `draws` to 20 and run again. Do the dots move, or the bars?

# %% [markdown]
# ### Mei's Anns
#
# Now her question can be answered: those who buy from one or two shelves here, how much do they buy elsewhere?
#
# **Predict:** who has the lower share of wallet: who buys one category here, or who buys four?


# %%
shelf = shelves.clip(1, 4).map({1: "1", 2: "2", 3: "3", 4: "4 or more"})
shelf = shelf.rename("categories here")
anns = share_of_wallet.wallet_shares(frame, model, fits, by=shelf)

# %%
true_anns = share_of_wallet.known_shares(frame, true_elsewhere, by=shelf)
anns["true_share"] = true_anns["share"]

# %%
table = anns.drop(columns=["elsewhere_low", "elsewhere_high"])
table[["here", "elsewhere"]] /= 1_000
whole = ["people", "here", "elsewhere"]
table[whole] = table[whole].round().astype("Int64")
table

# %%
ann = shown(anns)[anns.index.isin(["1", "2"])].sum(skipna=False)
each = ann["elsewhere"] / ann["people"]
part = ann["elsewhere"] / anns.loc["all", "elsewhere"]
note(elsewhere_one_or_two=ann["elsewhere"])
print("Who buys from one or two categories here spends elsewhere about")
print(f"{store.currency} {each:,.0f} a year, {part:.0%} of all that goes elsewhere.")

# %% [markdown]
# **How to read it.** `people` counts the customers of a row; `here` and `elsewhere` are a year's sums of all of them, in
# thousands of the currency. The Anns are many, and each has something to win. But the table says nothing of a single
# one: among them are Anns and Bos. And it holds no reason: it does not say whether they know our other shelves.

# %% [markdown]
# ### A mistake that everyone makes once
#
# "The survey asks what they spend elsewhere. Take the average, times all customers: that is what we can win."

# %%
naive_total = wallet_survey.recalled_total(answers, len(here))
ours = shares.loc["all"]
note(elsewhere=ours["elsewhere"], at_face_value=naive_total)
print(f"Spent elsewhere, at face value: {store.currency} {naive_total:,.0f} a year.")
print(f"Calibrated, weighted, imputed: {ours['elsewhere']:,.0f}")
print(f"(90 % interval {ours['elsewhere_low']:,.0f} to {ours['elsewhere_high']:,.0f})")

# %%
true_total = true.loc["all", "elsewhere"]
holds = ours["elsewhere_low"] <= true_total <= ours["elsewhere_high"]
error = ours["elsewhere"] / true_total - 1
note(elsewhere_error=error)
print(f"The truth: {true_total:,.0f}, {'in' if holds else 'outside'} our interval.")
print(f"Error of ours {error:+.0%},")
print(f"of face value {naive_total / true_total - 1:+.0%}.")

# %% [markdown]
# **How to read it.** Two errors meet in the figure at face value: memory, which pulls every survey the same way, and
# the luck of a few big spenders among those who answered, which goes either way. In one small survey luck can hide
# the error of memory, and ours may by luck lie further off. With more answers luck goes away. Memory does not.
#
# *Deeper:* where the truth is known we can play it through. Let everybody answer, with the ratio of memory that we
# measured and a scatter that we assume (0.3 in logarithms: one answer in three is off by more than a third or so).
# Then take some of the answers, twenty times over for each size.

# %%
everybody = wallet_survey.imagined_answers(frame, true_elsewhere, recall, 0.3, seed)
played = share_of_wallet.survey_sizes(everybody, frame, [50, 150, 600], 20, seed)
wallet_plots.plot_survey_sizes(played, store.currency, true_total)

# %% [markdown]
# **How to read it.** Each bar holds nine in ten of such surveys. With more answers both bars shrink: the blue one
# onto the truth, the orange one onto truth times memory. A larger survey does not mend a wrong way of reading it.
# Here everybody answers who is asked; in a real survey those who do not are one more error, which no size mends.

# %% [markdown]
# ## 4 · How good is it for a single customer? (core)
#
# In a total single errors cancel. But Mei wants names. Where the truth is known we can see how far the model knows
# them.
#
# **Predict:** of what the best tenth of all wallets spend elsewhere, how much does a list of the same length find?

# %%
people = {"imputed": imputed, "own_sales": frame["here"], "truth": true_elsewhere}
people = pd.DataFrame(people).groupby("customer_id").sum()
what = f"spend elsewhere ({store.currency} a year)"
value_plots.plot_estimate_against_truth(people["imputed"], people["truth"], what, log=True)

# %%
size = max(len(people) // 10, 1)
best = people["truth"].nlargest(size).sum()
print("Of what the best tenth spends elsewhere, a list of that length finds")
for way in ["imputed", "own_sales"]:
    found = people.nlargest(size, way)["truth"].sum()
    print(f"- {way}: {found / best:.0%}")

# %% [markdown]
# **How to read it.** Each dot is a twentieth of the customers, sorted by what the model says; on the dashed line it
# is right on average. If the dots climb, groups come out in the right order. A single customer can lie far from her
# group. So use it to choose *whom to ask or to invite*, never to tell a customer what she spends elsewhere.
#
# And category by category? A *rank correlation* (等級相關) of 1 means the right order, 0 none. The model has two rivals
# that need no fitting. *Own sales* (`own_sales`): who buys most of it here surely buys most of it elsewhere. And *her
# total* (`her_total`): all that she buys here, times what the survey says is spent on the category on average.

# %%
average = answers.groupby("category")["said_elsewhere"].mean()
her_total = frame["here"].groupby("customer_id").transform("sum")
her_total = her_total * frame.index.get_level_values("category").map(average)
ways = {"imputed": imputed, "own_sales": frame["here"], "her_total": her_total}
for way, one in ways.items():
    rank = one.corr(true_elsewhere, method="spearman")
    print(f"- {way}: {rank:.2f}")
    note(**{f"rank_{way}": rank})

# %% [markdown]
# **How to read it.** `own_sales` is the list that most shops use. It cannot see the category that she never buys
# here: own sales are 0, whatever she spends on it elsewhere. `her_total` can, for busy people are busy everywhere. If
# it ranks as well as the model, then for *ranking* you need no model, only the survey's averages. What the model adds
# is money: totals in dollars with intervals, which neither rival has.

# %% [markdown]
# ## 5 · And without a survey? (core)
#
# Then share of wallet *cannot be estimated* from our sales, however many there are. What can be said are bounds (界限).
# Spend elsewhere is at least nothing: the share is at most 100 %. And at most? Somebody must say what a wallet can
# be. Here: nobody spends more on a category than our largest buyers of it spend with us. (A *quantile*, 分位數, of 0.99
# is the amount that 99 of 100 stay below; `believed_quantile` says which one we take.) That is an assumption, and the
# lower bound is as good as it.

# %%
most = here.where(here > 0).quantile(believed_quantile).fillna(0.0)
bounds = share_of_wallet.wallet_bounds(here, most)
low, high = bounds.loc["all", ["share_low", "share_high"]]
note(bound_share_low=low, bound_share_high=high)
print(f"If no wallet is larger: our share lies between {low:.0%} and {high:.0%}.")
print("Own sales alone say less: anything up to 100%.")
wallet_plots.plot_bounds(bounds)

# %%
wallet = here.add(true_elsewhere.unstack("category"), fill_value=0)
print(f"In truth {(wallet > most).to_numpy().mean():.1%} of the wallets are larger.")

# %%
wallet_plots.plot_bounds(bounds, shares)

# %% [markdown]
# **How to read it.** The pale bar is all that own sales can say, and even its lower end is assumed. It is honest, and
# it is hardly of use. A consultant who gives you one number from your till data alone has made up the other one.
#
# **Change one thing:** set `believed_quantile` to 0.9. The bar gets shorter. Have you learnt anything, or only
# assumed more?

# %% [markdown]
# ## 6 · The money at stake (core)
#
# Now in money, and as margin (毛利): what stays after the cost of the goods. That is what a dollar won would be worth.

# %%
store.table("returns", ["line_id"], optional="taking returns off")
purchases = store.purchases(margin_rate)
margin_share = sales.margin_share(purchases[~purchases["account"]])
names = ["elsewhere", "elsewhere_low", "elsewhere_high"]
stake, low, high = margin_share * shares.loc["all", names]
note(margin_share=margin_share, stake=stake)

# %%
print(f"Margin on what is spent elsewhere: {store.currency} {stake:,.0f} a year")
print(f"(90 % interval {low:,.0f} to {high:,.0f})")

# %%
largest = share_of_wallet.perhaps_largest(model.elsewhere_draws(fits, frame))
wallet_plots.plot_money_elsewhere(shares, largest, store.currency)

# %% [markdown]
# **How to read it.** Bar: what our customers spend elsewhere. Black mark: what they spend here. A long bar with a
# mark near 0 is a category where little of their money comes to us; why, nobody has asked yet. The title names every
# category that may be the largest: two bars whose intervals overlap widely are in no known order.
#
# The margin is the shop's average, after returns; what is spent is before returns. Both make the figure rough.
#
# **What it does not mean.** This is what is *there*, not what you will get. Nobody wins all of it. A survey tells the
# size of the prize; how much of it an offer moves can be learnt only by trying, with some customers left out by lot.

# %% [markdown]
# ## 7 · What is bought together (core)
#
# To offer Ann something, it helps to know what goes with shampoo. Of all the baskets (one order is one basket):
#
# | word | means |
# |---|---|
# | support (支持度) | share of all baskets that hold both |
# | confidence (置信度) | of the baskets with *this*, the share that hold *that* too |
# | lift (提升度) | confidence, divided by the share of all baskets that hold *that*. 1: no link |
#
# We look at kinds of goods: two brands of shampoo are one kind. The last months are kept back.
#
# Luck, too, puts two things into one basket. A *p-value* (p 值) says how often luck alone would bring two things
# together at least as often as it was seen. "Significant at 5 %" means a p-value of 0.05 or less. Pairs that luck
# would hardly ever bring together (in fewer than five baskets) are not tested: with so few baskets the p-value cannot
# be trusted.
#
# **Predict:** out of hundreds of pairs *without any link*, how many will look "significant at 5 %"?

# %%
split = today - pd.Timedelta(days=holdout_days)
before, after = goods[goods["day"] <= split], goods[goods["day"] > split]

# %%
rules = basket_rules.basket_rules(before)
stand_up = int((rules["q_value"] <= false_share).sum())
pairs = len(rules) // 2  # each pair makes two rules
note(pairs=pairs, rules=stand_up)
print(f"{pairs} pairs tested: {0.05 * pairs:.0f} may look significant by luck alone.")
print(f"Pairs with a p-value of 0.05 or less: {(rules['p_value'] <= 0.05).sum() // 2}.")
print(f"Pairs that stand up when all tries are counted: {stand_up // 2}.")

# %%
basket_plots.rules_in_words(rules)

# %% [markdown]
# Read the first row aloud: "Of the baskets with the first thing, so many per cent hold the second. That is so many
# times what one would expect if the two had nothing to do with each other." In brackets stands the 95 % interval.
#
# One in twenty: that is what 5 % means. Who tries hundreds of pairs will always "find" some. So every rule carries a
# *q-value* (偽發現率): the share of false ones to expect when you believe all rules down to this one (Benjamini and
# Hochberg). A q-value guards against luck, and against nothing else.
#
# The test and the interval of the lift count customers, not baskets. A customer who buys the same pair ten times is
# one witness, not ten.
#
# ### The next mistake: the highest lift
#
# Software sorts rules by lift. Here are the highest lifts *of all pairs*, those too that are too rare to be tested.

# %%
all_rules = basket_rules.basket_rules(before, rare=True)
basket_plots.plot_rules(all_rules, 14, false_share)

# %%
believed = rules[rules["q_value"] <= false_share]
highest = all_rules.nlargest(max(len(believed), 10), "lift")
kept, tall = (basket_rules.kept_later(one, after) for one in (believed, highest))
basket_plots.plot_kept_later(kept, tall)

# %%
for way, one in {"that stand up": kept, "of the highest lift": tall}.items():
    once = one[one["this"] < one["that"]]  # each pair makes two rules
    together, chance = once["together_later"].sum(), once["expected_later"].sum()
    print(f"The {len(once)} pairs {way} met in {together:,.0f} later baskets,")
    print(f"{together - chance:,.0f} more than by chance.")

# %% [markdown]
# **How to read it.** Each mark is a pair; its bar is what the months after say (95 % interval). On the dashed line a
# pair keeps its lift. A bar that reaches 1 or below does *not* say that nothing is left: it says that these months
# cannot tell. The longest bars belong to the rarest pairs. They met a few times, perhaps by luck, perhaps because
# they belong together, and in half a year they would hardly meet again either way.
#
# So a high lift by itself says little, and a pair that was too rare to be tested need not be false: where its
# interval lies far above 1, watch it for another year. But a shelf is not rebuilt for three customers. What counts
# there is how many baskets a rule is about; the printed lines count them.
#
# **Change one thing:** set `false_share` to 0.5 in the parameters. How many rules stand up now, and how many of them
# would you bet on?

# %% [markdown]
# ### Belong together, or only please the same people? (deeper)
#
# Mascara and lipstick share baskets because the same people like make-up. They may buy both wherever the two stand.
# Conditioner *belongs* to shampoo. To tell one from the other, shuffle each customer's own goods over her own
# baskets: taste stays, togetherness goes. What still meets more often than that belongs together.
#
# **Predict:** how many of the pairs that stood up will be left?

# %%
within = basket_rules.within_customers(before)
belong = within[within["q_value"] <= false_share]
note(pairs_that_belong=len(belong))
basket_plots.plot_rules(within, max(10, len(belong)), false_share)

# %% [markdown]
# In the demo store we can look up which goods call for which. (On your own data there is no such list.)

# %%
spending = store.scenario(for_="which goods call for which")["spend"]
listed = spending.get("complements", [])
planted = {frozenset([pair["kind"], pair["calls_for"]]) for pair in listed}

# %%
ways = {"highest lifts": highest, "stand up": believed, "shuffled": belong}
tally = {way: basket_rules.tally(one, planted) for way, one in ways.items()}
tally = pd.DataFrame(tally).T
note(planted_found=tally.loc["shuffled", "planted"] / max(len(planted), 1))
note(false_pairs=tally.loc["shuffled", "others"])
print(f"{len(planted)} pairs were planted.")
display(tally)

# %% [markdown]
# **How to read it.** `planted`: how many of the planted pairs a way found. `others`: pairs that nobody planted. Among
# the rules that stand up, the others are no luck either: they please the same people. A q-value cannot see that; the
# shuffle can.

# %% [markdown]
# ## 8 · Who begins with which category? (core)
#
# A category that a customer did *not* buy in the last 365 days is *open* to her. What is the chance that she begins
# with it (or comes back to it) in the next months, as many as `holdout_days` says? The model knows how popular the
# category is, how busy she is, and what else she buys.
#
# Take care with the calendar: a forecast for July to December must learn from a July to December. So the model learns
# from the same months a year before, and is judged on months that it has not seen.
#
# **Predict:** of the customers with the best chances, one for each invitation that we can pay, what share will really
# begin?

# %%
year, half = pd.Timedelta(days=365), pd.Timedelta(days=holdout_days)
offers_made = max(int(invitation_budget / invitation_cost), 1)

# %%
learn = next_category.open_categories(goods, split - year)
learned = next_category.begun(goods, learn, split - year, today - year)
chance_model = next_category.fit_next_category(learn, learned)
judge = next_category.open_categories(goods, split)
came = next_category.begun(goods, judge, split, today)
chances = chance_model.chance(judge)
print(f"Learns from {split - year:%d %B %Y} to {today - year:%d %B %Y},")
print(f"is judged from {split:%d %B %Y} to {today:%d %B %Y}.")

# %%
basket_plots.plot_calibration(next_category.calibration(chances, came))

# %% [markdown]
# **How to read it.** Each dot is an eighth of all open categories of all customers. On the dashed line the forecast
# is right on average. If all dots lie above it, more was begun than in the year before. The bars take every open
# category for a witness of its own; as a customer has several, they are a little too short.
#
# Is the model worth its trouble? "Offer everyone the most popular category," says the floor manager, "and the busiest
# customers first." That is simple, and everyone can explain it. So that is what the model has to beat.

# %%
popular = chance_model.popular(judge) * 1e-6 + judge["log_orders"]
by_model = next_category.hits(chances, came, offers_made)
by_simple_list = next_category.hits(popular, came, offers_made)
test = next_category.hit_difference(by_model, by_simple_list, 2000, seed)
note(**test.add_prefix("hits_"))

# %%
low, high = test["low"], test["high"]
print(f"{offers_made} offers each. The model got {test['one']:.0f} right,")
print(f"the simple list {test['other']:.0f}. Difference {test['difference']:+.0f}")
print(f"(90 % interval {low:+.0f} to {high:+.0f}).")
print("The model finds more." if low > 0 else "This test cannot tell which is better.")

# %% [markdown]
# **How to read it.** If the interval lies above 0, the model finds more. If it holds 0, this test cannot tell, and
# the simple list will do until it can. "Right" means that she began *by herself*: nobody had made her the offer. Whom
# an offer moves is another question.

# %% [markdown]
# ## 9 · Whom to invite, and to what? (core)
#
# Now the parts come together. Whoever begins by herself needs no invitation. What an invitation earns is what it
# *adds*:
#
# *what it adds to her chance to begin* × *spend elsewhere* × *share of it that moves* × *margin*.
#
# Section 8 gives her chance without an invitation. How much an invitation raises it (`raised`), and how much of her
# spend then moves (`moved_share`), nobody here has measured. Both are assumptions. Write them down as such.
#
# First, who may be written to at all:
#
# - she said **yes to marketing** by this channel: her latest explicit choice counts, and silence is no yes;
# - she said **yes to profiling**, in whatever channel she was asked: we choose her by what she bought;
# - her address works;
# - the invitation is not one message too many: at most `most_in_30_days`, all channels together.

# %%
consent = "the check of consent (the list is a draft)"
consents = store.table("consents", optional=consent)
messages = store.table("messages", optional="the check of how often we write")
reach = invitations.may_be_invited(
    here.index, consents, messages, today, channel, most_in_30_days
)
allowed = reach.index[reach["invited"]] if len(consents) else here.index

# %%
store.table("consents", ["customer_id"], for_="how many may be invited")
counts = shown(numbers_of_people(reach["reason"].value_counts()))
note(may_be_invited=counts[""] / len(reach))
basket_plots.plot_reasons(reach)

# %% [markdown]
# **Predict:** will the list be as long as the budget allows? An offer is made only where it should bring more than it
# costs.

# %%
past = next_category.open_categories(goods, today - year)
later = next_category.begun(goods, past, today - year, today - year + half)
chance_model_now = next_category.fit_next_category(past, later)
is_open = next_category.open_categories(goods, today)
chance_now = chance_model_now.chance(is_open)
added = (raised * chance_now).clip(upper=1 - chance_now)  # by an invitation
offers = invitations.offers(imputed, added, margin_share, moved_share)
print(f"Learns from {today - year:%d %B %Y} to {today - year + half:%d %B %Y},")
print(f"for the {holdout_days} days after {today:%d %B %Y}.")

# %%
chosen = invitations.worth_sending(offers, allowed, invitation_cost, offers_made)
enough(chosen, "guests")
cost, total = len(chosen) * invitation_cost, chosen["value"].sum()
note(invited=len(chosen), value=total, cost=cost)

# %%
offered = chosen.set_index("category", append=True)
times = offered["chance"].to_numpy() * margin_share * moved_share
drawn = model.elsewhere_draws(fits, frame.loc[offered.index], times).sum(axis=1)
low, high = drawn.quantile([0.05, 0.95])

# %%
print(f"{len(chosen)} invited (the budget allows {offers_made});")
print(f"cost: {store.currency} {cost:,.0f}.")
print(f"If an invitation raises each chance by {raised:.0%} of itself, and")
print(f"{moved_share:.0%} of the spend then moves, they bring {total:,.0f}")
print(f"margin a year (90 %: {low:,.0f} to {high:,.0f}).")

# %% [markdown]
# **How to read it.** The interval holds the luck of the survey, and no more. Not in it: that both assumptions are
# guesses; that the chances are forecasts; and who happens to begin. So look for the *break-even*: how much must an
# invitation do so that the list pays for itself?

# %%
break_even = raised * cost / total
note(break_even=break_even)
print(f"The list pays if an invitation raises the chances by {break_even:.0%}")
print(f"of themselves or more, provided that {moved_share:.0%} of the spend moves.")

# %%
groups = invitations.offers_by_category(chosen).round().astype("Int64")
groups.rename(columns={"value": f"value ({store.currency})"})

# %% [markdown]
# Categories with fewer than `k` customers show no figures: whoever knows the guests could guess who they are.
#
# Would a simpler list do? "The biggest spenders here, and for each the most popular category that she does not buy."
# Own sales stand in for the wallet again. Where the truth is known, count for both lists what the invited *truly*
# spend elsewhere on the category that they are offered.
#
# **Predict:** is the difference between the two lists larger than luck?

# %%
proxy = frame["here"].groupby("customer_id").transform("sum")
popular_now = chance_model_now.popular(is_open)
simple = invitations.offers(proxy, popular_now, margin_share, moved_share)
simple = simple[simple.index.isin(allowed)].head(len(chosen))
prizes = {}
for way, one in {"our_list": chosen, "own_sales": simple}.items():
    prize = true_elsewhere.loc[one.set_index("category", append=True).index]
    prizes[way] = prize.droplevel("category").reindex(here.index, fill_value=0.0)
    note(**{f"prize_{way}": prizes[way].sum()})

# %%
of_lists = next_category.hit_difference(*prizes.values(), 2000, seed)
print(f"Truly spent elsewhere on what is offered, {store.currency} a year:")
print(f"our list {of_lists['one']:,.0f}, the simple one {of_lists['other']:,.0f}.")
print(f"Difference {of_lists['difference']:+,.0f}")
print(f"(90 % interval {of_lists['low']:+,.0f} to {of_lists['high']:+,.0f}).")

# %% [markdown]
# **How to read it.** If the interval lies above 0, our list finds larger wallets. If it holds 0, these few customers
# cannot tell the two lists apart, and the simple one is easier to explain.

# %% [markdown]
# **What is fair?** (criterion 3.2) An offer of something that belongs to what she uses is a service; a push to buy
# what she does not need is hard selling. So: one invitation, with a sample, no call afterwards; an easy way to say
# no; the same sample at the till for everyone who asks. And never "we know that you buy your make-up elsewhere": she
# told the survey, and not the sales floor.
#
# **Change one thing:** set `most_in_30_days` to 2. How many customers does the rule take off the list? Whom does it
# protect, and whom does it cost?

# %% [markdown]
# ## Check yourself
#
# 1. Ann and Bo both spent 400 here. What else must you know to say who has the smaller share of wallet?
# 2. Customers recall 120 for every 100 that they spent here. They recall 3,600 elsewhere. What is the better guess?
# 3. Then how much does calibrating recall change the *share*, if both sides are recalled too high alike?
# 4. You test 400 pairs, and 22 have a p-value below 0.05. How many of them would you have expected from luck alone?
# 5. A pair has lift 12, seen in 3 baskets. Another has lift 2, seen in 200. Which shelf do you rebuild?
#
# <details><summary>Answers</summary>
#
# 1. What each spends elsewhere: from a survey, or not at all.
# 2. 3,000: divided by 1.2.
# 3. Not at all: above and below the line both are divided by the same. It changes the *money*. But to mix till sales
#    here with recalled spend elsewhere makes the share too small.
# 4. 20.
# 5. The second. The first may be luck, and even if it is not, three baskets do not pay for a shelf.
#
# </details>
#
# ## In this chapter you
#
# - saw that the till cannot tell a small wallet from a small share
# - joined a survey to sales, corrected memory, weighted and imputed, and looked at the truth
# - said how much those who buy one or two categories here spend elsewhere
# - drew the bounds that remain without a survey
# - found rules that stand up to hundreds of tries, and saw why a high lift alone says little
# - forecast the next category, in the right season, and judged it on later months against a simple list
# - made an invitation list with its value, its break-even, and the rules that it obeys
#
# ## On Monday
#
# 1. Draw customers by lot from your list, as many as you can: section 3 shows how far a survey of 50 goes. Ask them,
#    with their consent: "What else of this kind do you buy, and how much a year?" Write down date, category, here and
#    elsewhere. That is a table `wallet`. Do not ask at the till alone: there you meet those who come often.
# 2. Put the pairs that belong together on one shelf in half of your shops, drawn by lot. Compare after eight weeks.
# 3. Make the list of section 9. Leave half of it out by lot. After half a year, compare what the two groups spent on
#    the category. The difference is what the invitation did: both assumptions in one. With a short list one round
#    tells little; do it again with the next list, and add the rounds up.
#
# ## The exercise
#
# Exercise 04 asks questions like these about a store that is yours alone. Your instructor hands out the packets
# (`crm-course release 04 --roster class.csv -o out`). Work in the packet's notebook; it says whether an answer has
# the right form.
#
# ## Limits
#
# - People who answer differ from those who do not. Weights mend what the till can see, and nothing else.
# - Everybody is taken to have the same memory for spend here and elsewhere.
# - Who bought nothing in the last 365 days was not asked. Nothing is said about her.
# - The chance of a next category is a forecast without an offer, not the effect of one. The model of section 9 learns
#   from other months than the one that section 8 judges; nobody has judged it yet.
# - A rule says what is bought together today, on today's shelves.
#
# Methods: Glady and Croux (2009, Journal of Service Research 11); Manski (2003); Benjamini and Hochberg (1995, JRSS B
# 57); Gionis and others (2007, ACM TKDD 1); Knott, Hayes and Neslin (2002, Journal of Interactive Marketing 16).
