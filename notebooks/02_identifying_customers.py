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
# # 2 · Identifying customers
#
# - **Criterion 2.1a**: identify customers, online and offline; **2.1b**: check, update and delete their records;
#   **3.1**: privacy (outcomes A1, A3)
# - **Time**: up to 4 hours; sections marked *deeper* are extra
# - **You need**: percentages and averages, reading a chart, filtering and grouping a table
#
# After this chapter you can
#
# - say which channel captures customers well, and which fields can be used
# - write names in two scripts, telephone numbers and addresses in one way
# - find the records of one person in three ways, and tell how good each way is
# - choose how sure you want to be, from a clerk's review and from what mistakes cost
# - merge customers without losing a "no", keep records fresh, and delete what is no longer needed, with a log

# %% [markdown]
# ## The manager's question
#
# "We have so many customers," says Mei, and reads the number of sign-up records off the screen. "But half of them
# bought only once. What is wrong with us?"
#
# Perhaps nothing. A customer signs up at the till in March, in the app in June, and at a market stall in October. Each
# time she spells herself a little differently. The file then holds three customers who are all she.
#
# How many people are there? Which records belong together? And what may we do with them, now that we know?
#
# The demo store is made by a simulator, which knows who is who. On your own shop's data the same cells run; there a
# clerk looks at some pairs.

# %% tags=["parameters"]
data: str = "../datasets/demo"  # store folder
as_of: str = ""  # last day that counts, such as 2025-12-31; empty: the last day of the data
lang: str = "en"  # language of the figures
review: str = ""  # a clerk's decisions on the sample of section 5, a CSV file (whole path); empty: none
review_size: int = 300  # pairs that the clerk reviews, 20 to 5000
clerk_error: float = 0.0  # wrong share of her decisions (demo store), 0 to 0.5
cost_false_merge: float = 300.0  # of two strangers put together, 0.01 to 100000
cost_missed: float = 60.0  # of two records of one person left apart, 0.01 to 100000
doubt: float = 2.0  # points above the line up to which a link is doubtful, 0 to 10
asking_cost: float = 0.5  # of asking one person one question, 0 to 1000
answering: float = 0.8  # share who answer when asked for their number, 0.01 to 1
keep_months: int = 24  # a record is outdated when nothing was heard for so long, 1 to 120
seed: int = 7  # of the draws, 0 to 4294967295
k: int = 5  # fewest people whose figures are shown, 1 to 1000

# %%
import pandas as pd
from IPython.display import display

from crm_course import begin, note, open_store
from crm_course.analysis.identity import persons, record_quality
from crm_course.analysis.sales import rfm
from crm_course.plots.identity import identity_plots as plots
from crm_course.tables.small_groups import enough, how_many, shown

# %%
begin(lang, k)
store = open_store(data, as_of)
today = store.today
print(f"{store.name}: {store.info.source}; as of {today:%d %B %Y}, in {store.currency}")

# %% [markdown]
# ## 1 · Who is captured? (core)
#
# To *capture* (收集) a customer is to learn who she is. First the simplest figure: of all orders, which share has a name
# to it?

# %%
orders = store.table("orders", ["order_id", "customer_id", "ordered_at", "day", "channel"])
named = orders["customer_id"].notna()
print(f"{named.mean():.0%} of {len(orders):,} orders belong to a known customer.")
note(orders_named=named.mean(), unit="%")
orders = orders[named]
buyers = enough(orders["customer_id"].unique(), "customers")

# %% [markdown]
# Now the sign-up records. A *record* (登記資料) is one form, filled in once, in one channel. It is not a person.
#
# If your own store has no records, it was imported with identities hidden, as imports are by default. To link records
# you need names and numbers: import again with `--keep-identifiers`, on a computer that only those who need it can use,
# and delete that store afterwards. Without records this chapter leaves out what it must and goes on.

# %%
kept = "linking (to have it, import with --keep-identifiers)"
records = enough(store.table("records", for_=kept), "records")
in_truth = {}  # the person of each record, where the simulator tells
note(records=len(records))

# %%
truth = store.truth("records", for_="how near each way of linking comes to it")
truth = truth.set_index("record_id").reindex(records["record_id"])
who = truth["customer_id"]
in_truth["the truth"] = who

# %%
links = store.table("links", for_="what hangs on the shop's own links")
put_down = records["record_id"].isin(links["record_id"]).mean()
print(f"The shop has put {put_down:.0%} of its records down to a customer.")

# %% [markdown]
# Two tables speak of people. `records` holds the forms. `links` says for each form which customer the staff put it down
# to: by hand, one at a time, and not for all. Sections 3 to 6 do that work by rules.
#
# **Before you run the next cell:** of the customers who bought at the till, what share do you think filled in a form
# there? And by telephone?

# %%
captured = record_quality.capture(orders, records, links)
note(captured_least=shown(captured)["share"].min(), unit="%")
what = "customers of the channel with a record made there (share)"
plots.plot_shares(captured, what, "Customers captured")

# %% [markdown]
# **How to read it.** The dot is the *capture rate* (收集率): of the customers who ordered in a channel, the share with a
# record made there. The bar is the 95 % interval: were the same count made on many such groups of customers, nineteen
# of twenty bars would hold the true share. With few customers it is long. Two bars that lie well apart mean a
# difference. Two that overlap leave it open: it may be there all the same. Groups of fewer than `k` people are not
# shown.
#
# **What it does not mean.** A form that the staff put down to nobody does not count here, so the true rates are rather
# higher. And who bought without giving a name is not in the figure at all: of *all* buyers the shop knows fewer.
#
# A high capture rate is not a goal by itself. Every field asked takes the customer's time, and the Personal Data
# (Privacy) Ordinance (個人資料（私隱）條例) lets a shop collect only what it needs. Section 11 puts a price on each field.

# %% [markdown]
# ## 2 · What can be used? (core)
#
# A field can be *filled in* and still be useless: a number with a digit too few, or a birthday on 1 January 1900 that
# the form put in by itself. So before we count, we write all fields in one way. How that is done is the next section.
#
# **Predict:** which field is filled in most often? And which loses most when only what can be used counts?

# %%
from crm_course.analysis.identity import romanisation, standardising

# %%
fields = standardising.standardised(records)
usable = record_quality.usable_fields(records, fields)
filled = records[["phone", "email", "birthday", "address"]].notna().mean()
display(pd.DataFrame({"filled in": filled, "can be used": usable[filled.index].mean()}))
note(**{f"usable_{name}": share for name, share in usable.mean().items()}, unit="%")
plots.plot_completeness(record_quality.by_channel(usable, records["channel"]))

# %% [markdown]
# **How to read it.** Along a row: what a channel brings (*completeness and validity*; 完整、有效). The web shop must know an
# address, so it has one. At the till there is a queue, so there is not.
#
# The third virtue is *freshness* (新近): when was the record last confirmed?

# %%
years = record_quality.years_unconfirmed(records, today).clip(lower=0)
channel = records["channel"].astype("str").set_axis(years.index)
fresh = record_quality.share_with_interval(years < 1, channel)
note(fresh=(years < 1).mean(), unit="%")
what = "records confirmed within the last year (share)"
plots.plot_shares(fresh, what, "Fresh records")

# %% [markdown]
# **Change one thing:** write `years < 0.5`. Does the order of the channels change? Which channel asks people to look at
# their own data?

# %% [markdown]
# ## 3 · One spelling for all (core)
#
# Here are four ways to write one number, one landline and one mistake. `phonenumbers` knows the numbering plans of all
# countries.

# %%
numbers = pd.Series(
    ["9123 4567", "+85291234567", "(852) 9123-4567", "852-91234567", "2345 6789", "91234"]
)
standardising.phone_numbers(numbers).assign(entered=numbers)

# %% [markdown]
# `kind` matters. A mobile number is one person's; a fixed line is a whole household's.
#
# Names are harder. 陳小美, CHAN Siu-mei and "Ms Siu Mei Chan" are one name. To a computer no letter is the same. We need
# to know how each character is spelt *in Hong Kong*, and here no dictionary fits all: families spell as their
# grandparents did. But the shop's own records know. Many have a Chinese name beside an e-mail address such as
# `siumei.chan`. Where 陳 stands, `chan` stands again and again. A few rounds of counting find which syllable goes with
# which character.
#
# **Predict:** for what share of the characters in your records can that be learnt?

# %%
syllables = romanisation.latin_syllables(records["name"])
examples = romanisation.both_scripts(records, syllables)
spelling = romanisation.romanisation(examples)
print(f"{len(examples):,} records teach the spelling of {len(spelling)} characters:")
chinese = records.loc[romanisation.is_chinese(records["name"]), "name"]
taught = chinese.str.findall(r"[\u3400-\u9fff]").explode().isin(spelling.keys())
print(f"{taught.mean():.0%} of all characters in Chinese names.")
display(pd.Series(spelling).reindex(list("陳黃李張梁王林吳")).to_frame("spelt").T)
note(characters_learnt=taught.mean(), unit="%")

# %%
names = pd.Series(["陳美玲", "CHAN Mei Ling", "Chan Mei-ling", "Ms Mei Ling CHAN"])
table = {"陳": "chan", "美": "mei", "玲": "ling"}
standardising.names(names, table, set(table.values())).assign(entered=names)

# %% [markdown]
# The syllables are put in the order of the alphabet, so that it does not matter which comes first. Addresses are
# compared by what is the same in both scripts: district, block or street number, floor and flat.
#
# **What it does not mean.** Two people can share all of a name. And names from the mainland are spelt in pinyin (拼音),
# not in Cantonese: for them the table above is the wrong one. Where the truth is known, section 6 shows what that costs
# them.

# %% [markdown]
# ## 4 · Same number, same person? (core)
#
# The simplest rule: two records belong together when they share the number, *or* the e-mail address, *or* name and
# birthday. These are *exact keys* (完全匹配). If A goes with B and B with C, all three are one person.
#
# Two figures say how good a rule is:
#
# | figure | asks | its mistake |
# |---|---|---|
# | *precision* (準確率) | of the pairs we put together, how many belong together? | a false merge: two strangers share one account |
# | *recall* (召回率) | of the pairs that belong together, how many did we find? | a miss: one person stays two |
#
# `f1` sums both up: 2 × precision × recall / (precision + recall). It is high only when both are, and near the lower of
# the two otherwise.
#
# **Predict:** how many people stand behind the records? And how much does it matter to write the fields in one way
# first?

# %%
from crm_course.analysis.identity import (
    clerical,
    deletion,
    link_quality,
    linkage,
    probabilistic,
)

# %%
methods = {}  # the person of each record, by way of linking
two_keys = ["phone", "email"]
entered = records.set_index("record_id")[two_keys]
for name, table in (("as entered", entered), ("written one way", fields)):
    methods[name] = linkage.persons(table, linkage.agreeing_pairs(table, two_keys))
by_keys = linkage.exact_pairs(fields)
methods["exact keys"] = linkage.persons(fields, by_keys)

# %%
people = {name: found.nunique() for name, found in (methods | in_truth).items()}
print(f"{len(records):,} records. How many people?")
display(pd.Series(people, name="people").to_frame().T)

# %%
quality = {name: link_quality.pair_quality(one, who) for name, one in methods.items()}
display(pd.DataFrame(quality).T)

# %% [markdown]
# **How to read it.** As entered, `9123 4567` and `+852 91234567` are two numbers, and true pairs are lost. The second
# row asks for the same two keys, number or e-mail address, and finds what writing them in one way brings. The third
# adds the third key, name and birthday.
#
# But exact keys make both mistakes. They miss whoever changed her number. And they merge mother and daughter, who share
# the telephone at home or the family's mailbox.

# %% [markdown]
# ## 5 · A score, and a clerk (core)
#
# A person who compares two forms weighs one thing against another: "The number is the same, but it is a landline, and
# the birthdays differ: that is her sister." A *score* (評分) does the same: points for what agrees, points off for what
# does not. `home` is flat, floor and block; a field that is missing on one form gives no points and takes none off.

# %%
with pd.option_context("display.max_rows", None):
    display(linkage.points_table())

# %% [markdown]
# A name that many bear says less than a rare one. So where the names agree, `rarity` is added: up to one point for a
# rare name, points off for a common one.
#
# We cannot compare all pairs: twice as many records make four times as many. So we compare only pairs that agree in
# *something* (*blocking*; 分組).

# %%
pairs = linkage.candidate_pairs(fields)
compared = linkage.comparisons(fields, pairs)
pairs["score"] = linkage.scores(compared)
every = len(records) * (len(records) - 1) // 2
print(f"{len(pairs):,} pairs to compare, of {every:,}.")
note(candidate_pairs=len(pairs))

# %% [markdown]
# One pair worked out by hand: of those whose names agree, the one nearest to where the line will be drawn first. Add up
# its points. (The two forms are shown only where nobody is real.)

# %%
nearest = linkage.nearest_namesakes(pairs, compared)
two = records.iloc[pairs.loc[nearest, ["x", "y"]].astype(int)]
entered = ["name", "phone", "email", "birthday", "address", "district"]
display(two[entered].T) if store.synthetic else print("Real people's forms are not shown.")
display(linkage.points_of(compared.loc[nearest]))
print(f"Together {pairs.loc[nearest, 'score']:.2f} points.")

# %% [markdown]
# One care more. If A goes with B and B with C, all three are one person, however little A and C agree. One false link
# in such a chain joins two whole families. So we note for each pair from how many points on it is put together,
# directly or by a chain.

# %%
chains = clerical.with_strata(linkage.joined_pairs(pairs))
print(f"{len(chains) - len(pairs):,} pairs more are put together by chains alone.")

# %% [markdown]
# What do we lose by not comparing all? Where the truth is known, it can be counted.

# %%
chains["same"] = link_quality.together(chains, who)
true = link_quality.pairs_within(who)
direct = int(chains.loc[pairs.index, "same"].sum())
joined = int(chains["same"].sum()) - direct
never = true - direct - joined
print(f"Of {true:,} true pairs, {direct:,} are compared,")
print(f"{joined:,} more are joined by chains, and {never:,} never meet.")
note(true_pairs=true, never_meet=never)

# %% [markdown]
# The points are set by hand. From how many points on is it one person? Do not ask the points; ask somebody who can
# look. A clerk (文員) gets some pairs of *every* score, more where it is doubtful, and decides from the forms, a call or
# the receipt. In the demo store the simulator plays the clerk. On your own data, save her sheet with
# `clerical.review_sheet(sample, records).to_csv("sheet.csv", index=False, encoding="utf-8-sig")`; without the
# `encoding`, Excel breaks the Chinese. She writes yes or no in the column `same` and saves as "CSV UTF-8". Give the
# whole path of that file as the parameter `review`.

# %%
sample = clerical.review_sample(chains, review_size, linkage.THRESHOLD, seed)

# %%
same = chains.get("same")  # None where nobody knows
reviewed = clerical.reviewed(sample, fields, review, same, clerk_error, seed)

# %%
seen, agreed = len(reviewed), reviewed["same"].sum()
print(f"The clerk saw {seen} pairs; {agreed} of them are one person's.")
merged = chains["score"] >= linkage.THRESHOLD
judged = clerical.reviewed_quality(reviewed, chains, merged)
strangers = judged.loc["false_merges", "estimate"]
plots.plot_scores(reviewed, linkage.THRESHOLD, strangers)

# %% [markdown]
# **How to read it.** Every pair that the clerk saw stands for several like it, so the bars add up to *all* pairs. The
# number in the title is an estimate from her sample; the next table gives it again, with its interval.
#
# No line parts the two colours cleanly. Move it to the right and you miss people; move it to the left and you merge
# strangers.
#
# ### A mistake that everyone makes once
#
# The clerk got a larger share of doubtful pairs than the file has, on purpose. Who forgets that and takes the plain
# share of her answers judges the rule by its hardest cases.

# %%
shares = ["precision", "recall"]
note(**judged.loc[shares, "estimate"].to_dict(), unit="%")
judged["plain share"] = clerical.plain_shares(reviewed, merged)[shares]
for name in in_truth:
    judged[name] = clerical.true_quality(chains["same"], merged)
judged.loc[["false_merges", "missed"]] = judged.drop(index=shares).round()
display(judged.astype(object).fillna(""))

# %% [markdown]
# **How to read it.** `low` to `high` is a 90 % interval: over many such samples nine in ten hold the truth. "Plain
# share" has no such right. Twice as many pairs, drawn in the same way, would not mend it: they close in on the wrong
# number. Only who reviews nearly all pairs is rid of it.
#
# This recall is *of the pairs that were compared or joined by a chain*, and so is "the truth" here. Pairs that never
# met were never on the clerk's table. She cannot see them; nor can any figure of this section. Where the truth is
# known, section 6 counts them in, and recall can only be lower there.
#
# ### What does a mistake cost?
#
# - A **false merge**: a stranger gets her letter, her points, her birthday. An apology, a voucher, perhaps a complaint to the
#   Privacy Commissioner.
# - A **miss**: she gets two leaflets, and two poor customers stand where a good one is. Section 10 finds that it can
#   delete her, too.
#
# They do not cost the same. The parameters hold Mei's guesses.
#
# **Predict:** she takes a false merge for dearer than a miss. Does the line move to the right or to the left of where
# it would lie if both cost the same?

# %%
costs = cost_false_merge, cost_missed
drawn = {}  # where the review draws the line of the score

# %%
curve = clerical.cost_curve(reviewed, *costs)
curves = {"the clerk's sample": curve}
for name in in_truth:
    curves[name] = clerical.cost_curve(chains, *costs)
drawn["score"] = clerical.cheapest(curve)
note(threshold=drawn["score"], unit="points")
plots.plot_cost_curve(curves, store.currency)

# %%
even = clerical.cheapest(clerical.cost_curve(reviewed, 1, 1))
print(f"If both mistakes cost the same, the line would lie at {even:.1f} points.")
print(f"At these costs it lies at {drawn['score']:.1f}.")

# %% [markdown]
# **How to read it.** Left of the low point false merges are dear, right of it misses are. Where the curve is flat, half
# a point more or less hardly matters: do not fight over it. What more review could bring is read on the green curve
# (the truth): its height at the clerk's line less its lowest point.
#
# **What it does not mean.** Both curves are of the pairs that were compared or joined. Those that never meet cost as
# much as any miss, at every line. So they move no line, but they belong on the bill. Where the truth is known, section
# 6 puts them there.
#
# **Change one thing:** set `cost_missed = 600` in the parameters. Which way does the line move? And for a clinic, where
# a false merge means the wrong allergy?

# %%
threshold = drawn.get("score", linkage.THRESHOLD)  # without a review, the one set by hand
methods["score"] = linkage.persons(fields, pairs[pairs["score"] >= threshold])

# %% [markdown]
# ## 6 · Weights that the records teach (core)
#
# Who says what the same e-mail address is worth? So far we did. `splink`, free software of the British Ministry of
# Justice, learns the weights from the records. It asks two questions of every field: how often does it agree between
# two strangers (`u`), and how often between two records of one person (`m`)? The logarithm of the ratio is the weight
# (Fellegi and Sunter). Nobody has to label anything.
#
# **Predict:** which will weigh more, the same mobile number or the same birthday? And which counts most against it?

# %%
model = probabilistic.trained(fields)
learnt = probabilistic.match_probabilities(model, pairs)
weights = probabilistic.weights(model)
start = weights["weight"].iloc[0]
print(f"Every pair starts at {start:.1f}, then adds a weight for each field.")
print("For that start, pairs with the same number, the same e-mail address, or the")
print(f"same name and birthday are guessed to be {probabilistic.RECALL:.0%} of all.")

# %%
both = weights[["m", "u"]].map("{:.3%}".format)
with pd.option_context("display.max_rows", None):
    display(both.assign(weight=weights["weight"]))

# %% [markdown]
# **How to read it.** A weight of 1 doubles the odds that both records are one person's; of -1, it halves them. At 0 in
# all they are even. So these are no points of section 5: compare weights with weights only. If the weight of birthdays
# that differ lies far below all others, nothing outweighs one mistyped birthday. (Of what the training never saw, splink
# makes a guess of its own.)
#
# **What it does not mean.** Adding up is right only if the fields agree *independently* of each other: among strangers,
# and within one person. Mother and daughter break that. They share line, mailbox and flat, all for one reason, and
# splink counts the reason three times.
#
# "One person" means here: more likely than not. Where that line belongs, given what mistakes cost, only the clerk's
# sample tells; so both lines are shown.

# %%
methods["splink"] = linkage.persons(fields, pairs[learnt["score"] >= 0])

# %%
joined = linkage.joined_pairs(pairs.assign(score=learnt["score"]), lowest=-2.0)
seen = reviewed.drop(columns="score").merge(joined, on=["x", "y"], how="left")
seen = seen.fillna({"score": -99.0})  # never put together
line = clerical.cheapest(clerical.cost_curve(seen, *costs))
cautious = linkage.persons(fields, pairs[learnt["score"] >= line])
methods["splink, clerk's line"] = cautious

# %%
rows = {name: link_quality.pair_quality(one, who) for name, one in methods.items()}
quality = pd.DataFrame(rows).T
note(**{f"f1 of {name}": f1 for name, f1 in quality["f1"].items()})
cost = cost_false_merge * quality["false_merges"] + cost_missed * quality["missed"]
display(quality.assign(cost=cost))
unmet = f"{store.currency} {cost_missed * never:,.0f}"
print(f"{unmet} of each cost is for pairs that never met: no line wins it back.")
plots.plot_methods(quality[["precision", "recall", "f1"]])

# %%
ways = {name: link_quality.together(chains, found) for name, found in methods.items()}
display(clerical.methods_reviewed(reviewed, chains, ways))

# %% [markdown]
# **How to read it.** The first table and the figure are the truth over all pairs, with what the mistakes cost. The
# second is what the clerk's sample says of the pairs that were compared or joined, with 90 % intervals: this is all
# that you will ever have in your own shop.
#
# ### Which rule is better?
#
# Do not lay two of these intervals beside each other. All rules are judged on the same pairs, and where two of them do
# the same, they make the same mistakes. So ask only about the pairs on which they *differ*: how much more does each
# rule cost than the score, as the clerk's sample tells?

# %%
dearer = clerical.cost_differences(reviewed, chains, ways, "score", costs)
display(dearer.round())

# %% [markdown]
# **How to read it.** `differ` counts the pairs that the rule treats otherwise. Above 0 it costs more than the score,
# below 0 less. If the 90 % interval holds 0, the sample leaves it open: take the rule that your staff can explain. One
# care: the lines of the score and of splink were drawn with this same sample, which flatters both a little.
#
# ### Is it fair to everyone?
#
# A rule can be good on average and bad for some. So here is recall by the script (文字) of the two names. Names in pinyin
# and names of companies stand apart: the simulator knows which they are.
#
# **Predict:** for whom does the score do *worse* than exact keys?

# %%
kind, spelling = fields["script"].fillna("none"), truth["spelling"].astype("str")
kind = kind.mask(spelling.str.contains("pinyin"), "pinyin")
kind = kind.mask(spelling.str.startswith("company"), kind + " company")
three = ("exact keys", "score", "splink")
three = {name: found for name, found in methods.items() if name in three}
by_kind = link_quality.methods_by_kind(three, who, kind)
plots.plot_scripts(by_kind, "score")

# %%
precision, recall = (shown(by_kind)[one].unstack("way") for one in ("precision", "recall"))
print("Precision, group by group:")
display(precision)

# %%
worse = recall[recall["score"] < recall["exact keys"]]
groups = len(recall.dropna())
print(f"Exact keys find more than the score in {len(worse)} of {groups} groups.")
for one, row in worse.iterrows():
    print(f"- {one}: exact keys {row['exact keys']:.0%}, score {row['score']:.0%}")
note(least_recall=recall["score"].min(), unit="%")
note(groups_that_lose=len(worse))

# %% [markdown]
# **How to read it.** A dot is the share of a group's true pairs that are found. The bar is its 90 % interval; it counts
# people, since the pairs of one person are found or lost together. A group of few pairs has a long one.
#
# Whoever writes her name now in Chinese and now in Latin letters may be found less often: she gets two birthday
# vouchers, or none. Two kinds can lose outright by the score:
#
# - people whose names the table of section 3 spells wrongly: 张 is `zhang` to her and `cheung` to us, so the score sees
#   two names and takes points off, though the number is the same;
# - companies whose Chinese name is no translation of the English one.
#
# Exact keys ask for no name where the number agrees. For these two they may be the better rule, however good the score
# is on average.
#
# It is no fault of theirs. Ask at the till for a second key (a number, an e-mail address), not for another spelling. And
# look by hand at pairs with the same number and two scripts before you call them strangers.

# %% [markdown]
# ## 7 · A person counted twice is two poor customers (core)
#
# Back to Mei's screen. The orders have carried a customer number since section 1. Here it serves only to find the form
# that she used in that channel. Then we lay it aside, and look at the file as a shop does that has linked nothing: every
# record is a customer. Then merge by the score, and count again.
#
# **Predict:** after the merge, does the share of customers who came back rise or fall?

# %%
events = orders.rename(columns={"ordered_at": "at"})
filed = persons.record_of(events, records, links).set_axis(orders["order_id"])
bought = store.purchases(whose=filed)  # every record a customer

# %%
every_record = pd.Series(fields.index, fields.index)
owners = {"every record": every_record, "after the merge": methods["score"]} | in_truth
counted = {}
for name, owner in owners.items():
    theirs = bought.assign(customer_id=bought["customer_id"].map(owner))
    counted[name] = persons.counted_twice(rfm.rfm(theirs, today))
counted = pd.DataFrame(counted)

# %%
display(counted)
before, after = counted["every record"], counted["after the merge"]
note(came_back_before=before["came_back"], came_back_after=after["came_back"], unit="%")
note(customers_before=before["customers"], customers_after=after["customers"])
plots.plot_counted_twice(counted, store.currency)

# %% [markdown]
# **How to read it.** No sale has changed, only who it belongs to. `customers` are those with an order. `came_back` is
# the share with a second purchase day, `visits` the purchase days of one customer, `spent` her mean net spend in the
# store's currency, and `top_fifth` the share of all net sales that the best fifth brings.
#
# Mei's "half of them bought only once" was partly her own file. Every figure of chapter 3 rests on this step: do it
# first.
#
# What does it cost to leave it? Send a leaflet to each record, with or without an order, in place of one to each
# person:

# %%
doubled = len(records) - methods["score"].nunique()
print(f"By the score, {doubled:,} records are a person's second or later one.")
print(f"At {store.currency} 5 a leaflet, four times a year (both are guesses),")
print(f"that is {store.currency} {20 * doubled:,.0f} a year for letters that annoy.")
note(doubled=doubled)

# %% [markdown]
# ## 8 · Consent goes with her (core)
#
# One record says yes to e-mail, the other said no. Which holds? Two rules, and not a third:
#
# 1. **The latest explicit choice wins** (最後的明確選擇), when the records surely belong together.
# 2. **The stricter one wins** where the link is in doubt: if these may be two people, the "no" of one must not be lost.
#    And who never chose did not say yes: a perhaps-stranger's silence is no consent.
#
# A link is *in doubt* here when it holds only by fewer than `doubt` points above the threshold.
#
# **Predict:** of the people who ever said yes to e-mail, to how many may you no longer write?

# %%
choices = store.table("consents", for_="consent along the merge")

# %%
asked = choices.rename(columns={"recorded_at": "at"}).assign(channel=choices["source"])
choices["record_id"] = persons.record_of(asked, records, links)
sure = linkage.persons(fields, pairs[pairs["score"] >= threshold + doubt])
carried = persons.merged_choices(choices, methods["score"], sure)

# %%
asked_for = {"purpose": "marketing", "channel": "email"}
by_mail = carried[(carried[list(asked_for)] == asked_for).all(axis=1)]
may = set(by_mail.loc[by_mail["granted"], "person"])
unsure = by_mail[by_mail["in_doubt"]]
print(f"{how_many(len(may))} people may get e-mail.")
print(f"{how_many(len(unsure))} people who chose are held together by a link in doubt;")
yes = how_many(unsure["granted"].sum(), of=len(unsure))
print(f"{yes} of them may get it: each part of them said yes.")
note(may_be_mailed=len(may), people=len(may))
note(in_doubt=len(unsure), people=len(unsure))

# %%
of_mail = choices[(choices[list(asked_for)] == asked_for).all(axis=1)]
once = of_mail.loc[of_mail["granted"], "record_id"]
too_many = set(once.map(methods["score"]).dropna()) - may
doubtful = how_many(len(too_many & set(unsure["person"])), of=len(too_many))
print(f"Who trusts any yes writes to {how_many(len(too_many))} people who may not get it:")
print(f"{doubtful} have a link in doubt, the others said no later.")

# %%
mine = of_mail.assign(record_id=of_mail["customer_id"])
own = pd.Series(mine["customer_id"].unique(), mine["customer_id"].unique())
real = persons.merged_choices(mine, own, own)
reached = set(who[methods["score"].isin(may)])
inside = reached.intersection(real.loc[~real["granted"], "person"])
print(f"In truth {len(inside):,} who said no hide among those who may get it.")
note(no_sayers_mailed=len(inside))

# %% [markdown]
# **How to read it.** Trusting any yes is the usual mistake. Each of those letters may be an offence: under the
# Ordinance, and, since it is e-mail, also under the Unsolicited Electronic Messages Ordinance (非應邀電子訊息條例, Cap. 593).
# And the "no" was in the shop's own file.
#
# Where the truth is known, the last line shows what no rule here can see: a "no" whose link is wrong, or was missed. So
# every letter carries a way to say no, and a "no" holds for all records of that number and that address.

# %% [markdown]
# ## 9 · Keeping records true (core)
#
# People change their numbers. How often? We cannot see it in one record. But two records of one person, confirmed some
# time apart, tell: the longer the gap, the more often the numbers differ.
#
# The usual mistake: to look at pairs that were *found by the number*. Those always agree. We take pairs found by the
# e-mail address and the name.
#
# **Predict:** of a hundred mobile numbers, how many change in a year? And will the usual mistake say more, or fewer?

# %%
same_name = compared["name"].isin(["same", "near", "short"])
by_mail_and_name = pairs[(compared["email"] == "same") & same_name]
rate = record_quality.change_rate(fields, records["updated_at"], by_mail_and_name)
naive = record_quality.change_rate(fields, records["updated_at"], by_keys)
found_by = {"found by e-mail and name": rate, "found by the number too": naive}
display(pd.DataFrame(found_by).T)
note(changes_per_year=rate["per_year"], changes_naive=naive["per_year"])

# %%
old = record_quality.share_old(years, store.truth("records"))  # where it is known
plots.plot_outdated(rate, old)

# %% [markdown]
# **How to read it.** `per_year` is how often a number changes in a year. `at_once` is the share that differs without
# any gap: a slip of the pen, or a second telephone. The line is the estimate, the band its 95 % interval. It counts
# people and not pairs: three records of one woman make three pairs, but hers is one story.
#
# `reach` is the gap in years that nineteen of twenty pairs stay below. Further right the line is dotted: there we only
# go on as before, with hardly any data. Where the truth is known, a dot is the share of numbers that really are old. Few records have
# been silent for long, so the dots at the right may jump.
#
# ### The update campaign
#
# Whom shall we ask "Is this still your number?" Not everybody: whoever confirmed last month is only annoyed. A message
# costs; a wrong number costs more when we need it. But only some answer (`answering`). Ask where what the answers save
# is larger than the cost. How many that is hangs on the rate, so its interval is carried on: from how many people to how
# many?

# %%
message, wrong_number = 2.0, 15.0  # guesses, in the store's currency
campaigns = {}
for name in ("low", "per_year", "high"):
    prices = rate[name], message, wrong_number, answering
    campaigns[name] = record_quality.update_campaign(years, methods["score"], *prices)

# %%
few, ask, many = (int(one["ask"].sum()) for one in campaigns.values())
campaign = campaigns["per_year"]
told, low, high = (how_many(one, of=len(campaign)) for one in (ask, few, many))
print(f"Ask {told} of {len(campaign):,} people (from {low} to {high}).")
print(record_quality.campaign_in_words(campaign))
note(to_ask=ask, people=campaign["ask"])
note(to_ask_at_least=few, people=campaigns["low"]["ask"])
note(to_ask_at_most=many, people=campaigns["high"]["ask"])

# %% [markdown]
# **Change one thing:** a message on paper costs 4. How many people are still worth asking, and for how long have they
# been silent? From which price on is it nobody?

# %% [markdown]
# ## 10 · Deleting what is no longer needed (core)
#
# The Ordinance says: no longer than necessary. A *retention rule* (保留規則) turns that into days: a record is outdated
# when its person was not heard of for `keep_months`. Two cares:
#
# - **By person, not by record.** An old form of a woman who bought last week is no outdated customer.
# - **Some data must stay.** An open invoice, say. And sales stay in the books for seven years, without the name.
#
# Where a store has no records, the rule is shown on its customers.
#
# **Predict:** which channel will have the most outdated records?

# %%
own_form = store.table("customers").rename(columns={"day": "updated_day"})
own_form["record_id"] = own_form["person"] = own_form["customer_id"]
own_form["channel"] = "customers"
files = {"customers": (own_form, orders.assign(record_id=orders["customer_id"]))}

# %%
linked = records.merge(links, on="record_id", how="left")
linked["person"] = linked["record_id"].map(methods["score"])
by_record = orders.assign(record_id=filed.to_numpy())
files["records"] = linked, by_record

# %%
forms, heard = files.get("records", files["customers"])  # records where there are any
person = forms.set_index("record_id")["person"]
invoices = store.table("invoices", optional="what an open invoice holds back")
held = deletion.in_debt(invoices, forms)
activity = deletion.last_activity(forms, person, heard)
log = deletion.retention_log(activity, today, keep_months, held)

# %%
outdated = log[log["reason"] == deletion.OUTDATED]
counts = deletion.reasons(log, forms.set_index("record_id")["channel"].astype("str"))
note(outdated=len(outdated), people=log["reason"] == deletion.OUTDATED)
plots.plot_retention(counts, gone=len(outdated), total=len(log))

# %%
alone = deletion.last_activity(forms, pd.Series(person.index, person.index), heard)
each = deletion.retention_log(alone, today, keep_months, held)
too_early = (each["reason"] == "outdated") & (log["reason"] != "outdated")
forms_gone = how_many(too_early.sum())
print(f"Record by record, {forms_gone} forms of people in touch would go too.")
note(deleted_too_early=int(too_early.sum()), people=too_early)

# %% [markdown]
# **How to read it.** Orange goes. And it goes into the *deletion log* (刪除記錄): what, why, when, and no name or number,
# or the log would keep what was to be deleted. With the log the shop can show that it keeps its own rule. By the year
# in which the records fell due:

# %%
print(deletion.log_in_words(log))
display(deletion.lines_due(log))

# %% [markdown]
# "By person" is only as good as the links. Where the truth is known, it can be seen how good that is.

# %%
really = deletion.last_activity(linked, who, by_record)
really = deletion.retention_log(really, today, keep_months, held)["reason"]
lost = int((really[outdated.index] == deletion.RECENT).sum())
print(f"Of {len(outdated):,} outdated records {lost:,} belong to somebody in touch.")
note(deleted_in_touch=lost)

# %% [markdown]
# A missed link deletes, too: her old form stands alone and looks forsaken, while she buys under another. Look before
# you delete. And remember it when you put a price on a miss (section 5).
#
# One thing outlives the record: a "no". Who unsubscribed must stay on the list of those not to be written to, or the
# next bought-in address list brings the letters back.
#
# **Change one thing:** set `keep_months = 36`. Who gains, and who bears the risk?

# %% [markdown]
# ## 11 · What is a field worth? (deeper)
#
# The form can ask for five things. Each helps to link, and each is a burden: time at the till, and one more thing that
# can leak. So leave out one question after the other, draw the best line with the rest, and see what the mistakes cost
# then. (The address fills two fields, `home` and `district`; they go together.)
#
# **Predict:** which question would you miss most? Which would you not miss?

# %%
labelled = chains if in_truth else reviewed
labelled = labelled[labelled.index.isin(pairs.index)]  # chains have no fields
couples = {"name and birthday": ("name", "birthday"), "phone and email": ("phone", "email")}
questions = record_quality.QUESTIONS | couples
worth = record_quality.field_worth(compared, labelled, *costs, questions)
single, asking = worth.drop(index=list(couples)), asking_cost * len(records)
note(dearest_field=single["worth"].iloc[0], unit=store.currency)
plots.plot_field_worth(single, asking, store.currency)

# %% [markdown]
# **How to read it.** Right of the dashed line a question saves more than it costs to ask.
#
# At 0 or below its points *do harm as they are set*; that does not mean that the field is empty. An address says which
# *household* it is, and there live two. A family shares a mailbox, and so many points for it put strangers together.
# Lower its points before you drop the question, and look again. What even then is not worth the asking need not be
# asked *for this purpose*. (The web shop needs the address for the parcel.)
#
# Two at once:

# %%
for name, (one, other) in couples.items():
    both = worth.loc[name, "worth"]
    each = worth.loc[one, "worth"] + worth.loc[other, "worth"]
    print(f"Without {name}: {both:,.0f} {store.currency} at once,")
    print(f"{each:,.0f} if the losses of each alone are added up.")

# %% [markdown]
# **What it does not mean.** The fields overlap. The loss of two is not the sum: it can be larger or smaller. The pairs
# are the ones that were found with all fields, so what a field does for finding them is not in its worth; nor are
# chains. And this is the worth at today's points.
#
# **Change one thing:** give the same e-mail address fewer points, with `linkage.POINTS["email"]["same"] = 2.0` before
# the cell of this section. What is the question worth then?

# %% [markdown]
# ## Check yourself
#
# 1. A rule puts 200 pairs together; 180 belong together; 240 pairs do in truth. What are precision and recall?
# 2. The clerk reviewed 100 doubtful pairs and 20 clear ones. Why is the share of "one person" among the 120 not the share in the file?
# 3. A woman said yes at the till in May and no in the app in July. May you write to her? And if it is doubtful that both records are hers?
# 4. After the merge there are fewer customers, and they are worth more each. What has happened to total sales?
#
# <details><summary>Answers</summary>
#
# 1. Precision 180 / 200 = 90 %, recall 180 / 240 = 75 %.
# 2. The doubtful ones were drawn more often than they occur. Each answer must count for as many pairs as it stands for.
# 3. No: the latest explicit choice wins. In doubt: no, the stricter one wins.
# 4. Nothing.
#
# </details>
#
# ## In this chapter you
#
# - measured capture, completeness and freshness channel by channel
# - wrote numbers, names in two scripts and addresses in one way
# - linked records by exact keys, by a score and by splink, and measured precision, recall and F1 of each
# - drew the line from a clerk's sample and from what mistakes cost
# - saw what the merge does to "our customers", carried consent along, and deleted by a rule with a log
#
# ## On Monday
#
# 1. Ask who in your shop may link records, and why. Write the purpose down (criterion 3.1).
# 2. Import with `--keep-identifiers`, run this chapter, and let `clerical.review_sheet` make the clerk's sheet (section 5). Allow two afternoons: a guess. The sheet holds names and numbers: keep it where only she can open it, and delete it when the review is done.
# 3. Merge above the line; put the doubtful links on a list that the till asks about at the next visit. Look at what the retention rule would delete before it goes.
# 4. Write your retention rule in one sentence, and start the log with its first line.
#
# ## The exercise
#
# Exercise 02 asks questions like these about a store that is yours alone
# (`crm-course release 02 --roster class.csv -o out`).
#
# ## Limits
#
# - The simulator's slips are guesses of what goes wrong at a till. Your own clerk's sample is the only judge of your own file.
# - A clerk errs as well. Set `clerk_error = 0.05` and see what it does to precision: it looks worse than it is.
# - Pairs that agree in nothing are never compared. Nobody sees them, and the clerk's recall leaves them out.
# - The truth of the demo store is known to the simulator, never to the methods.
#
# Methods: Fellegi and Sunter (1969, Journal of the American Statistical Association 64); Brown and others (1993,
# Computational Linguistics 19). Software: phonenumbers, rapidfuzz, splink.
