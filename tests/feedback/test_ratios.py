"""The ratio of two rates: known figures, its bounds, and when it cannot tell."""

from datetime import date
from math import inf

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from feedback.ratios import Rate, Verdict, compare, windows
from feedback.trends import STRIP, draw, strip


@pytest.mark.parametrize(("x", "n", "y", "m"), [(15, 19017, 41, 28010), (3, 100, 0, 50), (0, 10, 7, 10), (1, 9, 1, 9)])
def test_it_is_the_exact_interval_of_a_binomial_share_turned_into_a_ratio(x: int, n: int, y: int, m: int) -> None:
    found = compare(Rate(x, n), Rate(y, m))
    exact = binomtest(y, x + y).proportion_ci(0.95, method="exact")
    low, high = (share / (1 - share) * n / m if share < 1 else inf for share in (exact.low, exact.high))
    assert (found.low, found.high) == pytest.approx((low, high))
    assert found.ratio == pytest.approx(y / m / (x / n) if x else inf)


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        (Rate(40, 1000), Rate(12, 1000), Verdict.RARER),
        (Rate(12, 1000), Rate(40, 1000), Verdict.MORE),
        (Rate(4, 1000), Rate(2, 1000), Verdict.UNCLEAR),
        (Rate(9, 1000), Rate(0, 1000), Verdict.RARER),
        (Rate(0, 1000), Rate(2, 1000), Verdict.UNCLEAR),
        (Rate(0, 1000), Rate(9, 1000), Verdict.MORE),
        (Rate(0, 1000), Rate(0, 1000), Verdict.NOTHING),
        (Rate(5, 0), Rate(5, 100), Verdict.NOTHING),
        (Rate(5, 100), Rate(0, 0), Verdict.NOTHING),
    ],
)
def test_what_it_says(before: Rate, after: Rate, verdict: Verdict) -> None:
    assert compare(before, after).verdict is verdict


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 200), st.integers(1, 9999), st.integers(0, 200), st.integers(1, 9999))
def test_the_ratio_lies_in_its_interval_and_turns_over_with_the_sides(x: int, n: int, y: int, m: int) -> None:
    if not x + y:
        return
    there, back = compare(Rate(x, n), Rate(y, m)), compare(Rate(y, m), Rate(x, n))
    assert there.ratio is not None
    assert there.low <= there.ratio <= there.high
    if back.high not in (0.0, inf):
        assert there.low == pytest.approx(1 / back.high, rel=1e-6)
    drawn = strip(there)
    assert 0 <= float(drawn.low) <= float(drawn.at) + 0.1
    assert float(drawn.high) <= STRIP


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5])
def test_it_holds_the_truth_at_least_19_times_of_20(share: float) -> None:
    cases, truth = 30, share / (1 - share)
    covered = sum(
        binom.pmf(after, cases, share)
        for after in range(cases + 1)
        if (found := compare(Rate(cases - after, 100), Rate(after, 100))).low <= truth <= found.high
    )
    assert covered >= 0.95


def test_before_and_after_leave_out_what_lies_between() -> None:
    spans = windows(date(2026, 6, 1), date(2026, 7, 1), date(2026, 8, 1))
    assert spans.before == (date(2025, 12, 1), date(2026, 6, 1))
    assert spans.after == (date(2026, 7, 2), date(2026, 8, 1))
    assert windows(date(2026, 6, 1), date(2026, 7, 1), date(2026, 7, 1)).after == (date(2026, 7, 2), date(2026, 7, 2))
    assert windows(date(2024, 6, 1), date(2024, 7, 1), date(2026, 7, 1)).after[1] == date(2024, 12, 31)


@pytest.mark.parametrize("values", [[], [None, None], [0.0, 0.0], [0.4, 12.7, None], [9999.0]])
def test_every_chart_stays_on_its_sheet(values: list[float | None]) -> None:
    chart = draw([("Jan", value) for value in values])
    assert len(chart.bars) == len(values)
    assert all(0 <= float(bar.y) <= chart.ground and float(bar.height) >= 0 for bar in chart.bars)
    assert 2 <= len(chart.ticks) <= 7
