"""What a purchase brings: Gamma-Gamma, for customers whose spending does not hang on how often they come.

P. S. Fader and B. G. S. Hardie, The Gamma-Gamma Model of Monetary Value (note 25, 2013). A purchase of a customer is
Gamma(p, nu), and nu is Gamma(q, v) over customers (the paper's gamma is our v). Money is in whole units.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

# As a whole: its parts, which take a second to load, come when they are first used.
import scipy

from tiers.value.purchases import Histories, Real

# The corners of the search, in the logarithms of p, q and v (in units of the mean value).
_LOW, _HIGH = np.log([1e-3, 1e-2, 1e-4]), np.log([1e3, 1e3, 1e4])
_STARTS = ((1.0, 3.0, 2.0), (5.0, 4.0, 0.5), (0.5, 1.5, 1.0), (20.0, 2.0, 0.1))
_NEAR = 0.05
# Of more customers than this, a part shows which start is the best.
_ENOUGH = 5_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """Parameters with the log-likelihood of the data under them. `is_on_edge`: the search ran into its corner."""

    p: float
    q: float
    v: float
    log_likelihood: float
    is_on_edge: bool


def log_likelihood(x: Real, value: Real, *, p: float, q: float, v: float) -> float:
    """Return the log-likelihood of mean values over `x` repeat purchases, both above zero (note 25, (1a))."""
    return float(np.sum(_terms(x, value, p, q, v)))


def _terms(x: Real, value: Real, p: float, q: float, v: float) -> Real:
    px = p * x
    fixed = scipy.special.gammaln(px + q) - scipy.special.gammaln(px) - scipy.special.gammaln(q) + q * np.log(v)
    return fixed + (px - 1) * np.log(value) + px * np.log(x) - (px + q) * np.log(v + x * value)


def _objective(x: Real, value: Real) -> Callable[[Real], tuple[float, Real]]:
    """Return minus the mean log-likelihood and its slopes, by the logarithms of the parameters."""

    def objective(logs: Real) -> tuple[float, Real]:
        p, q, v = np.exp(logs)
        px, spent = p * x, v + x * value
        slopes = (
            x * (scipy.special.digamma(px + q) - scipy.special.digamma(px) + np.log(value) + np.log(x) - np.log(spent)),
            scipy.special.digamma(px + q) - scipy.special.digamma(q) + np.log(v) - np.log(spent),
            q / v - (px + q) / spent,
        )
        gradient = np.array([np.mean(slope) for slope in slopes]) * np.array([p, q, v])
        return -float(np.mean(_terms(x, value, p, q, v))), -gradient

    return objective


def fit_gamma_gamma(x: Real, value: Real) -> Estimate:
    """Return the parameters of greatest likelihood, from several starts. `x` and `value` are all above zero."""
    scale = float(np.mean(value))
    starts = [np.log(start) for start in _STARTS]
    if len(x) > _ENOUGH:
        thin = np.argsort(x, kind="stable")[:: len(x) // _ENOUGH + 1]
        starts = [_least(_objective(x[thin], value[thin] / scale), starts)]
    logs = _least(_objective(x, value / scale), starts)
    p, q, v = (float(number) for number in np.exp(logs))
    v *= scale
    is_on_edge = bool(np.any(logs > _HIGH - _NEAR) or np.any(logs < _LOW + _NEAR))
    return Estimate(p, q, v, log_likelihood(x, value, p=p, q=q, v=v), is_on_edge)


def _least(objective: Callable[[Real], tuple[float, Real]], starts: Sequence[Real]) -> Real:
    options = {"maxiter": 2000, "ftol": 1e-15, "gtol": 1e-10, "maxls": 60}
    bounds = list(zip(_LOW, _HIGH, strict=True))
    tried = [
        scipy.optimize.minimize(objective, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
        for start in starts
    ]
    found: Real = min(tried, key=lambda result: float(result.fun)).x
    return found


def expected_value(histories: Histories, *, p: float, q: float, v: float) -> Real:
    """Return E[M | x, mean value]: what a purchase of each customer brings (note 25, (5)).

    It lies between the customer's own mean and that of all, p v / (q - 1), which somebody without repeat purchases
    gets. A customer whose repeat days brought nothing is outside the model, and gets its value at the edge, near zero.
    """
    x = histories.frequency
    return (v + x * histories.value) * p / (p * x + q - 1)
