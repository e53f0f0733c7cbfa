"""What a part of the contact view is: a question that rides in the one query about the customer, and its answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from portal.models import User

# More than this is not read in the middle of a call; the timeline has the rest.
MOST = 12


def moment(value: str | datetime | None) -> datetime | None:
    """Return the time that PostgreSQL wrote into JSON."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


class Row:
    """A row that came out of PostgreSQL as JSON; fields that end in `_at` become times."""

    @classmethod
    def read(cls, rows: list[dict[str, Any]] | None, _user: User) -> list[Any]:
        return [cls(**{key: moment(v) if key.endswith("_at") else v for key, v in row.items()}) for row in rows or []]


@dataclass(frozen=True)
class Part:
    """One field of `Contact`: `ask` gives the expression for what this colleague may see, `read` makes the value."""

    name: str
    ask: Callable[[User], Any]
    read: Callable[[Any, User], Any]


def rows_of_customer(rows: QuerySet[Any], **columns: Any) -> ArraySubquery:
    """The customer's rows as JSON objects with their key, at most a dozen."""
    return ArraySubquery(rows.filter(customer=OuterRef("pk")).values(json=JSONObject(pk="pk", **columns))[:MOST])


def read_choices(rows: list[dict[str, str]] | None, _user: User) -> list[tuple[str, str]]:
    """Things to choose from, as (short name, name)."""
    return [(row["slug"], row["name"]) for row in rows or []]
