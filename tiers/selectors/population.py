"""Which customers are looked at together: a range of numbers, or a handful."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

# Customers are kept apart in buckets of so many numbers. Whoever decides about one locks the bucket first.
BUCKET = 5_000


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
        return f"{column} = ANY(%s::bigint[])", [list(self.ids)]

    @property
    def buckets(self) -> list[int]:
        """The buckets they lie in, ascending."""
        return sorted({number // BUCKET for number in self.ids})


Population = Range | Handful
