"""Predictions: the same for one as for many, never NaN, and monotone where they must be."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tiers.buying import CDNOW_UNTIL, cdnow, predicted, retail, rows_of
from tiers.value.fitting import Fit, Model, ValueModel, fit
from tiers.value.predicting import MOST_CENTS, UNKNOWN, expected_purchases, expected_value, predict_cents
from tiers.value.purchases import Whole, held_out, histories, tally

BEGAN = CDNOW_UNTIL - 300


@pytest.fixture(scope="module", params=["bg_nbd", "nbd", "mean"])
def fitted(request: pytest.FixtureRequest) -> Fit:
    if request.param == "nbd":
        until = int(retail().day.max())
        return fit(tally(retail(), until), until=until)
    found = fit(tally(cdnow(), CDNOW_UNTIL), until=CDNOW_UNTIL)
    return found if request.param == "bg_nbd" else replace(found, value_model=ValueModel.MEAN)


def ask(fit: Fit, *customers: tuple[int, int, int, int, int]) -> Whole:
    """Predict for (purchase days, first day, last day, repeat cents, as of)."""
    days, first, last, cents, as_of = np.array(customers, dtype=np.int64).reshape(-1, 5).T
    return predict_cents(fit, purchase_days=days, first_day=first, last_day=last, repeat_cents=cents, as_of=as_of)


@st.composite
def customer(draw: st.DrawFn) -> tuple[int, int, int, int, int]:
    """Anything that a row of measures can hold, and some that none should."""
    days = draw(st.integers(0, 400) | st.just(10**6))
    if not days:
        return 0, 0, 0, draw(st.integers(-(10**9), 10**9)), CDNOW_UNTIL
    first = draw(st.integers(BEGAN - 3000, CDNOW_UNTIL))
    last = first + draw(st.integers(0, CDNOW_UNTIL - first + 5))
    cents = draw(st.integers(-(10**14), 10**14) | st.integers(-500, 100_000))
    return days, first, last, cents, draw(st.integers(BEGAN, CDNOW_UNTIL + 2000))


@settings(max_examples=150, deadline=None)
@given(customers=st.lists(customer(), min_size=1, max_size=40), horizon=st.sampled_from([1, 30, 365, 3653]))
def test_one_and_many_alike_and_always_a_number(
    fitted: Fit, customers: list[tuple[int, int, int, int, int]], horizon: int
) -> None:
    fit = fitted.ahead(horizon)
    together = ask(fit, *customers)
    assert together.dtype == np.int64
    assert together.tolist() == [int(ask(fit, one)[0]) for one in customers]
    for cents, (days, *_more) in zip(together, customers, strict=True):
        assert cents == UNKNOWN if not days else 0 <= cents <= MOST_CENTS


def test_one_and_a_hundred_thousand_alike(fitted: Fit) -> None:
    """More than one portion, at every place of it."""
    chance = np.random.default_rng(7)
    count = 100_001
    days = chance.integers(0, 30, count)
    first = CDNOW_UNTIL - chance.integers(0, 2000, count)
    last = np.where(days > 1, first + (chance.random(count) * (CDNOW_UNTIL - first)).astype(np.int64), first)
    cents = chance.integers(-1000, 100_000, count)
    as_of = np.full(count, CDNOW_UNTIL)
    arrays = {"purchase_days": days, "first_day": first, "last_day": last, "repeat_cents": cents, "as_of": as_of}
    together = predict_cents(fitted, **arrays)
    for place in [*chance.integers(0, count, 400), 0, 32767, 32768, 65535, 65536, count - 1]:
        alone = predict_cents(fitted, **{name: array[place : place + 1] for name, array in arrays.items()})
        assert alone[0] == together[place]
    turned = predict_cents(fitted, **{name: array[::-1] for name, array in arrays.items()})
    assert (turned[::-1] == together).all()


@settings(max_examples=150, deadline=None)
@given(
    days=st.integers(2, 60),
    first=st.integers(0, 1500),
    quiet=st.integers(0, 1000),
    cents=st.integers(0, 10**7),
    more=st.integers(0, 10**6),
)
def test_monotone_where_it_must_be(fitted: Fit, days: int, first: int, quiet: int, cents: int, more: int) -> None:
    began = CDNOW_UNTIL - 2600 + first
    last = began + max(days - 1, 30)
    now = last + quiet
    (usual,) = ask(fitted, (days, began, last, cents, now))
    (richer,) = ask(fitted, (days, began, last, cents + more, now))
    (longer,) = ask(fitted.ahead(fitted.horizon_days + 30), (days, began, last, cents, now))
    (quieter,) = ask(fitted, (days, began, last, cents, now + 60))
    (later,) = ask(fitted, (days, began, last + min(quiet, 20), cents, now))
    assert richer >= usual
    assert longer >= usual
    assert quieter <= usual
    assert later >= usual


def test_nothing_is_said_of_nobody(fitted: Fit) -> None:
    assert ask(fitted).tolist() == []
    assert ask(fitted, (0, 0, 0, 0, CDNOW_UNTIL), (1, BEGAN, BEGAN, 0, CDNOW_UNTIL)).tolist()[0] == UNKNOWN
    for none in (replace(fitted, model=Model.NONE), replace(fitted, value_model=ValueModel.NONE)):
        assert ask(none, (3, BEGAN, BEGAN + 30, 9000, CDNOW_UNTIL)).tolist() == [UNKNOWN]


def test_cents_are_rounded_half_to_even(fitted: Fit) -> None:
    """By a fit whose product is known: 1 purchase in 365 days by NBD, and a mean of half cents."""
    weeks = fitted.horizon_days / 7
    plain = replace(fitted, model=Model.NBD, value_model=ValueModel.MEAN, r=1.0, alpha=weeks, a=0.0, b=1.0)
    for mean, cents in ((0.125, 12), (0.135, 14), (2.0, 200)):
        worth = ask(replace(plain, mean_value=mean), (1, CDNOW_UNTIL, CDNOW_UNTIL, 0, CDNOW_UNTIL))
        assert worth.tolist() == [cents]


def test_purchases_are_counted_by_day_and_valued_after_the_first() -> None:
    rows = rows_of(
        (7, 100, 500), (7, 100, 300), (7, 100, -100),  # the first day, a return of it included
        (7, 107, 1000), (7, 107, 200), (7, 110, -300),  # one repeat day, and a return afterwards
        (7, 200, 9999),  # too late
        (8, 90, -50), (8, 95, 40),  # a return before anything was bought
        (9, 100, -10),  # never bought
    )  # fmt: skip
    tallies = tally(rows, 150)
    assert tallies.customer.tolist() == [7, 8]
    assert tallies.purchase_days.tolist() == [2, 1]
    assert tallies.first_day.tolist() == [100, 95]
    assert tallies.last_day.tolist() == [107, 95]
    assert tallies.repeat_cents.tolist() == [900, 0]
    known = histories(tallies, 150)
    assert known.frequency.tolist() == [1, 0]
    assert known.recency.tolist() == [1, 0]
    assert known.age.tolist() == [50 / 7, 55 / 7]
    assert known.value.tolist() == [9, 0]
    days, cents = held_out(rows, tallies, 106, 200)
    assert days.tolist() == [2, 0]
    assert cents.tolist() == [1000 + 200 - 300 + 9999, 0]


def test_predictions_of_the_data_are_the_formulas(fitted: Fit) -> None:
    """Cents are the product of purchases to come and their value, for every customer of CDNOW."""

    tallies = tally(cdnow(), CDNOW_UNTIL)
    known = histories(tallies, CDNOW_UNTIL)
    worth = 100 * expected_purchases(fitted, known) * expected_value(fitted, known)
    assert np.abs(predicted(fitted, tallies, CDNOW_UNTIL) - worth).max() <= 0.5
