"""What a fit says where the purchases do not settle it: each edge, openly, and never a number from nothing."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.customers.vectors import vectors
from tests.tiers.buying import CDNOW_UNTIL, TODAY, cdnow, made, predicted, retail, rows_of
from tiers.value.calibration import calibrate
from tiers.value.fitting import LEAST_GAIN, Caution, Fit, Model, ValueModel, fit
from tiers.value.predicting import UNKNOWN, expected_purchases
from tiers.value.purchases import Rows, histories, tally


def fit_of(rows: Rows, until: int = TODAY) -> Fit:
    return fit(tally(rows, until), until=until)


def is_unknown_to_all(fitted: Fit, rows: Rows) -> bool:
    return bool((predicted(fitted, tally(rows, TODAY), TODAY) == UNKNOWN).all())


def test_the_shipped_retail_data_are_the_original() -> None:
    assert vectors("online_retail/online_retail_invoices.csv").exists()


def test_online_retail_identifies_no_drop_out() -> None:
    """The likelihood runs to a = 0: the fit says so, and predicts by NBD."""
    rows = retail()
    until = int(rows.day.max())
    tallies = tally(rows, until)
    fitted = fit(tallies, until=until)
    assert (fitted.model, fitted.value_model) == (Model.NBD, ValueModel.GAMMA_GAMMA)
    assert Caution.NO_DROP_OUT in fitted.warnings
    assert 0 <= (fitted.gain or 0) < LEAST_GAIN
    assert (fitted.buying["a"], fitted.buying["b"]) == (0.0, 1.0)
    known = histories(tallies, until)
    r, alpha = fitted.buying["r"], fitted.buying["alpha"]
    by_hand = 365 / 7 * (r + known.frequency) / (alpha + known.age)
    assert np.allclose(expected_purchases(fitted, known), by_hand)
    assert (predicted(fitted, tallies, until) >= 0).all()
    assert Caution.RETURNS_EXCEED in fitted.warnings
    assert (fitted.negative, fitted.zero) == (13, 4)


def test_drop_out_is_found_where_there_is_some() -> None:
    fitted = fit_of(made(800, chance_to_leave=0.3))
    assert fitted.model == Model.BG_NBD
    a, b = fitted.buying["a"], fitted.buying["b"]
    assert 0.2 < a / (a + b) < 0.4
    assert Caution.NO_DROP_OUT not in fitted.warnings


def test_nobody_leaves_and_none_is_seen_to() -> None:
    fitted = fit_of(made(300, chance_to_leave=0))
    assert (fitted.model, Caution.NO_DROP_OUT in fitted.warnings) == (Model.NBD, True)


def test_no_purchases() -> None:
    for rows in (rows_of(), rows_of((1, TODAY, -500)), rows_of((1, TODAY + 1, 500))):
        fitted = fit_of(rows)
        assert (fitted.model, fitted.warnings, fitted.customers) == (Model.NONE, (Caution.NO_PURCHASES,), 0)
        assert calibrate(rows, until=TODAY) is None


def test_too_few_customers() -> None:
    rows = made(49, chance_to_leave=0.2)
    fitted = fit_of(rows)
    assert (fitted.model, fitted.value_model, fitted.warnings) == (Model.NONE, ValueModel.NONE, (Caution.TOO_FEW,))
    assert is_unknown_to_all(fitted, rows)


def test_all_bought_once() -> None:
    rows = rows_of(*((number, TODAY - number, 1000) for number in range(200)))
    fitted = fit_of(rows)
    assert (fitted.model, fitted.warnings) == (Model.NONE, (Caution.ONE_TIME_BUYERS,))
    assert is_unknown_to_all(fitted, rows)


def test_several_purchases_of_one_day_are_one() -> None:
    once = rows_of(*((number, TODAY - number, 1000) for number in range(100) for _ in range(3)))
    assert fit_of(once).warnings == (Caution.ONE_TIME_BUYERS,)


def test_frequency_and_value_correlated() -> None:
    rows = made(300, chance_to_leave=0.1)
    days = np.bincount(rows.customer)[rows.customer]
    fitted = fit_of(replace(rows, cents=rows.cents * days))
    assert Caution.CORRELATED in fitted.warnings
    assert (fitted.correlation or 0) > 0.3
    assert Caution.CORRELATED not in fit_of(rows).warnings


def test_returns_larger_than_purchases() -> None:
    rows = made(300, chance_to_leave=0.1)
    who = int(rows.customer[np.argmax(rows.day)])
    back = rows_of((who, TODAY, -(10**9)))
    more = Rows(*(np.concatenate([getattr(rows, name), getattr(back, name)]) for name in rows.__slots__))
    fitted = fit_of(more)
    assert (fitted.negative, fitted.valued) == (1, fit_of(rows).valued - 1)
    assert Caution.RETURNS_EXCEED in fitted.warnings
    place = int(np.flatnonzero(tally(more, TODAY).customer == who)[0])
    before = predicted(fitted, tally(rows, TODAY), TODAY)[place]
    assert 0 <= predicted(fitted, tally(more, TODAY), TODAY)[place] < before


def test_customers_with_only_zero_orders() -> None:
    rows = made(300, chance_to_leave=0.1)
    free = rows_of(*((1000, TODAY - day, 0) for day in range(0, 200, 20)))
    more = Rows(*(np.concatenate([getattr(rows, name), getattr(free, name)]) for name in rows.__slots__))
    fitted = fit_of(more)
    assert (fitted.zero, Caution.ZERO_VALUES in fitted.warnings) == (1, True)
    cents = predicted(fitted, tally(more, TODAY), TODAY)
    assert 0 <= cents[-1] < np.median(cents)


def test_nobody_ever_brought_anything() -> None:
    rows = made(300, chance_to_leave=0.1, cents=0)
    fitted = fit_of(rows)
    assert (fitted.model, fitted.value_model) == (Model.BG_NBD, ValueModel.NONE)
    assert {Caution.TOO_FEW_VALUES, Caution.ZERO_VALUES} <= set(fitted.warnings)
    assert is_unknown_to_all(fitted, rows)
    calibration = calibrate(rows, until=TODAY)
    assert calibration is not None
    assert {row.predicted_value for row in calibration.classes} == {None}


def test_one_price_for_all_is_the_mean() -> None:
    fitted = fit_of(made(300, chance_to_leave=0.1, cents=995))
    assert (fitted.value_model, fitted.mean_value) == (ValueModel.MEAN, pytest.approx(9.95))
    assert Caution.VALUE_NOT_IDENTIFIED in fitted.warnings


def test_values_without_a_mean() -> None:
    """Spending so uneven that q falls to 1 and below: the mean over customers would be infinite."""
    rows = made(400, chance_to_leave=0.1, cents=100)
    means = 100 * np.random.default_rng(3).pareto(0.5, 400) + 100
    uneven = replace(rows, cents=np.minimum(means[rows.customer], 10**12).astype(np.int64))
    fitted = fit_of(uneven)
    assert (fitted.value_model, Caution.VALUE_NOT_IDENTIFIED in fitted.warnings) == (ValueModel.MEAN, True)
    assert (predicted(fitted, tally(uneven, TODAY), TODAY) >= 0).all()


def test_few_values_give_the_mean() -> None:
    rows = made(300, chance_to_leave=0.1)
    few = replace(rows, cents=np.where(rows.customer < 30, rows.cents, 0))
    fitted = fit_of(few)
    assert 10 <= fitted.valued < 30
    assert (fitted.value_model, Caution.TOO_FEW_VALUES in fitted.warnings) == (ValueModel.MEAN, True)


def test_a_sample_says_so() -> None:
    rows = made(100, chance_to_leave=0.1)
    fitted = fit(tally(rows, TODAY), until=TODAY, population=5000)
    assert (fitted.customers, fitted.population, Caution.SAMPLED in fitted.warnings) == (100, 5000, True)


def test_a_short_window_is_not_checked() -> None:
    assert calibrate(made(300, chance_to_leave=0.1, days=40), until=TODAY) is None


def test_same_purchases_in_another_order_give_the_same_fit() -> None:
    rows = cdnow()
    order = np.random.default_rng(5).permutation(len(rows.day))
    mixed = Rows(*(getattr(rows, name)[order] for name in rows.__slots__))
    assert fit_of(mixed, CDNOW_UNTIL) == fit_of(rows, CDNOW_UNTIL)


def test_a_fit_is_plain_json_and_comes_back() -> None:
    for fitted in (fit_of(cdnow(), CDNOW_UNTIL), fit_of(rows_of()), fit_of(retail(), int(retail().day.max()))):
        text = json.dumps(fitted.as_json(), allow_nan=False)
        assert Fit.from_json(json.loads(text)) == fitted


@pytest.mark.parametrize(
    "change",
    [
        {"r": None},
        {"alpha": -1.0},
        {"a": -0.1},
        {"q": 1.0},
        {"v": math.inf},
        {"horizon_days": 0},
        {"model": "clairvoyance"},
        {"last_day": "soon"},
        {"warnings": ["nonsense"]},
    ],
)
def test_parameters_that_cannot_be_are_refused(change: dict[str, object]) -> None:
    plain = fit_of(cdnow(), CDNOW_UNTIL).as_json()
    with pytest.raises((ValueError, TypeError)):
        Fit.from_json(plain | change)


def any_purchases_give_numbers_or_none(data: st.DataObject) -> None:
    """Whatever customers do: no NaN, no infinity, no exception; JSON takes it."""
    customers = data.draw(st.integers(1, 120))
    chance = np.random.default_rng(data.draw(st.integers(0, 10**6)))
    count = data.draw(st.integers(1, 600))
    span = data.draw(st.sampled_from([1, 3, 30, 400, 9000]))
    money = data.draw(st.sampled_from([1, 100, 10**4, 10**9]))
    rows = Rows(
        customer=chance.integers(0, customers, count),
        day=TODAY - chance.integers(0, span, count),
        cents=chance.integers(0, money, count),
        is_purchase=np.ones(count, dtype=np.bool_),
    )
    fitted = fit_of(rows)
    json.dumps(fitted.as_json(), allow_nan=False)
    calibration = calibrate(rows, until=TODAY)
    json.dumps(calibration and calibration.as_json(), allow_nan=False)
    cents = predicted(fitted, tally(rows, TODAY), TODAY)
    has_model = fitted.model != Model.NONE and fitted.value_model != ValueModel.NONE
    assert (cents >= 0).all() if has_model else (cents == UNKNOWN).all()


@settings(max_examples=10, deadline=None)
@given(st.data())
def test_any_purchases_give_numbers_or_none(data: st.DataObject) -> None:
    any_purchases_give_numbers_or_none(data)


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(st.data())
def test_many_purchases_give_numbers_or_none(data: st.DataObject) -> None:
    any_purchases_give_numbers_or_none(data)
