"""The far side: the zygote, and the process forked from it in which a notebook runs.

Nothing here is trusted once the first cell has run; what is said to the supervisor is data.
"""
