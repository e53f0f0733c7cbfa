"""Which customers are looked at together: a range of numbers, or a handful."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db import connection

from tiers import days
from tiers.models.references import BUCKET


def array(numbers: Iterable[int]) -> str:
    """Return whole numbers as the database writes an array: adapting thousands of them one by one takes long."""
    return f"{{{','.join(map(str, numbers))}}}"


@dataclass(frozen=True, slots=True)
class Range:
    """Everybody whose number lies between two, both included."""

    first_id: int
    last_id: int

    def where(self, column: str) -> tuple[str, list[Any]]:
        """Return a condition on a column, with its parameters."""
        return f"{column} BETWEEN %s AND %s", [self.first_id, self.last_id]

    def where_joined(self, column: str) -> tuple[str, list[Any]]:
        """Return the condition on a table joined to one that has it: the planner does not carry a range over a join."""
        return self.where(column)

    @property
    def buckets(self) -> list[int]:
        """The buckets they lie in, ascending."""
        return list(range(self.first_id // BUCKET, self.last_id // BUCKET + 1))


@dataclass(frozen=True, slots=True)
class Handful:
    """A few customers by their numbers."""

    ids: Sequence[int]

    def where(self, column: str) -> tuple[str, list[Any]]:
        """Return a condition on a column, with its parameters."""
        # Out of a query of its own: the planner would weigh each number, which takes longer than looking them up.
        return f"{column} = ANY((SELECT %s::bigint[])::bigint[])", [array(self.ids)]

    def where_joined(self, column: str) -> tuple[str, list[Any]]:
        """Return the condition on a table joined to one that has it: none, each row is looked up by its own number."""
        return "TRUE", []

    @property
    def buckets(self) -> list[int]:
        """The buckets they lie in, ascending."""
        return sorted({number // BUCKET for number in self.ids})


Population = Range | Handful


def decided_later(ids: list[int], as_of: date) -> list[int]:
    """Return those of `ids` who have been decided on for a day after this one (1 query).

    So it is where a run takes up a day gone by, and where the machine's clock was ahead and has been put right. They
    are left out (`measures.known`) until that day has come.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT customer_id FROM tiers_measures WHERE customer_id = ANY(%s) AND as_of > %s
            UNION
            SELECT customer_id FROM tiers_standing
            WHERE customer_id = ANY(%s) AND valid_until IS NULL AND valid_from > %s
            """,
            [ids, as_of, ids, days.end_of(as_of, settings.TIME_ZONE)],
        )
        return sorted(row[0] for row in cursor.fetchall())


def due(as_of: date, within: Population | None = None) -> list[int]:
    """Return the numbers, ascending, of customers to be looked at as of a day: touched, or with a day that has come."""
    touched, of_touched = within.where("customer_id") if within else ("TRUE", [])
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT array_agg(customer_id ORDER BY customer_id) FROM (
                SELECT customer_id FROM customers_touch WHERE {touched}
                UNION SELECT customer_id FROM tiers_measures WHERE look_on <= %s AND {touched}
            ) AS due
            """,  # noqa: S608 (the condition is ours)
            [*of_touched, as_of, *of_touched],
        )
        row = cursor.fetchone()
    return list(row[0] or []) if row else []
