"""How often customers buy, and whether they are still with us: BG/NBD, and NBD where nobody is seen to leave.

BG/NBD: P. S. Fader, B. G. S. Hardie and K. L. Lee, "Counting Your Customers" the Easy Way: An Alternative to the
Pareto/NBD Model, Marketing Science 24 (2005), 275–284. While with us a customer buys at a rate that is Gamma(r, alpha)
over customers, and after each repeat purchase leaves for good with a chance that is Beta(a, b) over customers. NBD is
its edge a → 0, where nobody leaves. Times are in weeks.
"""

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass

import numpy as np

# As a whole: its parts, which take a second to load, come when they are first used.
import scipy

from tiers.value.purchases import Histories, Real

# The corners of the search, in the logarithms of r, alpha (in units of the mean age), a and b.
_LOW = np.log([1e-4, 1e-4, 1e-4, 1e-4])
_HIGH = np.log([1e3, 1e4, 1e3, 1e5])
_STARTS = ((0.5, 0.2, 0.5, 2.0), (1.0, 1.0, 0.1, 5.0), (0.2, 0.1, 2.0, 5.0), (2.0, 1.0, 0.02, 1.0))
_NEAR = 0.05
# Of more different histories than this, a part shows which start is the best.
_ENOUGH = 5_000
# Where a is 1, or a + b is, the formula of an expectation is 0 / 0; it is taken from both sides.
_STEP = 1e-4
# So close to a whole number is one.
_WHOLE = 1e-9
# With so much staying, drop-out is next to nothing.
_MANY = 1_000
# Places on the logit of p, and customers at a time, where a mean is taken by quadrature.
_POINTS, _ROWS = 301, 1024
# So far from the middle on that logit, p or 1 - p is nothing beside 1.
_FAR = 45


@dataclass(frozen=True, slots=True)
class Estimate:
    """Parameters with the log-likelihood of the data under them. `edges`: where the search ran into its corner."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    edges: frozenset[str] = frozenset()


class _Sample:
    """Histories with equal ones counted instead of repeated, times in units of the mean age."""

    def __init__(self, histories: Histories) -> None:
        rows = np.stack([histories.frequency, histories.recency, histories.age], axis=1)
        rows, count = np.unique(rows, axis=0, return_counts=True)
        self.scale = float(count @ rows[:, 2]) / float(count.sum()) or 1.0
        self._take(rows[:, 0], rows[:, 1] / self.scale, rows[:, 2] / self.scale, count.astype(np.float64))

    def _take(self, x: Real, t_x: Real, age: Real, count: Real) -> None:
        self.x, self.t_x, self.age, self.count = x.copy(), t_x.copy(), age.copy(), count.copy()
        self.customers = float(count.sum())

    def thinned(self) -> "_Sample":
        """Return some thousands of different histories, evenly from the lowest to the highest: enough to start from."""
        thin = copy(self)
        every = len(self.x) // _ENOUGH + 1
        thin._take(self.x[::every], self.t_x[::every], self.age[::every], self.count[::every])
        return thin


def log_likelihood(histories: Histories, *, r: float, alpha: float, a: float, b: float) -> float:
    """Return the log-likelihood, all customers summed; with a = 0 that of NBD (Fader, Hardie & Lee 2005, (6))."""
    terms = _terms(histories.frequency, histories.recency, histories.age, r, alpha, a, b)
    return float(np.sum(terms[0]))


def _terms(x: Real, t_x: Real, age: Real, r: float, alpha: float, a: float, b: float) -> tuple[Real, Real]:
    """Return each customer's log-likelihood, and the part of it in which the customer has left."""
    buying = scipy.special.gammaln(r + x) - scipy.special.gammaln(r) + r * np.log(alpha)
    stayed = -(r + x) * np.log(alpha + age)
    if a == 0:
        return buying + stayed, np.zeros_like(x)
    with np.errstate(divide="ignore"):
        # b + x - 1 may be below zero where x = 0; that customer has had no chance to leave.
        left = np.log(a) - np.log(np.where(x > 0, b + x - 1, 1.0)) - (r + x) * np.log(alpha + t_x)
    left = np.where(x > 0, left, -np.inf)
    both = np.logaddexp(stayed, left)
    staying = scipy.special.betaln(a, b + x) - scipy.special.betaln(a, b)
    return buying + staying + both, np.exp(left - both)


def _bgnbd_objective(sample: _Sample) -> Callable[[Real], tuple[float, Real]]:
    """Return minus the mean log-likelihood and its slopes, by the logarithms of the parameters."""
    x, t_x, age, count = sample.x, sample.t_x, sample.age, sample.count

    def objective(logs: Real) -> tuple[float, Real]:
        r, alpha, a, b = np.exp(logs)
        each, left = _terms(x, t_x, age, r, alpha, a, b)
        stayed = 1 - left
        total = scipy.special.digamma(a + b) - scipy.special.digamma(a + b + x)
        slopes = (
            scipy.special.digamma(r + x)
            - scipy.special.digamma(r)
            + np.log(alpha)
            - stayed * np.log(alpha + age)
            - left * np.log(alpha + t_x),
            r / alpha - (r + x) * (stayed / (alpha + age) + left / (alpha + t_x)),
            total + left / a,
            total + scipy.special.digamma(b + x) - scipy.special.digamma(b) - left / np.where(x > 0, b + x - 1, 1.0),
        )
        gradient = np.array([count @ slope for slope in slopes]) * np.array([r, alpha, a, b])
        return -float(count @ each) / sample.customers, -gradient / sample.customers

    return objective


def _nbd_objective(sample: _Sample) -> Callable[[Real], tuple[float, Real]]:
    x, age, count = sample.x, sample.age, sample.count

    def objective(logs: Real) -> tuple[float, Real]:
        r, alpha = np.exp(logs)
        each, _ = _terms(x, sample.t_x, age, r, alpha, 0, 1)
        slopes = (
            scipy.special.digamma(r + x) - scipy.special.digamma(r) + np.log(alpha) - np.log(alpha + age),
            r / alpha - (r + x) / (alpha + age),
        )
        gradient = np.array([count @ slope for slope in slopes]) * np.array([r, alpha])
        return -float(count @ each) / sample.customers, -gradient / sample.customers

    return objective


def fit_bgnbd(histories: Histories) -> Estimate:
    """Return the parameters of greatest likelihood, from several starts."""
    sample = _Sample(histories)
    logs, edges = _best(_bgnbd_objective, sample, _STARTS, _LOW, _HIGH)
    r, alpha, a, b = (float(number) for number in np.exp(logs))
    alpha *= sample.scale
    likelihood = log_likelihood(histories, r=r, alpha=alpha, a=a, b=b)
    return Estimate(r, alpha, a, b, likelihood, frozenset(_names(edges)))


def fit_nbd(histories: Histories) -> Estimate:
    """Return the parameters of greatest likelihood where nobody leaves: a is 0, b has no meaning and is 1."""
    sample = _Sample(histories)
    logs, edges = _best(_nbd_objective, sample, [start[:2] for start in _STARTS], _LOW[:2], _HIGH[:2])
    r, alpha = (float(number) for number in np.exp(logs))
    alpha *= sample.scale
    likelihood = log_likelihood(histories, r=r, alpha=alpha, a=0.0, b=1.0)
    return Estimate(r, alpha, 0.0, 1.0, likelihood, frozenset(_names(edges)))


_Objective = Callable[[Real], tuple[float, Real]]


def _best(
    objective_of: Callable[[_Sample], _Objective],
    sample: _Sample,
    starts: Sequence[Sequence[float]],
    low: Real,
    high: Real,
) -> tuple[Real, Real]:
    """Return where the objective is least, and by coordinate -1, 0 or 1 for its lower edge, neither, its upper one."""
    begin = [np.log(start) for start in starts]
    if len(sample.x) > _ENOUGH:
        begin = [_least(objective_of(sample.thinned()), begin, low, high)]
    found = _least(objective_of(sample), begin, low, high)
    return found, (found > high - _NEAR).astype(int) - (found < low + _NEAR).astype(int)


def _least(objective: _Objective, starts: Sequence[Real], low: Real, high: Real) -> Real:
    options = {"maxiter": 2000, "ftol": 1e-15, "gtol": 1e-10, "maxls": 60}
    bounds = list(zip(low, high, strict=True))
    tried = [
        scipy.optimize.minimize(objective, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
        for start in starts
    ]
    found: Real = min(tried, key=lambda result: float(result.fun)).x
    return found


def _names(edges: Real) -> list[str]:
    return [
        f"{name} {'high' if edge > 0 else 'low'}"
        for name, edge in zip(("r", "alpha", "a", "b"), edges, strict=False)
        if edge
    ]


def expected_repeats(t: Real, *, r: float, alpha: float, a: float, b: float) -> Real:
    """Return E[X(t)]: repeat purchases of a new customer in the first `t` weeks (Fader, Hardie & Lee 2005, (9))."""
    t = np.asarray(t, dtype=np.float64)
    return _while_with_us(np.zeros_like(t), np.full_like(t, alpha), t, r, a, b)


def p_alive(histories: Histories, *, r: float, alpha: float, a: float, b: float) -> Real:
    """Return the chance that each customer is still with us; 1 for one who has not come back yet, as the model has it.

    Fader and Hardie, Computing P(alive) Using the BG/NBD Model (note 21, 2008).
    """
    x, t_x, age = histories.frequency, histories.recency, histories.age
    if a == 0:
        return np.ones_like(x)
    odds = np.log(a) - np.log(np.where(x > 0, b + x - 1, 1.0)) + (r + x) * np.log((alpha + age) / (alpha + t_x))
    return np.where(x > 0, scipy.special.expit(-odds), 1.0)


def expected_purchases(histories: Histories, t: float, *, r: float, alpha: float, a: float, b: float) -> Real:
    """Return E[Y(t) | x, t_x, T]: purchases of each customer in the next `t` weeks (Fader, Hardie & Lee 2005, (10))."""
    x, since = histories.frequency, alpha + histories.age
    alive = p_alive(histories, r=r, alpha=alpha, a=a, b=b)
    return alive * _while_with_us(x, since, np.full_like(x, t), r, a, b)


def _while_with_us(x: Real, since: Real, t: Real, r: float, a: float, b: float) -> Real:
    """Return the purchases to come in `t` weeks of somebody who is with us now, `since` being alpha + T.

    The 2F1 of the paper grows without bound where C - A - B = a - 1 - r - x is below zero, and its factor shrinks as
    fast. Euler's transformation 2F1(A, B; C; z) = (1 - z)^(C-A-B) 2F1(C-A, C-B; C; z) keeps both moderate there.
    """
    most = t * (r + x) / since
    if a == 0:
        return most
    if b > _MANY and abs(a - 1) < 10 * _STEP:
        # Here the closed form is a difference of two numbers that agree in all but their last digits.
        return np.clip(_by_quadrature(x, since, t, r, a, b), 0.0, most)
    if min(abs(a - 1), abs(a + b - 1)) < _STEP:
        return (_formula(x, since, t, r, a - 2 * _STEP, b) + _formula(x, since, t, r, a + 2 * _STEP, b)) / 2
    # Nobody buys more than those who never leave: rounding may not say otherwise.
    return np.clip(_formula(x, since, t, r, a, b), 0.0, most)


def _formula(x: Real, since: Real, t: Real, r: float, a: float, b: float) -> Real:
    z = t / (since + t)
    is_bounded = a - 1 > r + x
    power = np.where(is_bounded, r + x, a - 1)
    other = np.where(is_bounded, b + x, a + b - 1 - r)
    # In far corners (b in the thousands, many purchases in few days) the series gives no number.
    with np.errstate(all="ignore"):
        series = scipy.special.hyp2f1(power, other, a + b + x - 1, z)
        expected: Real = (a + b + x - 1) / (a - 1) * (1 - (1 - z) ** power * series)
    # Where C - A - B is whole, scipy's series near the end of its circle (from .9 on) keeps few digits or none.
    is_whole = abs(a - r - round(a - r)) < _WHOLE
    lacking = np.flatnonzero(~np.isfinite(expected) | (is_whole & (z > 0.9)))
    for begin in range(0, len(lacking), _ROWS):
        some = lacking[begin : begin + _ROWS]
        expected[some] = _by_quadrature(x[some], since[some], t[some], r, a, b)
    return expected


def _by_quadrature(x: Real, since: Real, t: Real, r: float, a: float, b: float) -> Real:
    """Return the same as the mean over p ~ Beta(a, b + x) of (1 - (since / (since + p t))^(r + x)) / p.

    By the trapezoid rule over the logit y of p, which is next to exact for a density as smooth as this. Beyond its ends
    the density falls as exp(a y) and exp(-(b + x) y), slowly where a parameter is small: what is there is added.
    """
    stays = b + x
    width = np.minimum(14 * np.sqrt(1 / a + 1 / stays), _FAR)
    y = np.log(a / stays)[:, None] + width[:, None] * np.linspace(-1, 1, _POINTS)
    p, q = -np.logaddexp(0, -y), -np.logaddexp(0, y)
    density = np.exp(a * p + stays[:, None] * q - scipy.special.betaln(a, stays)[:, None])
    bought = -np.expm1(-(r + x)[:, None] * np.log1p(np.exp(p) * (t / since)[:, None])) / np.exp(p)
    part = density * bought
    within = (part.sum(axis=1) - (part[:, 0] + part[:, -1]) / 2) * width * 2 / (_POINTS - 1)
    mean: Real = within + part[:, 0] / a + part[:, -1] / stays
    return mean
