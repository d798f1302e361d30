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
asking_cost: float = 0.5  # of asking one person for one field, 0 to 1000
keep_months: int = 24  # a record is outdated when nothing was heard for so long, 1 to 120
seed: int = 7  # of the draws, 0 to 4294967295
k: int = 5  # fewest people whose figures are shown, 1 to 1000

# %%
import pandas as pd
from IPython.display import display

from crm_course import open_store, report
from crm_course.analysis import customer_value, identifying_customers, record_quality, sales
from crm_course.locale import use_language
from crm_course.plots import identifying_customers as plots
from crm_course.plots.style import set_style
from crm_course.tables.small_groups import without_small_counts

# %%
use_language(lang)
set_style()
pd.options.display.float_format = "{:,.2f}".format
store = open_store(data)
today = store.day(as_of)
figures = {}  # collects the numbers that the last cell reports
print(f"{store.name}: {store.info.source}; as of {today:%d %B %Y}, in {store.currency}")

# %% [markdown]
# ## 1 · Who is captured? (core)
#
# To *capture* (收集) a customer is to learn who she is. First the simplest figure: of all orders, which share has a name
# to it?

# %%
orders = store.table("orders", ["order_id", "customer_id", "ordered_at", "channel"])
orders = orders[sales.local_day(orders["ordered_at"], store.time_zone) <= today]
named = orders["customer_id"].notna()
figures["orders_named"] = named.mean()
print(f"{named.mean():.0%} of {len(orders):,} orders belong to a known customer.")
orders = orders[named]

# %% [markdown]
# Now the sign-up records. A *record* (登記資料) is one form, filled in once, in one channel. It is not a person.
#
# If your own store has no records, it was imported with identities hidden, as imports are by default. To link records
# you need names and numbers: import again with `--keep-identifiers`, on a computer that only those who need it can use,
# and delete that store afterwards. Without records this chapter leaves out what it must and goes on.

# %%
kept = "linking (to have it, import with --keep-identifiers)"
no_records = store.missing("records", kept)
no_links = no_records or store.missing("links", "what hangs on the shop's own links")
known = False  # whether the truth is known

# %%
if not no_records:
    records = store.table("records")
    made = sales.local_day(records["created_at"], store.time_zone)
    records = records[made <= today].reset_index(drop=True)
    truth = store.truth("records")
    known = truth is not None
    if known:
        truth = truth.set_index("record_id").reindex(records["record_id"])
    figures["records"] = len(records)
links = None if no_links else store.table("links")

# %% [markdown]
# **Before you run the next cell:** of the customers who bought at the till, what share do you think filled in a form
# there? And by telephone?

# %%
if not no_links:
    captured = record_quality.capture(orders, records, links)
    figures["captured_least"] = captured["share"].min()
    plots.plot_shares(captured, "customers of the channel with a record made there (share)")

# %% [markdown]
# **How to read it.** The dot is the *capture rate* (收集率): of the customers who ordered in a channel, the share with a
# record made there. The bar is the 95 % interval: with few customers it is long, and two channels whose bars overlap
# may well be equally good. Groups below five people are not shown.
#
# **What it does not mean.** A high capture rate is not a goal by itself. Every field asked takes the customer's time,
# and the Personal Data (Privacy) Ordinance (個人資料（私隱）條例) lets a shop collect only what it needs. Section 11 puts a price
# on each field.

# %% [markdown]
# ## 2 · What can be used? (core)
#
# A field can be *filled in* and still be useless: a number with a digit too few, or a birthday on 1 January 1900 that
# the form put in by itself. So before we count, we write all fields in one way. How that is done is the next section.

# %%
from crm_course.analysis import romanisation, standardising

if not no_records:
    fields = standardising.standardised(records)
    usable = record_quality.usable_fields(records, fields)
    filled = records[["phone", "email", "birthday", "address"]].notna().mean()
    figures |= {f"usable_{name}": share for name, share in usable.mean().items()}
    display(pd.DataFrame({"filled in": filled, "can be used": usable[filled.index].mean()}))
    plots.plot_completeness(record_quality.by_channel(usable, records["channel"]))

# %% [markdown]
# **How to read it.** Along a row: what a channel brings (*completeness and validity*; 完整、有效). The web shop must know an
# address, so it has one. At the till there is a queue, so there is not.
#
# The third virtue is *freshness* (新近): when was the record last confirmed?

# %%
if not no_records:
    years = record_quality.years_unconfirmed(records, today, store.time_zone).clip(lower=0)
    channel = records["channel"].astype("str").set_axis(years.index)
    fresh = record_quality.share_with_interval(years < 1, channel)
    figures["fresh"] = (years < 1).mean()
    plots.plot_shares(fresh, "records confirmed within the last year (share)")

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
if not no_records:
    syllables = romanisation.latin_syllables(records["name"])
    examples = romanisation.both_scripts(records, syllables)
    spelling = romanisation.romanisation(examples)
    chinese = records.loc[romanisation.is_chinese(records["name"]), "name"]
    learnt = chinese.str.findall(r"[\u3400-\u9fff]").explode().isin(spelling.keys())
    figures["characters_learnt"] = learnt.mean()
    print(f"{len(examples):,} records teach the spelling of {len(spelling)} characters:")
    print(f"{learnt.mean():.0%} of all characters in Chinese names.")
    display(pd.Series(spelling).reindex(list("陳黃李張梁王林吳")).to_frame("spelt").T)

# %%
names = pd.Series(["陳美玲", "CHAN Mei Ling", "Chan Mei-ling", "Ms Mei Ling CHAN"])
table = {"陳": "chan", "美": "mei", "玲": "ling"}
standardising.names(names, table, set(table.values())).assign(entered=names)

# %% [markdown]
# The syllables are put in the order of the alphabet, so that it does not matter which comes first. Addresses are
# compared by what is the same in both scripts: district, block or street number, floor and flat.
#
# **What it does not mean.** Two people can share all of a name. And names from the mainland are spelt in pinyin (拼音),
# not in Cantonese: for them the table above is the wrong one. Section 6 shows what that costs them.

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
# `f1` is high only when both are.
#
# **Predict:** how many people stand behind the records? And how much does it matter to write the fields in one way
# first?

# %%
from crm_course.analysis import clerical, linkage, probabilistic, retention

methods = {}  # the person of each record, by way of linking
if not no_records:
    entered = records.set_index("record_id")[["phone", "email"]]
    raw = linkage.persons(entered, linkage.agreeing_pairs(entered, ["phone", "email"]))
    by_keys = linkage.exact_pairs(fields)
    methods = {"as entered": raw, "exact keys": linkage.persons(fields, by_keys)}

# %%
if not no_records:
    people = {name: found.nunique() for name, found in methods.items()}
    people |= {"the truth": truth["customer_id"].nunique()} if known else {}
    print(f"{len(records):,} records. How many people?")
    display(pd.Series(people, name="people").to_frame().T)

# %%
if not no_records and known:
    who = truth["customer_id"]
    quality = {name: linkage.pair_quality(one, who) for name, one in methods.items()}
    display(pd.DataFrame(quality).T)

# %% [markdown]
# **How to read it.** As entered, `9123 4567` and `+852 91234567` are two numbers, and true pairs are lost. Written in
# one way they are found.
#
# But exact keys make both mistakes. They miss whoever changed her number. And they merge mother and daughter, who share
# the telephone at home or the family's mailbox.

# %% [markdown]
# ## 5 · A score, and a clerk (core)
#
# A person who compares two forms weighs one thing against another: "The number is the same, but it is a landline, and
# the birthdays differ: that is her sister." A *score* (評分) does the same: points for what agrees, points off for what
# does not.
#
# We cannot compare all pairs: 10,000 records make 50 million. So we compare only pairs that agree in *something*
# (*blocking*; 分組).

# %%
pd.DataFrame(linkage.POINTS).T.map("{:g}".format).replace("nan", "")

# %%
if not no_records:
    pairs = linkage.candidate_pairs(fields)
    compared = linkage.comparisons(fields, pairs)
    pairs["score"] = linkage.scores(compared)
    figures["candidate_pairs"] = len(pairs)
    every = len(records) * (len(records) - 1) // 2
    print(f"{len(pairs):,} pairs to compare, of {every:,}.")

# %% [markdown]
# One care more. If A goes with B and B with C, all three are one person, however little A and C agree. One false link
# in such a chain joins two whole families. So we note for each pair from how many points on it is put together,
# directly or by a chain.

# %%
if not no_records:
    chains = linkage.joined_pairs(pairs)
    chains["stratum"] = clerical.strata(chains["score"])
    print(f"{len(chains) - len(pairs):,} pairs more are put together by chains alone.")

# %% [markdown]
# The points are set by hand. From how many points on is it one person? Do not ask the points; ask somebody who can
# look. A clerk (文員) gets some pairs of *every* score, more where it is doubtful, and decides from the forms, a call or
# the receipt. In the demo store the simulator plays the clerk. On your own data,
# `clerical.review_sheet(sample, records)` makes the sheet; give her answers back with the parameter `review` (columns
# `record_id_x`, `record_id_y`, `same`).

# %%
reviewed, alike = None, not no_records and len(chains) > 0
if alike:
    sample = clerical.review_sample(chains, review_size, linkage.THRESHOLD, seed)
if review and alike:
    reviewed = clerical.with_decisions(sample, fields, clerical.read_review(review))
elif known and alike:
    chains["same"] = linkage.together(chains, who)
    answers = clerical.noted(chains.loc[sample.index, "same"], clerk_error, seed)
    reviewed = sample.assign(same=answers)

# %%
if not no_records and reviewed is None:
    waits = "Nobody has reviewed the sample yet: the line set by hand stays."
    print(waits if alike else "No two records agree in anything: nothing to review.")
if reviewed is not None:
    seen, same = len(reviewed), reviewed["same"].sum()
    print(f"The clerk saw {seen} pairs; {same} of them are one person's.")
    plots.plot_scores(reviewed, linkage.THRESHOLD)

# %% [markdown]
# **How to read it.** Every pair that the clerk saw stands for several like it, so the bars add up to *all* pairs. No
# line parts the two colours cleanly. Move it to the right and you miss people; move it to the left and you merge
# strangers.
#
# ### A mistake that everyone makes once
#
# The clerk got more doubtful pairs than there are in the file, on purpose. Who forgets that and takes the plain share
# of her answers judges the rule by its hardest cases.

# %%
if reviewed is not None:
    merged = chains["score"] >= linkage.THRESHOLD
    judged = clerical.reviewed_quality(reviewed, chains, merged)
    judged["plain share"] = clerical.plain_shares(reviewed, merged)
    if known:
        judged["the truth"] = clerical.true_quality(chains["same"], merged)
    figures |= judged["estimate"][["precision", "recall"]].to_dict()
    display(judged)

# %% [markdown]
# **How to read it.** `low` to `high` is a 90 % interval: over many such samples nine in ten hold the truth. "Plain
# share" has no such right, and more pairs would not help it: it closes in on the wrong number.
#
# This recall is *of the pairs that were compared or joined by a chain*. Two forms of one woman that agree in nothing
# were never on the table. The truth over all pairs (section 6) is a little lower.
#
# ### What does a mistake cost?
#
# - A **false merge**: a stranger gets her letter, her points, her birthday. An apology, a voucher, perhaps a complaint to the
#   Privacy Commissioner.
# - A **miss**: she gets two leaflets, and two poor customers stand where a good one is.
#
# They do not cost the same. The parameters hold Mei's guesses.
#
# **Predict:** if a false merge costs five times a miss, does the line move to the right or to the left of where
# mistakes are equally many?

# %%
threshold = linkage.THRESHOLD
if reviewed is not None:
    curve = clerical.cost_curve(reviewed, cost_false_merge, cost_missed)
    curves, threshold = {"the clerk's sample": curve}, clerical.cheapest(curve)
    if known:
        curves["the truth"] = clerical.cost_curve(chains, cost_false_merge, cost_missed)
    figures["threshold"] = threshold
    plots.plot_cost_curve(curves, store.currency)

# %% [markdown]
# **How to read it.** Left of the low point false merges are dear, right of it misses are. Where the curve is flat, half
# a point more or less hardly matters: do not fight over it. How far the two curves lie apart at the dot is what more
# review would bring.
#
# **Change one thing:** set `cost_missed = 600` in the parameters. Which way does the line move? And for a clinic, where
# a false merge means the wrong allergy?

# %%
if not no_records:
    methods["score"] = linkage.persons(fields, pairs[pairs["score"] >= threshold])

# %% [markdown]
# ## 6 · Weights that the records teach (core)
#
# Why should the same e-mail address be worth 5 points and not 7? `splink` learns the weights from the records. It asks
# two questions of every field: how often does it agree between two strangers, and how often between two records of one
# person? The logarithm of the ratio is the weight (Fellegi and Sunter). Nobody has to label anything. "One person" then
# means: more likely than not. Where that line belongs, given what mistakes cost, only the clerk's sample tells; so both
# lines are shown.

# %%
if alike:
    learnt = probabilistic.match_probabilities(fields, pairs)
if reviewed is not None:
    joined = linkage.joined_pairs(pairs.assign(score=learnt["score"]), lowest=-2.0)
    seen = reviewed.drop(columns="score").merge(joined, on=["x", "y"], how="left")
    seen = seen.fillna({"score": -99.0})  # never put together
    curve = clerical.cost_curve(seen, cost_false_merge, cost_missed)
    learnt_threshold = clerical.cheapest(curve)

# %%
if alike:
    methods["splink"] = linkage.persons(fields, pairs[learnt["score"] >= 0])
if reviewed is not None:
    cautious = pairs[learnt["score"] >= learnt_threshold]
    methods["splink, clerk's line"] = linkage.persons(fields, cautious)

# %%
if not no_records and known:
    rows = {name: linkage.pair_quality(one, who) for name, one in methods.items()}
    quality = pd.DataFrame(rows).T
    figures |= {f"f1 of {name}": f1 for name, f1 in quality["f1"].items()}
    cost = cost_false_merge * quality["false_merges"] + cost_missed * quality["missed"]
    display(quality.assign(cost=cost))
    plots.plot_methods(quality[["precision", "recall", "f1"]])

# %%
if reviewed is not None:
    ways = {name: linkage.together(chains, found) for name, found in methods.items()}
    display(clerical.methods_reviewed(reviewed, chains, ways))

# %% [markdown]
# **How to read it.** The first table and the figure are the truth over all pairs, with what the mistakes cost. The
# second is what the clerk's sample says of the pairs that were compared or joined, with 90 % intervals: this is all
# that you will ever have in your own shop. If two intervals overlap, take the rule that your staff can explain.
#
# ### Is it fair to everyone?
#
# A rule can be good on average and bad for some. Here recall by the script (文字) of the two names.

# %%
if not no_records and known:
    script = fields["script"].fillna("none")
    three = [name for name in ("exact keys", "score", "splink") if name in methods]
    three = {name: methods[name] for name in three}
    by_script = linkage.recall_by(three, who, script, k)
    figures["recall_across_scripts"] = by_script["score"].min()
    plots.plot_scripts(by_script)

# %% [markdown]
# **How to read it.** If the bars in the middle are the lowest, whoever writes her name now in Chinese and now in Latin
# letters is found less often: she gets two birthday vouchers, or none. That is no fault of hers. Ask at the till for a
# second key (a number, an e-mail address), not for another spelling.

# %% [markdown]
# ## 7 · A person counted twice is two poor customers (core)
#
# Back to Mei's screen. Take every record for a customer: an order belongs to the form that she used in that channel.
# Then merge, and count again.
#
# **Predict:** after the merge, does the share of customers who came back rise or fall?

# %%
lines = store.table("order_lines")
returns = store.table("returns") if store.has("returns") else None
values = sales.order_values(orders, lines, returns, today, store.time_zone, 0.30)
if not no_links:
    events = orders.rename(columns={"ordered_at": "at"})
    filed = identifying_customers.record_of(events, records, links)
    filed = filed.set_axis(orders["order_id"])
    record = values["order_id"].map(filed)

# %%
if not no_links:
    owners = {"every record": record, "after the merge": record.map(methods["score"])}
    owners |= {"the truth": record.map(who)} if known else {}
    counted = {
        name: identifying_customers.counted_twice(
            customer_value.rfm(values.assign(customer_id=one), today, store.time_zone)
        )
        for name, one in owners.items()
    }

# %%
if not no_links:
    counted = pd.DataFrame(counted)
    for name, column in (("before", "every record"), ("after", "after the merge")):
        figures[f"came_back_{name}"] = counted.loc["came_back", column]
        figures[f"customers_{name}"] = counted.loc["customers", column]
    display(counted)
    plots.plot_counted_twice(counted, store.currency)

# %% [markdown]
# **How to read it.** No sale has changed, only who it belongs to. `came_back` is the share with a second purchase day.
# Mei's "half of them bought only once" was partly her own file. Every figure of chapter 3 rests on this step: do it
# first.
#
# What does it cost to leave it? A leaflet for each record in place of one for each person:

# %%
if not no_links:
    doubled = counted.loc["customers", "every record"] - counted.loc["customers"].iloc[1]
    figures["doubled"] = doubled
    print(f"{doubled:,.0f} accounts are somebody's second or third.")
    print(f"At {store.currency} 5 a leaflet, four times a year,")
    print(f"that is {store.currency} {20 * doubled:,.0f} a year for letters that annoy.")

# %% [markdown]
# ## 8 · Consent goes with her (core)
#
# One record says yes to e-mail, the other said no. Which holds? Two rules, and not a third:
#
# 1. **The latest explicit choice wins** (最後的明確選擇), when the records surely belong together.
# 2. **The stricter one wins** where the link is in doubt: if these may be two people, the "no" of one must not be lost.
#
# A link is *in doubt* here when it holds only by fewer than `doubt` points above the threshold.

# %%
no_consents = store.missing("consents", "consent along the merge")
if not no_consents and not no_links:
    choices = store.table("consents")
    asked = choices.rename(columns={"recorded_at": "at"}).assign(channel=choices["source"])
    choices["record_id"] = identifying_customers.record_of(asked, records, links)
    sure = linkage.persons(fields, pairs[pairs["score"] >= threshold + doubt])
    carried = identifying_customers.merged_choices(
        choices, methods["score"], sure, today, store.time_zone
    )

# %%
if not no_consents and not no_links:
    asked_for = {"purpose": "marketing", "channel": "email"}
    by_mail = carried[(carried[list(asked_for)] == asked_for).all(axis=1)]
    once = choices[(choices[list(asked_for)] == asked_for).all(axis=1) & choices["granted"]]
    ever_yes = set(once["record_id"].map(methods["score"]).dropna())
    may = set(by_mail.loc[by_mail["granted"], "person"])
    figures |= {"may_be_mailed": len(may), "in_doubt": int(by_mail["in_doubt"].sum())}
    print(f"{len(may):,} people may get e-mail; {figures['in_doubt']} had links in doubt.")
    print(f"Who trusts any yes also writes to {len(ever_yes - may):,} people who said no.")

# %% [markdown]
# **How to read it.** The last line is the usual mistake. Each of those letters is an offence under the Ordinance, and
# the shop cannot say that it did not know: the "no" was in its own file.

# %% [markdown]
# ## 9 · Keeping records true (core)
#
# People change their numbers. How often? We cannot see it in one record. But two records of one person, confirmed some
# time apart, tell: the longer the gap, the more often the numbers differ.
#
# The usual mistake: to look at pairs that were *found by the number*. Those always agree. We take pairs found by the
# e-mail address and the name.

# %%
if not no_records:
    same_name = compared["name"].isin(["same", "near", "short"])
    by_mail_and_name = pairs[(compared["email"] == "same") & same_name]
    rate = record_quality.change_rate(fields, records["updated_at"], by_mail_and_name)
    naive = record_quality.change_rate(fields, records["updated_at"], by_keys)
    figures |= {"changes_per_year": rate["per_year"], "changes_naive": naive["per_year"]}
    display(
        pd.DataFrame({"found by e-mail and name": rate, "found by the number too": naive}).T
    )

# %%
if not no_records:
    old = None
    if known:
        state = truth["phone"].astype("str")
        seen = state.isin(["current", "old"]).to_numpy()
        band = (years[seen].clip(upper=4.99) // 1 + 0.5).rename("years")
        old = (state[seen] == "old").groupby(band).mean().rename("share").reset_index()
    plots.plot_outdated(rate, old)

# %% [markdown]
# **How to read it.** The line is the estimate, the band its 95 % interval. Where the truth is known, a dot is the share
# of numbers that really are old (records that were often confirmed are few at the right, so those dots jump).
#
# ### The update campaign
#
# Whom shall we ask "Is this still your number?" Not everybody: whoever confirmed last month is only annoyed. A message
# costs; a wrong number costs more when we need it. Ask where the expected loss is larger than the cost.

# %%
message, wrong_number = 2.0, 15.0  # in the store's currency
if not no_records:
    costs = rate["per_year"], message, wrong_number
    campaign = record_quality.update_campaign(years, methods["score"], *costs)
    ask = campaign[campaign["ask"]]
    figures["to_ask"] = len(ask)
    print(f"Ask {len(ask):,} of {len(campaign):,} people:")
    print(f"who confirmed nothing for {ask['years'].min():.1f} years or more.")
    print(f"About {ask['old'].sum():,.0f} of them have a new number.")

# %% [markdown]
# **Change one thing:** a message on paper costs 8. How many people are still worth asking, and for how long have they
# been silent?

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

# %%
forms = store.table("customers").rename(
    columns={"customer_id": "record_id", "first_seen_at": "updated_at"}
)
owner = pd.Series(forms["record_id"].to_numpy(), forms["record_id"])
heard = pd.DataFrame({"record_id": orders["customer_id"], "at": orders["ordered_at"]})
where = pd.Series("customers", owner.index, name="channel")
if not no_links:
    forms, owner, where = records, methods["score"], channel
    heard["record_id"] = filed.to_numpy()

# %%
held = pd.Index([])
if store.has("invoices"):
    of_whom = store.table("customers")[["customer_id"]] if no_links else links
    of_whom = of_whom.assign(record_id=of_whom.get("record_id", of_whom["customer_id"]))
    held = retention.in_debt(store.table("invoices"), of_whom, today, store.time_zone)
activity = retention.last_activity(forms, owner, heard, store.time_zone)
log = retention.retention_log(activity, today, keep_months, held)

# %%
counts = log.groupby([where.reindex(log.index), "reason"]).size().unstack(fill_value=0)
outdated = log[log["reason"] == "outdated"]
figures["outdated"] = len(outdated)
plots.plot_retention(counts.apply(without_small_counts, k=k))

# %%
single = pd.Series(forms["record_id"].to_numpy(), forms["record_id"])
alone = retention.last_activity(forms, single, heard, store.time_zone)
by_record = retention.retention_log(alone, today, keep_months, held)
too_early = (by_record["reason"] == "outdated") & (log["reason"] != "outdated")
figures["deleted_too_early"] = int(too_early.sum())
print(f"Record by record, {too_early.sum():,} forms of people in touch would go too.")

# %% [markdown]
# **How to read it.** Red goes. And it goes into the *deletion log* (刪除記錄): what, why, when, and no name or number, or
# the log would keep what was to be deleted. With the log the shop can show that it keeps its own rule. By the year in
# which the records fell due:

# %%
print("a line of the log: record, " + ", ".join(outdated.columns))
lines_due = outdated["due_on"].dt.year.value_counts().sort_index()
without_small_counts(lines_due, k=k).rename("lines of the log").to_frame()

# %% [markdown]
# One thing outlives the record: a "no". Who unsubscribed must stay on the list of those not to be written to, or the
# next bought-in address list brings the letters back.
#
# **Change one thing:** set `keep_months = 36`. Who gains, and who bears the risk?

# %% [markdown]
# ## 11 · What is a field worth? (deeper)
#
# The form can ask for five things. Each helps to link, and each is a burden: half a minute at the till, and one more
# thing that can leak. So leave out one field after the other, draw the best line with the rest, and see what the
# mistakes cost then.

# %%
labelled = chains if known else reviewed
if labelled is not None:
    labelled = labelled[
        labelled.index.isin(pairs.index)
    ]  # chains have no fields of their own
    worth = record_quality.field_worth(compared, labelled, cost_false_merge, cost_missed)
    asking = asking_cost * len(records)
    figures["dearest_field"] = worth["worth"].iloc[0]
    plots.plot_field_worth(worth, asking, store.currency)

# %% [markdown]
# **How to read it.** Right of the dashed line a field saves more than it costs to ask. A field at 0 or below adds
# nothing to what the others know: an address says which *household* it is, and there live two. Do not ask for such a
# field *for this purpose*. (The web shop needs it for the parcel.)
#
# **What it does not mean.** The fields overlap. Leave out two at once and the loss is larger than the two added up.

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
# 2. Import with `--keep-identifiers`, run this chapter, and let `clerical.review_sheet` make the clerk's sheet. 300 pairs are two afternoons.
# 3. Merge above the line; put the doubtful links on a list that the till asks about at the next visit.
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

# %%
report(**figures)
