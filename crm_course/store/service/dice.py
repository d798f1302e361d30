"""From uniform numbers to other distributions, by their inverse."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from crm_course.store.columns import Floats, Ints
from crm_course.store.purchases import Orders


def lognormal(uniform: Floats, median: Floats | float, spread: Floats | float) -> Floats:
    """Give lognormal numbers by median and spread in log units."""
    return median * np.exp(spread * ndtri(uniform))


def exponential(uniform: Floats, mean: Floats | float) -> Floats:
    """Give exponential numbers by mean."""
    return -mean * np.log1p(-uniform)


def event_numbers(orders: Orders) -> Ints:
    """Number each customer's orders in order of time: the event to which the dice of an order belong."""
    by_customer = np.argsort(orders.customer, kind="stable")
    customer = orders.customer[by_customer]
    place = np.arange(len(customer))
    new = np.concatenate([[True], customer[1:] != customer[:-1]]) if len(customer) else np.zeros(0, dtype=bool)
    number = np.empty(len(customer), dtype=np.int64)
    number[by_customer] = place - np.maximum.accumulate(np.where(new, place, 0))
    return number
