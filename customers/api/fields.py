"""Fields that take exactly what the schema says, and serializers that leave out what a role may not see.

Django REST framework's own fields are lenient (a number for a text, "yes" for true, money as a binary float). A
program that sends the wrong thing learns more from a sentence than from a guess.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

_MONEY = r"^-?[0-9]{1,12}(\.[0-9]{1,2})?$"


class Text(serializers.CharField):
    """A JSON string; a number in its place is refused."""

    default_error_messages = {"invalid": _("Write this as text.")}  # noqa: RUF012

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Word(serializers.ChoiceField):
    """One of a list of words."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        return str(super().to_internal_value(data))


class Truth(serializers.BooleanField):
    """A JSON true or false, and nothing that looks like it."""

    default_error_messages = {"invalid": _("Write true or false.")}  # noqa: RUF012

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Whole(serializers.IntegerField):
    """A JSON whole number."""

    default_error_messages = {"invalid": _("Write this as a whole number.")}  # noqa: RUF012

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return super().to_internal_value(data)


class PublicId(serializers.UUIDField):
    """A UUID as text."""

    def to_internal_value(self, data: Any) -> UUID:
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        found: UUID = super().to_internal_value(data)
        return found


class Moment(serializers.DateTimeField):
    """A time in ISO 8601 that says how far it is from UTC."""

    default_error_messages = {  # noqa: RUF012
        "invalid": _("Write the time as 2026-03-01T14:30:00Z or 2026-03-01T14:30:00+01:00."),
        "naive": _("Say how far this time is from UTC: end it with Z, or with an offset such as +01:00."),
    }

    def to_internal_value(self, value: Any) -> datetime:
        try:
            written = parse_datetime(value) if isinstance(value, str) else None
        except ValueError:
            written = None
        if written is None:
            self.fail("invalid")
        if written.tzinfo is None:
            self.fail("naive")
        return super().to_internal_value(written)


@extend_schema_field({"type": "string", "pattern": _MONEY, "example": "249.90"})
class Money(serializers.DecimalField):
    """An exact amount, written as text: a JSON number would pass through binary rounding."""

    default_error_messages = {  # noqa: RUF012
        "invalid": _('Write the amount as text with a point and at most two places, such as "249.90" or "-20.00".')
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=14, decimal_places=2, **kwargs)

    def to_internal_value(self, data: Any) -> Decimal:
        if not isinstance(data, str) or not re.fullmatch(_MONEY, data):
            self.fail("invalid")
        return Decimal(data)


class Strict(serializers.Serializer[Any]):
    """Takes the fields that it names and refuses others: a misspelt optional field is not lost in silence."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = sorted(str(name)[:80] for name in set(data) - set(self.fields))
            if unknown:
                raise serializers.ValidationError({name: [_("There is no field of this name.")] for name in unknown})
        return super().to_internal_value(data)


class Masked(serializers.Serializer[Any]):
    """Leaves out, as null, what the reader's role may not see. Without a reader it leaves out all of that."""

    # Field → permission.
    masked: ClassVar[dict[str, str]] = {}

    def may(self, permission: str) -> bool:
        """Whether the reader's role grants the permission."""
        request = self.context.get("request")
        return request is not None and bool(request.user.has_perm(permission))

    def to_representation(self, instance: Any) -> dict[str, Any]:
        shown: dict[str, Any] = super().to_representation(instance)
        for name, permission in self.masked.items():
            if not self.may(permission):
                shown[name] = None
        return shown
