"""Two regressions with slopes shrunk towards zero, so that few answers do not make wild ones."""

from __future__ import annotations

import numpy as np

from crm_course.errors import FitFailed

STEPS = 200


def logistic(design: np.ndarray, yes: np.ndarray, ridge: np.ndarray) -> np.ndarray:
    """Coefficients of a logistic regression.

    Parameters
    ----------
    design : array of shape (rows, columns)
    yes : array of shape (rows,)
        0 or 1.
    ridge : array of shape (columns,)
        Inverse variance of each coefficient around 0; 0: not shrunk.

    Returns
    -------
    array of shape (columns,)

    Raises
    ------
    FitFailed
        If it does not settle, as when a column that is not shrunk tells yes from no.

    Notes
    -----
    ``GLM.fit_regularized`` of statsmodels minimises the same sum, with a tolerance that cannot be set: on the wallet
    survey its coefficients are wrong in the fourth digit by default, and it does not say when nothing settles.

    References
    ----------
    le Cessie and van Houwelingen (1992), Ridge estimators in logistic regression, Applied Statistics 41(1).
    """
    beta: np.ndarray = np.zeros(design.shape[1])
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-np.clip(design @ beta, -30, 30)))
        slope = design.T @ (yes - chance) - ridge * beta
        curve = (design.T * np.maximum(chance * (1 - chance), 1e-9)) @ design + np.diag(ridge)
        step = np.clip(_solved(curve, slope), -2, 2)
        beta = beta + step
        if np.abs(step).max() < 1e-8:
            return beta
    raise FitFailed("logistic regression does not settle; take more customers or longer periods")


def poisson(
    design: np.ndarray, target: np.ndarray, weight: np.ndarray, ridge: np.ndarray, start: np.ndarray | None = None
) -> np.ndarray:
    """Coefficients of a log-linear regression whose variance is a multiple of the mean.

    Only the mean has to be right (Poisson pseudo-likelihood); zeros are taken as they come.

    Parameters
    ----------
    design : array of shape (rows, columns)
    target : array of shape (rows,)
        Not below 0.
    weight : array of shape (rows,)
        How much each row counts; mean 1.
    ridge : array of shape (columns,)
        As for `logistic`.
    start : array of shape (columns,), optional
        Coefficients nearby.

    Returns
    -------
    array of shape (columns,)

    Raises
    ------
    FitFailed
        If it does not settle, as when all targets of a column that is not shrunk are 0.

    References
    ----------
    Gourieroux, Monfort and Trognon (1984), Pseudo maximum likelihood methods: applications to Poisson models,
    Econometrica 52(3).
    """
    if target.sum() <= 0:
        raise FitFailed("log-linear regression: every amount is 0, so there is nothing to fit")
    eta = np.log((target + target.mean()) / 2) if start is None else design @ start
    beta: np.ndarray = np.zeros(design.shape[1])
    for _ in range(STEPS):
        mean = np.exp(np.clip(eta, -20, 20))
        excess = (weight @ ((target - mean) ** 2 / mean)) / weight.sum()
        pull = weight * mean / max(excess, 1e-9)
        curve = (design.T * pull) @ design + np.diag(ridge)
        before, beta = beta, _solved(curve, design.T @ (pull * (eta + (target - mean) / mean)))
        eta = design @ beta
        if np.abs(beta - before).max() < 1e-6:
            return beta
    raise FitFailed("log-linear regression does not settle; take more answers")


def _solved(curve: np.ndarray, slope: np.ndarray) -> np.ndarray:
    try:
        return np.linalg.solve(curve, slope)
    except np.linalg.LinAlgError:
        raise FitFailed("a column of the regression says nothing; leave it out") from None


def standardised(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of each column, 1 where it does not vary."""
    spread = values.std(axis=0)
    return values.mean(axis=0), np.where(spread > 0, spread, 1.0)
