"""The refusals that the schema promises, in one place."""

from typing import Any

from django.utils.functional import Promise
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, inline_serializer
from rest_framework import serializers

Sentence = str | Promise

DETAIL = inline_serializer("Refusal", {"detail": serializers.CharField(help_text="A sentence for a person.")})
FIELDS: dict[str, Any] = {
    "type": "object",
    "description": "Field or parameter → sentences that say what to mend; `detail` where no single one is at fault.",
    "additionalProperties": {"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
}


def _bad(*examples: OpenApiExample) -> OpenApiResponse:
    return OpenApiResponse(FIELDS, "What to mend, by field or parameter.", examples=list(examples))


BAD_PARAMETER = _bad(OpenApiExample("A broken phone", value={"phone": ["This number is too short."]}))
BAD_BODY = _bad(
    OpenApiExample("An unknown currency", value={"currency": ["We have no rate for XYZ."]}),
    OpenApiExample("Rubbish", value={"detail": "This is not JSON: Expecting value: line 1 column 1 (char 0)"}),
)
REFUSALS: dict[int, Any] = {
    401: OpenApiResponse(DETAIL, "Not signed in; or a token that is unknown, expired or revoked, all alike."),
    403: OpenApiResponse(DETAIL, "The role or the token's scopes do not reach this far."),
}
NOT_FOUND: dict[int, Any] = {404: OpenApiResponse(DETAIL, "Not there, or not yours to see.")}
WRITES: dict[int, Any] = {
    400: BAD_BODY,
    **REFUSALS,
    413: OpenApiResponse(DETAIL, "The body is larger than one request may be."),
    415: OpenApiResponse(DETAIL, "The body is not `application/json`."),
}
ONCE: dict[int, Any] = {
    409: OpenApiResponse(
        DETAIL,
        "Recorded already, and it says something else: the sentence names what differs, never what is recorded.",
        examples=[
            OpenApiExample(
                "Another amount", value={"detail": "Order 536365 is already recorded, and differs in: amount."}
            )
        ],
    )
}
