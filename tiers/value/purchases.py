"""Purchases counted by customer: from rows of a table to the few numbers that the models are fitted on.

Purchases of one day are one purchase. The first purchase day of a customer opens the account: only the days after it
are counted and valued. A return changes no count; it takes its money off the repeat days, if it comes after the first
purchase day. What a customer never bought cannot come back: returns before the first purchase are left out.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Real = NDArray[np.float64]
Truth = NDArray[np.bool_]

DAYS_IN_A_WEEK = 7
# More than there are ordinals of days.
_MOST_DAYS = 4_000_000


@dataclass(frozen=True, slots=True)
class Rows:
    """Purchases and returns in any order, one place each.

    `customer`: a number. `day`: an ordinal (`date.toordinal()`). `cents`: what it brought, below zero for a return.
    `is_purchase`: false for a return.
    """

    customer: Whole
    day: Whole
    cents: Whole
    is_purchase: Truth


@dataclass(frozen=True, slots=True)
class Tallies:
    """One place per customer with a purchase, customers ascending. Days are ordinals, money is in cents.

    `purchase_days`: days with a purchase, the first included. `repeat_cents`: everything after the first purchase day,
    returns taken off; below zero where more came back than was bought.
    """

    customer: Whole
    purchase_days: Whole
    first_day: Whole
    last_day: Whole
    repeat_cents: Whole


@dataclass(frozen=True, slots=True)
class Histories:
    """What the models know of each customer. Times in weeks, money in whole units of the currency.

    `frequency`: x, repeat purchase days. `recency`: t_x, from the first purchase day to the last. `age`: T, from the
    first purchase day to the end of the window. `value`: mean money of a repeat purchase day, never below zero, and 0
    where there was none.
    """

    frequency: Real
    recency: Real
    age: Real
    value: Real


def tally(rows: Rows, until: int) -> Tallies:
    """Count purchases by customer up to the end of a day (an ordinal)."""
    known = rows.day <= until
    customer, day = rows.customer[known], rows.day[known]
    cents, is_purchase = rows.cents[known], rows.is_purchase[known]
    ids, place = np.unique(customer, return_inverse=True)
    first = np.full(len(ids), np.iinfo(np.int64).max)
    np.minimum.at(first, place[is_purchase], day[is_purchase])
    last = np.zeros(len(ids), dtype=np.int64)
    np.maximum.at(last, place[is_purchase], day[is_purchase])
    repeat = np.zeros(len(ids), dtype=np.int64)
    is_later = day > first[place]
    np.add.at(repeat, place[is_later], cents[is_later])
    days = _days_of_each(place[is_purchase], day[is_purchase], len(ids))
    has_bought = days > 0
    return Tallies(
        customer=ids[has_bought],
        purchase_days=days[has_bought],
        first_day=first[has_bought],
        last_day=last[has_bought],
        repeat_cents=repeat[has_bought],
    )


def histories(tallies: Tallies, as_of: Whole | int) -> Histories:
    """Return what the models know as of the end of a day (an ordinal), the same for all or one for each."""
    frequency = (tallies.purchase_days - 1).astype(np.float64)
    spent = np.maximum(tallies.repeat_cents, 0) / 100
    return Histories(
        frequency=frequency,
        recency=(tallies.last_day - tallies.first_day) / DAYS_IN_A_WEEK,
        age=np.maximum(as_of - tallies.first_day, tallies.last_day - tallies.first_day) / DAYS_IN_A_WEEK,
        value=np.where(frequency > 0, spent / np.maximum(frequency, 1), 0.0),
    )


def held_out(rows: Rows, known: Tallies, after: int, until: int) -> tuple[Whole, Whole]:
    """Return what each customer of `known` did after one day and up to another: purchase days, and cents.

    Returns of that time are taken off the cents, whatever was bought when.
    """
    inside = (rows.day > after) & (rows.day <= until) & np.isin(rows.customer, known.customer)
    place = np.searchsorted(known.customer, rows.customer[inside])
    cents = np.zeros(len(known.customer), dtype=np.int64)
    np.add.at(cents, place, rows.cents[inside])
    bought = rows.is_purchase[inside]
    return _days_of_each(place[bought], rows.day[inside][bought], len(cents)), cents


def _days_of_each(place: Whole, day: Whole, count: int) -> Whole:
    """Return on how many different days something happened at each of `count` places."""
    together = np.unique(place * _MOST_DAYS + day)
    return np.bincount(together // _MOST_DAYS, minlength=count).astype(np.int64)
