"""Log-likelihoods of BG/NBD and Gamma-Gamma with their gradients, in closed form.

``lifetimes`` differentiates by program, which takes most of its time. These give the same values and
gradients at a fraction of it; `crm_course.analysis.value.customer_value` puts them into its fitters.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import digamma, gammaln

Likelihood = Callable[[np.ndarray], tuple[float, np.ndarray]]


def bg_nbd(frequency: np.ndarray, recency: np.ndarray, age: np.ndarray, weights: np.ndarray) -> Likelihood:
    """Negative mean log-likelihood of BG/NBD.

    Parameters
    ----------
    frequency, recency, age : ndarray, shape (rows,)
        Repeat purchases (whole numbers), time of the last one, time since the first purchase.
    weights : ndarray, shape (rows,)
        Customers with that history.

    Returns
    -------
    callable
        From the logarithms of r, alpha, a, b to the value and its gradient, shape (4,).

    References
    ----------
    Fader, Hardie and Lee (2005), Marketing Science 24(2), equation 6.
    """
    seen, x = np.unique(frequency, return_inverse=True)
    share = weights / weights.sum()
    by_count = np.bincount(x, share, len(seen))
    again = np.flatnonzero(frequency > 0)
    x_again, t_x, share_again = x[again], recency[again], share[again]

    def evaluate(log_params: np.ndarray) -> tuple[float, np.ndarray]:
        r, alpha, a, b = np.exp(log_params)
        after_last = b + np.maximum(seen, 1) - 1
        log_age, log_recency = np.log(alpha + age), np.log(alpha + t_x)
        odds = np.log(a / after_last)[x_again] + (r + frequency[again]) * (log_age[again] - log_recency)
        stayed = np.ones(len(age))
        stayed[again] = 1 / (1 + np.exp(np.minimum(odds, 700.0)))
        left = 1 - stayed[again]
        of_count = gammaln(r + seen) - gammaln(r) + r * np.log(alpha)
        of_count += gammaln(a + b) + gammaln(b + seen) - gammaln(b) - gammaln(a + b + seen)
        value = by_count @ of_count - share @ ((r + frequency) * log_age) - share_again @ np.log(stayed[again])
        left_by_count = np.bincount(x_again, share_again * left, len(seen))
        by_r = by_count @ (digamma(r + seen) - digamma(r) + np.log(alpha))
        by_r -= (share * stayed) @ log_age + (share_again * left) @ log_recency
        by_alpha = r / alpha - (share * stayed) @ ((r + frequency) / (alpha + age))
        by_alpha -= (share_again * left) @ ((r + frequency[again]) / (alpha + t_x))
        by_a = by_count @ (digamma(a + b) - digamma(a + b + seen)) + left_by_count.sum() / a
        by_b = by_count @ (digamma(a + b) + digamma(b + seen) - digamma(b) - digamma(a + b + seen))
        by_b -= left_by_count @ (1 / after_last)
        return -value, -np.array([by_r * r, by_alpha * alpha, by_a * a, by_b * b])

    return evaluate


def gamma_gamma(frequency: np.ndarray, spend: np.ndarray, weights: np.ndarray) -> Likelihood:
    """Negative mean log-likelihood of Gamma-Gamma.

    Parameters
    ----------
    frequency, spend : ndarray, shape (rows,)
        Repeat purchases (above zero) and their mean amount (above zero).
    weights : ndarray, shape (rows,)
        Customers with that history.

    Returns
    -------
    callable
        From the logarithms of p, q, v to the value and its gradient, shape (3,).

    References
    ----------
    Fader and Hardie (2013), brucehardie.com/notes/025, equation 1a.
    """
    seen, x = np.unique(frequency, return_inverse=True)
    share = weights / weights.sum()
    by_count = np.bincount(x, share, len(seen))
    total = frequency * spend
    mean_log_spend, bought_log_total = share @ np.log(spend), (share * frequency) @ np.log(total)
    bought = share * frequency

    def evaluate(log_params: np.ndarray) -> tuple[float, np.ndarray]:
        p, q, v = np.exp(log_params)
        with_prior = np.log(total + v)
        bought_with_prior, mean_with_prior = bought @ with_prior, share @ with_prior
        value = by_count @ (gammaln(p * seen + q) - gammaln(p * seen)) - gammaln(q) + q * np.log(v)
        value += p * bought_log_total - mean_log_spend - p * bought_with_prior - q * mean_with_prior
        of_sum = digamma(p * seen + q)
        by_p = by_count @ (seen * (of_sum - digamma(p * seen))) + bought_log_total - bought_with_prior
        by_q = by_count @ of_sum - digamma(q) + np.log(v) - mean_with_prior
        by_v = q / v - (p * bought + q * share) @ (1 / (total + v))
        return -value, -np.array([by_p * p, by_q * q, by_v * v])

    return evaluate
