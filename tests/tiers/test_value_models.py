"""BG/NBD and Gamma-Gamma against the published figures, and against integrals that know nothing of the formulas.

Fader, Hardie and Lee 2005, and Fader and Hardie's notes on the CDNOW sample: calibration to 1997-09-30, in weeks.
"""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from scipy.special import betaln, gammaln
from scipy.stats import spearmanr

from tests.tiers.buying import CDNOW_ENDS, CDNOW_UNTIL, cdnow, retail
from tiers.value import bgnbd, gamma_gamma
from tiers.value.calibration import calibrate
from tiers.value.fitting import Fit, Model, ValueModel, _rank_correlation, fit
from tiers.value.purchases import Histories, Real, histories, tally


@pytest.fixture(scope="module")
def fitted() -> Fit:
    return fit(tally(cdnow(), CDNOW_UNTIL), until=CDNOW_UNTIL)


def one(x: float, t_x: float, age: float, value: float = 0) -> Histories:
    return Histories(*(np.array([float(number)]) for number in (x, t_x, age, value)))


def digits(number: float, places: int) -> str:
    return f"{number:.{places}f}"


def test_counts_of_the_sample(fitted: Fit) -> None:
    assert (fitted.customers, fitted.repeaters, fitted.valued) == (2357, 946, 946)
    assert (fitted.model, fitted.value_model, fitted.warnings) == (Model.BG_NBD, ValueModel.GAMMA_GAMMA, ())


def test_bg_nbd_has_the_published_parameters(fitted: Fit) -> None:
    found = [digits(fitted.buying[name], 3) for name in ("r", "alpha", "a", "b")]
    assert found == ["0.243", "4.414", "0.793", "2.426"]
    assert digits(fitted.log_likelihood or 0, 1) == "-9582.4"


def test_gamma_gamma_has_the_published_parameters(fitted: Fit) -> None:
    assert [digits(fitted.spending[name], 2) for name in ("p", "q", "v")] == ["6.25", "3.74", "15.44"]


def test_expected_purchases_of_one_customer_as_published(fitted: Fit) -> None:
    expected = bgnbd.expected_purchases(one(2, 30.43, 38.86), 39, **fitted.buying)[0]
    assert digits(expected, 3) == "1.226"


@pytest.mark.parametrize(
    ("weeks", "printed"), [(0.1429, "0.0078"), (1, "0.0532"), (3, "0.1506"), (31.8571, "1.0405"), (32, "1.0437")]
)
def test_expected_repeats_as_published(fitted: Fit, weeks: float, printed: str) -> None:
    assert digits(bgnbd.expected_repeats(np.array([weeks]), **fitted.buying)[0], 4) == printed


def _stopped_series(weeks: float, terms: int, r: float, alpha: float, a: float, b: float) -> float:
    """E[X(t)] with the series of 2F1(r, b; a + b - 1; z) stopped after so many terms, as a spreadsheet has it."""
    z = weeks / (alpha + weeks)
    term = total = 1.0
    for j in range(terms):
        term *= (r + j) * (b + j) / ((a + b - 1 + j) * (1 + j)) * z
        total += term
    return (a + b - 1) / (a - 1) * (1 - (alpha / (alpha + weeks)) ** r * total)


def test_expected_repeats_at_78_weeks(fitted: Fit) -> None:
    """The printed 1.8576 is what 150 terms of the series give; all of them come to 1.8580, as the integral does."""
    parameters = fitted.buying
    assert digits(_stopped_series(78, 150, **parameters), 4) == "1.8576"
    assert digits(_stopped_series(78, 5000, **parameters), 4) == "1.8580"
    assert digits(bgnbd.expected_repeats(np.array([78.0]), **parameters)[0], 4) == "1.8580"
    assert (
        digits(_integral(0, parameters["alpha"], 78, parameters["r"], parameters["a"], parameters["b"]), 4) == "1.8580"
    )
    for weeks in (0.1429, 1, 3, 31.8571, 32):
        exact = bgnbd.expected_repeats(np.array([weeks]), **parameters)[0]
        assert digits(_stopped_series(weeks, 150, **parameters), 4) == digits(exact, 4)


def test_holdout_of_cdnow_by_class() -> None:
    """The next 39 weeks against the figure in the paper: low for one repeat purchase, close from three on."""
    calibration = calibrate(cdnow(), until=CDNOW_ENDS, fitted_until=CDNOW_UNTIL)
    assert calibration is not None
    classes = {row.frequency: row for row in calibration.classes}
    assert [classes[n].customers for n in range(8)] == [1411, 439, 214, 100, 62, 38, 29, 64]
    assert sum(row.customers for row in classes.values()) == 2357
    assert digits(classes[0].actual, 3) == "0.237"
    assert digits(classes[0].predicted, 3) == "0.225"
    assert abs(classes[7].predicted / classes[7].actual - 1) < 0.05
    assert all(classes[n].predicted < classes[n + 1].predicted for n in range(7))


def _over_beta(function: Callable[[Real, Real], Real], a: float, b: float) -> float:
    """The mean of a function of log p and log(1 - p), p ~ Beta(a, b): the trapezoid rule over the logit, as exact."""
    middle, width = math.log(a / b), 45 * max(1 / a, 1 / b, 0.5)
    y = np.linspace(middle - width, middle + width, 20_001)
    p, q = -np.logaddexp(0, -y), -np.logaddexp(0, y)
    return float(np.sum(np.exp(a * p + b * q - betaln(a, b)) * function(p, q)) * (y[1] - y[0]))


def _integral(x: float, since: float, t: float, r: float, a: float, b: float) -> float:
    """Purchases to come of somebody who is with us: (1 - (since / (since + p t))^(r + x)) / p, p ~ Beta(a, b + x)."""
    return _over_beta(lambda p, _: -np.expm1(-(r + x) * np.log1p(np.exp(p) * t / since)) / np.exp(p), a, b + x)


@settings(max_examples=150, deadline=None)
@example(x=0, since=600.0, t=0.2, r=0.05, a=0.99995, b=100_000.0)
@example(x=0, since=1.0, t=300.0, r=20.0, a=300.0, b=0.2)
@example(x=0, since=16.0, t=300.0, r=1.0, a=1000.0, b=0.2)
@example(x=0, since=4.0, t=37.0, r=9.0, a=12.0, b=73.0)
@given(
    x=st.sampled_from([0, 1, 2, 7, 40, 300]),
    since=st.floats(1, 600),
    t=st.floats(0.2, 300),
    r=st.floats(0.05, 20),
    a=st.floats(0.2, 20) | st.sampled_from([1.0, 0.99995, 1.0002, 300.0, 1000.0]),
    b=st.floats(0.2, 200) | st.sampled_from([0.5, 9600.0, 100_000.0]),
)
def test_expectation_agrees_with_the_integral(x: int, since: float, t: float, r: float, a: float, b: float) -> None:
    found = bgnbd._while_with_us(np.array([float(x)]), np.array([since]), np.array([t]), r, a, b)[0]
    # Where a is all but 1, the closed form is a small difference of large numbers.
    assert found == pytest.approx(_integral(x, since, t, r, a, b), rel=1e-4)


@pytest.mark.parametrize(("a", "b"), [(1.0, 2.0), (0.5, 0.5), (0.3, 0.7), (0.7, 0.3), (0.99999, 0.4)])
def test_expectation_where_the_formula_is_nothing_by_nothing(a: float, b: float) -> None:
    for x in (0.0, 1.0, 6.0):
        found = bgnbd._while_with_us(np.array([x]), np.array([9.0]), np.array([52.0]), 0.7, a, b)[0]
        assert found == pytest.approx(_integral(x, 9, 52, 0.7, a, b), rel=1e-6)


@settings(max_examples=60, deadline=None)
@given(
    x=st.integers(0, 12),
    recent=st.floats(0, 1),
    age=st.floats(1, 200),
    r=st.floats(0.1, 5),
    alpha=st.floats(1, 40),
    a=st.floats(0.3, 5),
    b=st.floats(1.2, 9),
)
def test_likelihood_and_chance_agree_with_integrals(
    x: int, recent: float, age: float, r: float, alpha: float, a: float, b: float
) -> None:
    """Both from the model's own story: rate and chance of leaving integrated out, one after the other."""
    t_x = recent * age if x else 0.0

    def over_rates(exposure: float) -> float:
        return r * math.log(alpha) + gammaln(r + x) - gammaln(r) - (r + x) * math.log(alpha + exposure)

    stayed = _over_beta(lambda _, q: np.exp(x * q), a, b) * math.exp(over_rates(age))
    left = _over_beta(lambda p, q: np.exp(p + (x - 1) * q), a, b) * math.exp(over_rates(t_x)) if x else 0.0
    assume(stayed + left > 1e-200)
    history = one(x, t_x, age)
    parameters = {"r": r, "alpha": alpha, "a": a, "b": b}
    assert bgnbd.log_likelihood(history, **parameters) == pytest.approx(math.log(stayed + left), rel=1e-6, abs=1e-6)
    assert bgnbd.p_alive(history, **parameters)[0] == pytest.approx(stayed / (stayed + left), rel=1e-6, abs=1e-12)


def test_slopes_are_those_of_the_likelihood() -> None:
    known = histories(tally(cdnow(), CDNOW_UNTIL), CDNOW_UNTIL)
    x, value = known.frequency[known.value > 0], known.value[known.value > 0]
    sample = bgnbd._Sample(known)
    for objective, at in (
        (bgnbd._bgnbd_objective(sample), np.log([0.5, 0.3, 0.7, 2.0])),
        (bgnbd._nbd_objective(sample), np.log([0.5, 0.3])),
        (gamma_gamma._objective(x, value), np.log([5.0, 3.0, 20.0])),
    ):
        _, slopes = objective(at)
        for place in range(len(at)):
            step = np.zeros_like(at)
            step[place] = 1e-6
            assert (objective(at + step)[0] - objective(at - step)[0]) / 2e-6 == pytest.approx(slopes[place], abs=1e-7)


def test_no_drop_out_is_the_edge_of_bg_nbd() -> None:
    known = histories(tally(retail(), CDNOW_UNTIL * 2), int(retail().day.max()))
    near = bgnbd.log_likelihood(known, r=0.8, alpha=9.0, a=1e-9, b=1.0)
    assert near == pytest.approx(bgnbd.log_likelihood(known, r=0.8, alpha=9.0, a=0.0, b=1.0), rel=1e-9)
    expected = bgnbd.expected_purchases(one(3, 10, 20), 52, r=0.8, alpha=9.0, a=0.0, b=1.0)[0]
    assert expected == pytest.approx(52 * (0.8 + 3) / (9 + 20))
    close = bgnbd.expected_purchases(one(3, 10, 20), 52, r=0.8, alpha=9.0, a=1e-9, b=1.0)[0]
    assert close == pytest.approx(expected, rel=1e-6)


def test_fits_follow_the_units() -> None:
    """Ten times the money gives ten times v, and nothing else; the same for time."""
    known = histories(tally(cdnow(), CDNOW_UNTIL), CDNOW_UNTIL)
    x, value = known.frequency[known.value > 0], known.value[known.value > 0]
    small, large = gamma_gamma.fit_gamma_gamma(x, value), gamma_gamma.fit_gamma_gamma(x, 10 * value)
    assert (large.p, large.q, large.v) == pytest.approx((small.p, small.q, 10 * small.v), rel=1e-4)
    in_days = Histories(known.frequency, 7 * known.recency, 7 * known.age, known.value)
    weeks, days = bgnbd.fit_bgnbd(known), bgnbd.fit_bgnbd(in_days)
    assert (days.r, days.alpha, days.a, days.b) == pytest.approx((weeks.r, 7 * weeks.alpha, weeks.a, weeks.b), rel=1e-4)


def test_value_lies_between_ones_own_and_everybodys(fitted: Fit) -> None:
    p, q, v = (fitted.spending[name] for name in ("p", "q", "v"))
    mean = p * v / (q - 1)
    assert gamma_gamma.expected_value(one(0, 0, 9), p=p, q=q, v=v)[0] == pytest.approx(mean)
    for x in (1, 5, 50):
        for own in (1.0, 200.0):
            assert min(own, mean) < gamma_gamma.expected_value(one(x, 1, 9, own), p=p, q=q, v=v)[0] < max(own, mean)


def test_rank_correlation_is_spearmans() -> None:
    known = histories(tally(cdnow(), CDNOW_UNTIL), CDNOW_UNTIL)
    x, value = known.frequency[known.value > 0], known.value[known.value > 0]
    assert _rank_correlation(x, value) == pytest.approx(spearmanr(x, value).statistic)
    assert _rank_correlation(np.ones(4), np.arange(4.0)) == 0


def test_many_customers_are_fitted_from_the_best_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """A part shows where to start; the end is the same."""
    known = histories(tally(cdnow(), CDNOW_UNTIL), CDNOW_UNTIL)
    x, value = known.frequency[known.value > 0], known.value[known.value > 0]
    slow, slow_value = bgnbd.fit_bgnbd(known), gamma_gamma.fit_gamma_gamma(x, value)
    monkeypatch.setattr(bgnbd, "_ENOUGH", 200)
    monkeypatch.setattr(gamma_gamma, "_ENOUGH", 200)
    quick, quick_value = bgnbd.fit_bgnbd(known), gamma_gamma.fit_gamma_gamma(x, value)
    assert (quick.r, quick.alpha, quick.a, quick.b) == pytest.approx((slow.r, slow.alpha, slow.a, slow.b), rel=1e-4)
    assert (quick_value.p, quick_value.q, quick_value.v) == pytest.approx(
        (slow_value.p, slow_value.q, slow_value.v), rel=1e-4
    )
