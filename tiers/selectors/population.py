"""Which customers are looked at together: a range of numbers, or a handful."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from tiers.models.references import BUCKET


@dataclass(frozen=True, slots=True)
class Range:
    """Everybody whose number lies between two, both included."""

    first_id: int
    last_id: int

    def where(self, column: str) -> tuple[str, list[Any]]:
        """Return a condition on a column, with its parameters."""
        return f"{column} BETWEEN %s AND %s", [self.first_id, self.last_id]

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
        # Written out once: adapting thousands of numbers one by one takes longer than looking them up.
        return f"{column} = ANY(%s::bigint[])", [f"{{{','.join(map(str, self.ids))}}}"]

    @property
    def buckets(self) -> list[int]:
        """The buckets they lie in, ascending."""
        return sorted({number // BUCKET for number in self.ids})


Population = Range | Handful


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
