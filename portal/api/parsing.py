"""Reads bodies, and refuses the ones that no honest program sends."""

from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser


class TooLarge(APIException):
    """The body is larger than `DATA_UPLOAD_MAX_MEMORY_SIZE`."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


class Body(JSONParser):
    """JSON, with a sentence where it is none. Django itself bounds the size (`portal.api.refusals` answers 413)."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except ParseError as error:
            why = str(error).removeprefix("JSON parse error - ")
            raise ParseError(_("This is not JSON: %(why)s") % {"why": why}) from None
        except RecursionError:
            raise ParseError(_("This JSON is nested too deeply.")) from None
