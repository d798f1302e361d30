# %% [markdown]
# # Exercise 99 · The smallest

# %%
from crm_course import answer, open_store

days = open_store("./store").purchases()

# %% [markdown]
# ## q1 A usual day
#
# How much stays of a purchase day of a consumer, on average?

# %%
### BEGIN SOLUTION
q1 = days.loc[~days["account"], "net_amount"].mean()
### END SOLUTION
answer("q1", q1, unit="HK$")

# %% [markdown]
# ## q2 Back again
#
# How many consumers bought on two days or more?

# %%
### BEGIN SOLUTION
q2 = int((days[~days["account"]].groupby("customer_id").size() >= 2).sum())
### END SOLUTION
answer("q2", q2, unit="customers")
