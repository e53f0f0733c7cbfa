"""Customers with orders on given days, and what became of them; the scheme is the one that a new house begins with."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from threading import Thread
from typing import Any

from django.db import connection

from customers.models import Customer
from tests.conftest import eventually
from tests.factories import make_customer, make_order
from tiers.models import Move, Standing
from tiers.selectors.measures import inputs_of


def at(day: date, hour: int = 12) -> datetime:
    """A moment of a day."""
    return datetime.combine(day, time(hour), UTC)


def make_buyer(
    day: date, margin: str = "0.00", orders: int = 1, customer: Customer | None = None, **order: Any
) -> Customer:
    """A customer whose margin lies in one order of that day; the other orders of the week before bring none."""
    customer = customer or make_customer()
    for place in range(orders):
        make_order(
            customer, "1000.00", at(day - timedelta(days=min(place, 6))), margin="0.00" if place else margin, **order
        )
    return customer


def present(customer: Customer) -> Standing:
    """The standing that a customer has now."""
    return Standing.objects.select_related("tier", "earned_tier").get(customer=customer, valid_until=None)


def numbers_of(customer: Customer) -> dict[str, int]:
    """The measures that were known when a customer last moved, by name."""
    return inputs_of(Move.objects.filter(customer=customer).latest("moved_at"))


def tier_of(customer: Customer) -> str:
    """The short name of the tier that a customer has now."""
    return present(customer).tier.slug


@contextmanager
def in_threads(*works: Any) -> Iterator[list[Any]]:
    """Run functions in threads beside the body, each with its own connection; results and errors come in a list."""
    results: list[Any] = [None] * len(works)

    def run(place: int) -> None:
        try:
            results[place] = works[place]()
        except BaseException as error:
            results[place] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=(place,)) for place in range(len(works))]
    for thread in threads:
        thread.start()
    try:
        yield results
    except BaseException as error:
        # Somebody waited in vain: more often than not because of what befell a thread.
        error.add_note(f"The threads came to {results}.")
        raise
    finally:
        for thread in threads:
            thread.join(60)
            assert not thread.is_alive()


def until_waiting(count: int) -> None:
    """Wait until so many connections wait for a lock that somebody else holds."""

    def are_waiting() -> bool:
        with connection.cursor() as cursor:
            # Within a transaction the list of connections is otherwise the one first seen.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(DISTINCT pid) FROM pg_locks JOIN pg_stat_activity USING (pid) "
                "WHERE NOT granted AND datname = current_database()"
            )
            return bool(cursor.fetchone()[0] >= count)

    eventually(are_waiting)
