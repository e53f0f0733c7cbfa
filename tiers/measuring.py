"""A customer's numbers out of the facts: orders, contacts, gestures and ratings put to arrays.

Every array of facts is sorted by customer. Units: money in whole cents of the house's currency, days as ordinals
(`date.toordinal()`), time in whole seconds. The same code measures one customer and a million.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tiers.engine import NEVER, UNKNOWN, Truth, Whole

# What an order row is, as the reader of orders packs it.
PURCHASE, RETURN, OUR_FAULT = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Orders:
    """Orders up to the day: whose, when, how much margin, and what (`PURCHASE`, `RETURN`, or one by `OUR_FAULT`).

    Sorted by customer, then by day.
    """

    customer: Whole
    day: Whole
    cents: Whole
    kind: Whole


@dataclass(frozen=True, slots=True)
class Contacts:
    """Contacts in the twelve months: whose, when opened, and what they cost in cents."""

    customer: Whole
    day: Whole
    cents: Whole


@dataclass(frozen=True, slots=True)
class Gestures:
    """Gestures in the twelve months: to whom, when, and what they cost in cents."""

    customer: Whole
    day: Whole
    cents: Whole


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known of some customers; `ids` ascending, `ratings` by name and in that order (or `UNKNOWN`).

    `comes_on`: the first of the days to come on which a fact is dated that is recorded already, or `NEVER`.
    """

    ids: Whole
    orders: Orders
    contacts: Contacts
    gestures: Gestures
    ratings: Mapping[str, Whole]
    comes_on: Whole


@dataclass(frozen=True, slots=True)
class Numbers:
    """What is kept of each customer: the numbers out of which the measures of a day are made.

    `margin`, `orders`, `returns`, `cost`, `engagement` count the twelve months; `first_order`, `last_order`,
    `purchase_days` and `repeat_margin` (all days after the first) the whole time. `ages_on`: the day on which the
    next fact leaves the twelve months, or comes into them, or `NEVER`.
    """

    margin: Whole
    orders: Whole
    returns: Whole
    first_order: Whole
    last_order: Whole
    purchase_days: Whole
    repeat_margin: Whole
    cost: Whole
    engagement: Whole
    influence: Whole
    advocacy: Whole
    ages_on: Whole

    def values(self, as_of: int, predicted: Whole) -> dict[str, Whole]:
        """Return the measures of a day by name, without the score."""
        ordered = self.last_order != NEVER
        return {
            "margin": self.margin,
            "orders": self.orders,
            "recency": np.where(ordered, as_of - self.last_order, UNKNOWN),
            "tenure": np.where(ordered, as_of - self.first_order, UNKNOWN),
            "predicted": predicted,
            "cost": self.cost,
            "engagement": self.engagement,
            "influence": self.influence,
            "advocacy": self.advocacy,
        }


def count(facts: Facts, *, window_begins: int, return_cents: int) -> Numbers:
    """Return the numbers of each customer of `facts.ids`.

    `window_begins`: the first day of the twelve months. `return_cents`: what handling one return costs us. Margin
    leaves out the returns that we caused, and so does their cost: a failure of ours never counts against anybody.
    """
    orders = facts.orders
    whose = _Groups(facts.ids, orders.customer)
    recent: Truth = orders.day >= window_begins
    bought: Truth = orders.kind == PURCHASE
    counts: Truth = orders.kind != OUR_FAULT
    day = np.where(bought, orders.day, 0)
    first = whose.least(np.where(bought, orders.day, UNKNOWN * -1))
    first = np.where(first == -UNKNOWN, NEVER, first)
    later = orders.day > np.repeat(first[whose.present], whose.lengths)
    returns = whose.sum(recent & (orders.kind == RETURN))
    spoken, given = _Groups(facts.ids, facts.contacts.customer), _Groups(facts.ids, facts.gestures.customer)
    leaves = _least_of(
        whose.least(np.where(recent & counts, orders.day, -UNKNOWN)),
        spoken.least(facts.contacts.day),
        given.least(facts.gestures.day),
    )
    return Numbers(
        margin=whose.sum(np.where(recent & counts, orders.cents, 0)),
        orders=whose.sum(recent & bought),
        returns=returns,
        first_order=first,
        last_order=whose.most(day),
        purchase_days=whose.sum(_begins_day(orders, bought)),
        repeat_margin=whose.sum(np.where(later & counts, orders.cents, 0)),
        cost=spoken.sum(facts.contacts.cents) + given.sum(facts.gestures.cents) + returns * return_cents,
        engagement=spoken.sum(np.ones(len(facts.contacts.day), dtype=np.int64)),
        influence=facts.ratings["influence"],
        advocacy=facts.ratings["advocacy"],
        ages_on=sooner(year_after(leaves), facts.comes_on),
    )


def mark(columns: Mapping[str, Whole]) -> Whole:
    """Return a mark of each row of some columns, never 0: rows that differ have, but for chance, different ones.

    Each number is stirred in with the finaliser of splitmix64 (Steele, Lea & Flood 2014), so that chance is one in
    2^64.
    """
    state = np.zeros(len(next(iter(columns.values()))), dtype=np.uint64)
    for column in columns.values():
        state += column.view(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
        state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        state ^= state >> np.uint64(31)
    return np.where(state == 0, 1, state.view(np.int64))


def sooner(one: Whole, other: Whole) -> Whole:
    """Return the earlier of two days, of which either may be `NEVER`."""
    both = np.where(one == NEVER, other, np.minimum(one, other))
    return np.where(other == NEVER, one, both)


def year_after(days: Whole) -> Whole:
    """Return the day on which each day is no longer within the twelve months; `NEVER` stays."""
    known = days != NEVER
    if not known.any():
        return days
    first = int(days[known].min())
    table = np.array([_year_after(day) for day in range(first, int(days.max()) + 1)], dtype=np.int64)
    return np.where(known, table[np.where(known, days - first, 0)], NEVER)


@lru_cache(maxsize=20_000)
def _year_after(ordinal: int) -> int:
    day = date.fromordinal(ordinal)
    try:
        return day.replace(year=day.year + 1).toordinal()
    except ValueError:
        # 29 February is within the year that ends with 28 February, and not within the next day's.
        return date(day.year + 1, 3, 1).toordinal()


def _begins_day(orders: Orders, bought: Truth) -> Truth:
    """Return which rows are the first purchase of their customer on their day."""
    begins = np.zeros(len(orders.day), dtype=np.bool_)
    rows = np.flatnonzero(bought)
    customer, day = orders.customer[rows], orders.day[rows]
    if len(rows):
        begins[rows[0]] = True
        begins[rows[1:][(customer[1:] != customer[:-1]) | (day[1:] != day[:-1])]] = True
    return begins


def _least_of(*columns: Whole) -> Whole:
    least = np.minimum.reduce(columns)
    return np.where(least == -UNKNOWN, NEVER, least)


class _Groups:
    """Rows of facts by customer, and what they come to for each of `ids`."""

    def __init__(self, ids: Whole, customer: Whole) -> None:
        self._count = len(ids)
        self._rows = len(customer)
        starts = np.flatnonzero(np.diff(customer, prepend=customer[0] - 1)) if self._rows else np.zeros(0, np.int64)
        self._starts = starts
        # Where each customer with facts stands among `ids`, and how many facts they have.
        self.present = np.searchsorted(ids, customer[starts]) if self._rows else starts
        self.lengths = np.diff(starts, append=self._rows)

    def sum(self, values: NDArray[np.int64] | Truth) -> Whole:
        """Return the sum for each customer; 0 without facts."""
        return self._put(np.add, values.astype(np.int64, copy=False), 0)

    def most(self, values: Whole) -> Whole:
        """Return the largest for each customer; `NEVER` without facts."""
        return self._put(np.maximum, values, NEVER)

    def least(self, values: Whole) -> Whole:
        """Return the smallest for each customer; `-UNKNOWN` without facts."""
        return self._put(np.minimum, values, -UNKNOWN)

    def _put(self, ufunc: np.ufunc, values: Whole, empty: int) -> Whole:
        out = np.full(self._count, empty, dtype=np.int64)
        if self._rows:
            out[self.present] = ufunc.reduceat(values, self._starts)
        return out
