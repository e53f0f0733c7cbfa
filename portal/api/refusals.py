"""Turns what the services refuse into answers that a program can act on."""

from typing import Any

from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, RequestDataTooBig
from django.core.exceptions import ValidationError as Refused
from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from customers.exceptions import Conflict, UnknownCurrency
from portal.api.parsing import TooLarge

# Where a service names a column, the caller knows the field.
_FIELDS = {"currency_id": "currency", "waited": "waited_seconds", "is_margin_estimated": "margin"}


def by_field(error: Refused) -> dict[str, list[str]]:
    """Return a service's sentences by field; those about nothing single stand under `detail`."""
    if not hasattr(error, "error_dict"):
        return {"currency" if isinstance(error, UnknownCurrency) else "detail": error.messages}
    return {
        "detail" if name == NON_FIELD_ERRORS else _FIELDS.get(name, name): list(sentences)
        for name, sentences in error.message_dict.items()
    }


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer 409 to a conflict and 400 to any other refusal; the rest is Django REST framework's."""
    if isinstance(error, Conflict):
        set_rollback()
        return Response({"detail": " ".join(error.messages)}, status.HTTP_409_CONFLICT)
    if isinstance(error, RequestDataTooBig):
        error = TooLarge(
            _("A body may be at most %(most)d bytes long.") % {"most": settings.DATA_UPLOAD_MAX_MEMORY_SIZE}
        )
    if isinstance(error, Refused):
        error = ValidationError(by_field(error))
    return exception_handler(error, context)
