"""The door of phone systems: somebody is on the line for a colleague, now."""

from datetime import timedelta
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from customers.api.fields import Strict, Text, Whole, Word
from customers.api.once import record_once
from customers.api.schema import ONCE, WRITES
from customers.enums import Channel, ContactKind, MatchOutcome
from customers.models import TouchPoint
from customers.phones import country_code
from portal.models import User
from portal.places import countries
from portal.pops.services import record_pop

_A_DAY = 86_400


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A call that rings at a desk",
            value={
                "source": "phone-system",
                "external_id": "call-2041",
                "agent": "agent@house.example",
                "phone": "+44 20 7946 0123",
                "touch_point": "phone-desk",
                "waited_seconds": 95,
            },
            request_only=True,
        )
    ]
)
class NewPopSerializer(Strict):
    """Who is on the line, and for whom."""

    source = Text(max_length=40, help_text="The system that has them on the line.")  # type: ignore[assignment]
    external_id = Text(
        max_length=80,
        help_text="The call's number there. The same call is put on the same desk once, however often sent.",
    )
    agent = Text(max_length=254, help_text="The colleague's address, which is also the name they sign in with.")
    phone = Text(required=False, max_length=60, help_text="The caller's number in any notation. Or `email`.")
    email = Text(required=False, max_length=320, help_text="The writer's address. Or `phone`.")
    region = Text(
        required=False,
        max_length=2,
        help_text="Two letters: the country whose national notation the number is in; without it the house's.",
    )
    channel = Word(
        Channel.choices, required=False, help_text="Left out, it is `phone` for a number and `email` for an address."
    )
    touch_point = Text(
        required=False, allow_null=True, max_length=50, help_text="Short name of a touch point in use: `phone-desk`."
    )
    waited_seconds = Whole(
        required=False, allow_null=True, min_value=0, max_value=_A_DAY, help_text="How long we kept them waiting."
    )

    def validate_agent(self, address: str) -> User:
        """Return the colleague at the desk who has this address."""
        found = User.objects.filter(email=address.strip().lower(), is_active=True).first()
        if found is None or not found.has_perm("portal.use_desk"):
            raise serializers.ValidationError(_("No colleague at the desk has this address."))
        return found

    def validate_region(self, region: str) -> str:
        """Return the country in capitals."""
        region = country_code(region)
        if region not in dict(countries()):
            raise serializers.ValidationError(_("There is no country with these two letters."))
        return region

    def validate_touch_point(self, slug: str | None) -> TouchPoint | None:
        """Return the touch point in use with this short name."""
        if slug is None:
            return None
        found = TouchPoint.objects.filter(slug=slug, is_active=True).first()
        if found is None:
            raise serializers.ValidationError(_("There is no touch point in use with this short name."))
        return found

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        given = {kind: attrs.pop(kind) for kind in (ContactKind.PHONE, ContactKind.EMAIL) if kind in attrs}
        if len(given) != 1:
            raise serializers.ValidationError({"phone": [_("Give either the caller's phone or their email.")]})
        ((kind, value),) = given.items()
        seconds = attrs.pop("waited_seconds", None)
        by_default = Channel.PHONE if kind == ContactKind.PHONE else Channel.EMAIL
        attrs.setdefault("channel", by_default.value)
        waited = None if seconds is None else timedelta(seconds=seconds)
        return attrs | {"kind": kind.value, "value": value, "waited": waited}


class PopSerializer(serializers.Serializer[Any]):
    """A pop as it stands on a desk."""

    public_id = serializers.UUIDField()
    source = serializers.CharField()  # type: ignore[assignment]
    external_id = serializers.CharField()
    agent = serializers.CharField(source="agent.email")
    channel = serializers.ChoiceField(Channel.choices)
    match = serializers.ChoiceField(
        MatchOutcome.choices, help_text="`known`: one person for certain. `maybe`: the colleague chooses. `unknown`."
    )
    is_standing = serializers.BooleanField(help_text="Nobody has answered or dismissed it yet.")
    created_at = serializers.DateTimeField()


class PopListView(GenericAPIView[Any]):
    """Pops, as a phone system sends them."""

    permission_required: ClassVar = {"POST": "portal.add_pop"}
    scope_required: ClassVar = {"POST": "pops"}
    serializer_class = NewPopSerializer

    @extend_schema(
        operation_id="pops_create",
        responses={
            201: OpenApiResponse(PopSerializer, "On the desk now."),
            200: OpenApiResponse(PopSerializer, "On that desk before, with the same content."),
            **WRITES,
            **ONCE,
        },
    )
    def post(self, request: Request) -> Response:
        """Put a call on a colleague's desk. Safe to repeat: the same call is one pop on each desk."""
        return record_once(self, request, record=record_pop, shown_by=PopSerializer)
