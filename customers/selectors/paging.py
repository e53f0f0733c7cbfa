"""Where a page of a long list ends, so that the next one begins behind it whatever has come in front meanwhile."""

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Place:
    """A row's time, and its key among rows of that time. Written as “2026-03-01T12:00:00+00:00,17”."""

    at: datetime
    number: int

    @classmethod
    def read(cls, text: str) -> "Place":
        """Return the place that a text stands for. Raises `ValueError` where it stands for none."""
        at, _comma, key = text.partition(",")
        moment, number = datetime.fromisoformat(at), int(key)
        if moment.tzinfo is None or not 1970 <= moment.year <= 2200 or not 0 < number < 2**63:
            raise ValueError(text)
        return cls(moment.astimezone(UTC), number)

    def __str__(self) -> str:
        return f"{self.at.isoformat()},{self.number}"
