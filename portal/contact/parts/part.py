"""What a part of the contact view is: a question that rides in the one query about the customer, and its answer."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Func, OuterRef, QuerySet, TextField
from django.db.models.functions import Cast, JSONObject

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


class Told(JSONObject):
    """An object as JSON, which is only read: as JSONB the database would take it apart and put it together again.

    It stands in a part alone; Django reads a column of its own as JSONB.
    """

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        told = self.copy()
        told.set_source_expressions(
            [
                Cast(one, TextField()) if place % 2 == 0 else one
                for place, one in enumerate(self.get_source_expressions())
            ]
        )
        return Func.as_sql(told, compiler, connection, function="JSON_BUILD_OBJECT", **extra)


@dataclass(frozen=True)
class Part:
    """One field of `Contact`: `ask` gives the expression for what this colleague may see, `read` makes the value."""

    name: str
    ask: Callable[[User], Any]
    read: Callable[[Any, User], Any]


def ask_all(parts: Sequence[Part], user: User) -> Func:
    """The answers to all of the questions as one text: a column for each would be taken apart by itself."""
    asked = [part.ask(user) for part in parts]
    return Func(
        *asked, function="JSON_BUILD_ARRAY", template="%(function)s(%(expressions)s)::text", output_field=TextField()
    )


def read_all(parts: Sequence[Part], told: str, user: User) -> dict[str, Any]:
    """Return what `ask_all` was told, by the names of the parts."""
    return {part.name: part.read(answer, user) for part, answer in zip(parts, json.loads(told), strict=True)}


def rows_of_customer(rows: QuerySet[Any], **columns: Any) -> ArraySubquery:
    """The customer's rows as JSON objects with their key, at most a dozen."""
    return ArraySubquery(rows.filter(customer=OuterRef("pk")).values(json=Told(pk="pk", **columns))[:MOST])


def read_choices(rows: list[dict[str, str]] | None, _user: User) -> list[tuple[str, str]]:
    """Things to choose from, as (short name, name)."""
    return [(row["slug"], row["name"]) for row in rows or []]
