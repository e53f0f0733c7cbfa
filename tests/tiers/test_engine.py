"""The rules of a tier scheme, put to invented customers by the thousand."""

from dataclasses import fields, replace
from typing import TypeVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiers.engine import (
    DEMOTED,
    FIRST,
    MEASURES,
    NEVER,
    NOWHERE,
    PROMOTED,
    STAYED,
    UNKNOWN,
    Bars,
    Decisions,
    Measures,
    Rules,
    Standing,
    Truth,
    Whole,
)
from tiers.engine import decide as decide_

TODAY = 740_000


def bars(margin: int, orders: int, days: int) -> Bars:
    return Bars({"margin": margin, "orders": orders, "recency": days})


RULES = Rules(
    entry=[Bars(), bars(200_00, 2, 270), bars(700_00, 5, 120), bars(2000_00, 10, 90)],
    keep=[Bars(), bars(150_00, 2, 365), bars(560_00, 4, 180), bars(1600_00, 8, 180)],
    hold_days=90,
    grace_days=30,
)
GUEST, REGULAR, HOUSE_GUEST, FAMILY = range(4)
Person = tuple[int, int, int, bool, int, int, int, int]
Table = TypeVar("Table", Measures, Standing, Decisions)


def measures_of(
    margin: Whole, orders: Whole, last_order: Whole, is_frozen: Truth, frozen_days: Whole, as_of: int = TODAY
) -> Measures:
    values = {name: np.full(len(margin), UNKNOWN) for name in MEASURES}
    values |= {"margin": margin, "orders": orders, "recency": np.where(last_order, as_of - last_order, UNKNOWN)}
    return Measures(values, is_frozen, frozen_days)


def table(people: list[Person]) -> tuple[Measures, Standing]:
    """Turn rows (margin, orders, last order, frozen, frozen days, level, held until, below since) into arrays."""
    columns = [np.array(column, dtype=np.int64) for column in zip(*people, strict=True)] or [np.zeros(0, np.int64)] * 8
    margin, orders, last_order, frozen, frozen_days, level, held_until, below_since = columns
    return (
        measures_of(margin, orders, last_order, frozen.astype(np.bool_), frozen_days),
        Standing(level, held_until, below_since),
    )


def decide(people: list[Person], rules: Rules = RULES, as_of: int = TODAY) -> Decisions:
    measures, standing = table(people)
    return decide_(measures, rules, standing, as_of)


def rows(decisions: Decisions) -> list[tuple[int, ...]]:
    columns = [getattr(decisions, field.name).tolist() for field in fields(decisions)]
    return list(zip(*columns, strict=True))


def one(
    margin: int = 0,
    orders: int = 0,
    days: int | None = None,
    level: int = NOWHERE,
    *,
    held_until: int = NEVER,
    below_since: int = NEVER,
    is_frozen: bool = False,
    frozen_days: int = 0,
    rules: Rules = RULES,
    as_of: int = TODAY,
) -> tuple[int, ...]:
    """Decide about one customer (margin in whole pounds) and return earned, level, held until, below since, reason."""
    last_order = NEVER if days is None else as_of - days
    person = (margin * 100, orders, last_order, is_frozen, frozen_days, level, held_until, below_since)
    return rows(decide([person], rules, as_of))[0]


@pytest.mark.parametrize(
    ("margin", "orders", "days", "level"),
    [
        (0, 0, None, GUEST),
        (200, 2, 270, REGULAR),
        (199, 2, 270, GUEST),
        (200, 1, 270, GUEST),
        (200, 2, 271, GUEST),
        (5000, 50, None, GUEST),
        (700, 5, 120, HOUSE_GUEST),
        (2000, 10, 90, FAMILY),
        (2000, 10, 91, HOUSE_GUEST),
        (-50, 3, 1, GUEST),
    ],
)
def test_first_standing_is_what_the_numbers_earn(margin: int, orders: int, days: int | None, level: int) -> None:
    assert one(margin, orders, days) == (level, level, NEVER, NEVER, FIRST)


def test_up_at_once_over_several_steps_and_held() -> None:
    assert one(2000, 10, 1, GUEST) == (FAMILY, FAMILY, TODAY + 90, NEVER, PROMOTED)


def test_kept_between_the_bars() -> None:
    """Too little to enter, enough to stay."""
    assert one(1700, 9, 100, FAMILY, below_since=TODAY - 400) == (HOUSE_GUEST, FAMILY, NEVER, NEVER, STAYED)


def test_below_the_bar_the_grace_begins() -> None:
    assert one(0, 0, None, FAMILY) == (GUEST, FAMILY, NEVER, TODAY, STAYED)


@pytest.mark.parametrize(("days", "goes"), [(29, False), (30, True)])
def test_down_after_the_grace_by_one_step_and_the_grace_begins_anew(days: int, goes: bool) -> None:
    earned, level, held_until, below_since, reason = one(0, 0, None, FAMILY, below_since=TODAY - days)
    if goes:
        assert (earned, level, held_until, below_since, reason) == (GUEST, HOUSE_GUEST, NEVER, TODAY, DEMOTED)
    else:
        assert (level, below_since, reason) == (FAMILY, TODAY - days, STAYED)


@pytest.mark.parametrize(("held_for", "goes"), [(1, False), (0, True)])
def test_not_down_while_held(held_for: int, goes: bool) -> None:
    """The day that a hold ends on is the first day without it."""
    _, level, *_ = one(0, 0, None, FAMILY, held_until=TODAY + held_for, below_since=TODAY - 60)
    assert level == (HOUSE_GUEST if goes else FAMILY)


def test_landing_in_a_tier_whose_bars_are_met_starts_no_grace() -> None:
    assert one(600, 5, 100, FAMILY, below_since=TODAY - 30) == (REGULAR, HOUSE_GUEST, NEVER, NEVER, DEMOTED)


def test_our_open_fault_stops_the_move_and_its_days_do_not_count() -> None:
    assert one(0, 0, None, FAMILY, below_since=TODAY - 90, is_frozen=True)[1] == FAMILY
    assert one(0, 0, None, FAMILY, below_since=TODAY - 40, frozen_days=11)[1] == FAMILY
    assert one(0, 0, None, FAMILY, below_since=TODAY - 40, frozen_days=10)[1] == HOUSE_GUEST


def test_our_open_fault_does_not_stop_a_move_up() -> None:
    assert one(2000, 10, 1, GUEST, is_frozen=True)[1] == FAMILY


def test_without_grace_there_is_still_a_night() -> None:
    rules = Rules(RULES.entry, RULES.keep, hold_days=0, grace_days=0)
    assert one(0, 0, None, FAMILY, rules=rules)[1] == FAMILY
    assert one(0, 0, None, FAMILY, below_since=TODAY - 1, rules=rules)[1] == HOUSE_GUEST


def test_a_tier_that_is_in_no_scheme_yet_is_entered_by_nobody_and_stepped_over() -> None:
    rules = Rules([Bars(), Bars(), RULES.entry[3]], [Bars(), Bars(), RULES.keep[3]], hold_days=0, grace_days=30)
    assert one(1000, 9, 1, rules=rules)[1] == 0
    assert one(0, 0, None, 2, below_since=TODAY - 30, rules=rules)[1] == 0


def test_nobody_is_decided_about() -> None:
    assert rows(decide([])) == []


# --- whatever the numbers ------------------------------------------------------------------------

days_ = st.one_of(st.just(NEVER), st.integers(TODAY - 500, TODAY))
person = st.tuples(
    st.integers(-1000_00, 4000_00),
    st.integers(0, 20),
    days_,
    st.booleans(),
    st.integers(0, 40),
    st.integers(NOWHERE, 3),
    st.one_of(st.just(NEVER), st.integers(TODAY - 100, TODAY + 100)),
    st.one_of(st.just(NEVER), st.integers(TODAY - 100, TODAY)),
)
people_ = st.lists(person, max_size=30)
grace = st.integers(0, 40)


def with_grace(days: int) -> Rules:
    return Rules(RULES.entry, RULES.keep, RULES.hold_days, days)


@given(people_, grace)
def test_a_thousand_are_decided_like_one(people: list[Person], days: int) -> None:
    rules = with_grace(days)
    assert rows(decide(people, rules)) == [rows(decide([each], rules))[0] for each in people]


@given(people_, st.randoms())
def test_order_does_not_matter(people: list[Person], random: "st.random") -> None:  # type: ignore[name-defined]
    places = list(range(len(people)))
    random.shuffle(places)
    straight = rows(decide(people))
    assert rows(decide([people[place] for place in places])) == [straight[place] for place in places]


@given(people_, grace)
def test_deciding_twice_on_a_day_changes_nothing(people: list[Person], days: int) -> None:
    measures, standing = table(people)
    rules = with_grace(days)
    once = decide_(measures, rules, standing, TODAY)
    # No day of a failure lies between today and today.
    frozen_days = np.where(once.below_since == TODAY, 0, measures.frozen_days)
    again = decide_(
        replace(measures, frozen_days=frozen_days),
        rules,
        once.standing,
        TODAY,
    )
    assert not again.has_moved.any()
    assert [row[:-1] for row in rows(again)] == [row[:-1] for row in rows(once)]


@given(people_, grace)
def test_one_step_down_at_most_never_below_what_is_earned_never_by_our_fault(people: list[Person], days: int) -> None:
    decisions = decide(people, with_grace(days))
    for each, (earned, level, *_rest, reason) in zip(people, rows(decisions), strict=True):
        before, is_frozen = each[5], each[3]
        assert level >= before - 1
        assert level >= earned
        assert (level > before) == (reason in {FIRST, PROMOTED})
        assert not (is_frozen and reason == DEMOTED)


@given(people_, st.integers(0, 1000_00), grace)
def test_more_margin_never_makes_it_worse(people: list[Person], more: int, days: int) -> None:
    richer = [(each[0] + more, *each[1:]) for each in people]
    poor, rich = decide(people, with_grace(days)), decide(richer, with_grace(days))
    assert (rich.earned >= poor.earned).all()
    assert (rich.level >= poor.level).all()
