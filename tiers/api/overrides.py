"""Overrides of a customer: listed, set and ended."""

from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from customers.api.fields import Masked, Strict, Text, Word
from customers.api.schema import BAD_PARAMETER, NOT_FOUND, REFUSALS, WRITES
from customers.api.views import PUBLIC_ID, CustomerView
from tiers.enums import OverrideKind
from tiers.models import Override, Tier
from tiers.services.overrides import end_override, set_override

if TYPE_CHECKING:
    from portal.models import User

_ID = OpenApiParameter("id", OpenApiTypes.INT, OpenApiParameter.PATH)


class Day(serializers.DateField):
    """A day as text."""

    default_error_messages = {"invalid": _("Write the day as 2026-03-31.")}  # noqa: RUF012

    def to_internal_value(self, value: Any) -> Any:
        if not isinstance(value, str) or len(value) != 10:
            self.fail("invalid", format="2026-03-31")
        return super().to_internal_value(value)


class DecidedSerializer(Masked):
    """What a colleague decided about a tier against the numbers."""

    # A colleague's words may speak of money.
    masked: ClassVar = {"reason": "customers.view_margin"}

    id = serializers.IntegerField(source="pk")
    kind = serializers.ChoiceField(OverrideKind.choices)
    tier = serializers.CharField(source="tier.slug")
    reason = serializers.CharField(allow_null=True, help_text="Null without the permission to see margin.")
    owner = serializers.CharField(source="owner.display_name")
    created_at = serializers.DateTimeField()
    ends_on = serializers.DateField(allow_null=True, help_text="Its last day; null where the end is open.")
    ended_at = serializers.DateTimeField(allow_null=True, help_text="Null while it holds.")


class DecideSerializer(Strict):
    """A tier to be decided against the numbers."""

    kind = Word(OverrideKind.choices)
    tier = Text(max_length=50, help_text="The tier's slug.")
    reason = Text(max_length=300)
    ends_on = Day(required=False, allow_null=True, default=None, help_text="Only managers may leave it out.")

    def validate_tier(self, slug: str) -> Tier:
        """Find the tier."""
        tier = Tier.objects.filter(slug=slug).first()
        if tier is None:
            raise serializers.ValidationError(_("There is no tier of this name."))
        return tier


class EndSerializer(Strict):
    """Nothing has to be said to end one."""


class EndedSerializer(DecidedSerializer):
    """An override that has ended."""

    is_ended_now = serializers.BooleanField(help_text="False where it had ended before.")


class OverrideListView(CustomerView):
    """What colleagues decided about one customer."""

    queryset = Override.objects.none()
    permission_required: ClassVar = {"GET": "tiers.view_override", "POST": "tiers.add_override"}
    scope_required: ClassVar = {"GET": "read", "POST": "overrides"}
    serializer_class = DecidedSerializer  # type: ignore[assignment]

    @extend_schema(
        operation_id="overrides_list",
        parameters=[PUBLIC_ID],
        responses={200: DecidedSerializer(many=True), 400: BAD_PARAMETER, **REFUSALS, **NOT_FOUND},
    )
    def get(self, request: Request, public_id: str) -> Response:
        """List the overrides of a customer, the newest first."""
        customer = self.get_customer(public_id)
        self.note_read([customer])
        found = (
            Override.objects.filter(customer=customer).select_related("tier", "owner").order_by("-created_at", "-pk")
        )
        page = self.paginate_queryset(found) or []
        shown = DecidedSerializer(page, many=True, context=self.get_serializer_context())
        return self.get_paginated_response(shown.data)

    @extend_schema(
        operation_id="overrides_create",
        parameters=[PUBLIC_ID],
        request=DecideSerializer,
        responses={201: OpenApiResponse(DecidedSerializer, "Decided, and the tier with it."), **WRITES, **NOT_FOUND},
    )
    def post(self, request: Request, public_id: str) -> Response:
        """Decide a customer's tier against the numbers. It moves them at once."""
        customer = self.get_customer(public_id)
        said = DecideSerializer(data=request.data, context=self.get_serializer_context())
        said.is_valid(raise_exception=True)
        override = set_override(customer=customer, owner=cast("User", request.user), **said.validated_data)
        override.refresh_from_db()
        decided = DecidedSerializer(override, context=self.get_serializer_context())
        return Response(decided.data, status.HTTP_201_CREATED)


class OverrideEndView(CustomerView):
    """The end of an override."""

    permission_required: ClassVar = {"POST": "tiers.change_override"}
    scope_required: ClassVar = {"POST": "overrides"}
    serializer_class = EndSerializer  # type: ignore[assignment]

    http_method_names = ("post",)

    @extend_schema(
        operation_id="overrides_end",
        parameters=[PUBLIC_ID, _ID],
        request=EndSerializer,
        responses={200: EndedSerializer, **WRITES, **NOT_FOUND},
    )
    def post(self, request: Request, public_id: str, pk: str) -> Response:
        """End an override. Safe to repeat: the second time nothing changes and `is_ended_now` is false."""
        customer = self.get_customer(public_id)
        found = Override.objects.filter(customer=customer).select_related("tier", "owner")
        override = found.filter(pk=int(pk)).first() if pk.isascii() and pk.isdigit() and len(pk) < 19 else None
        if override is None:
            raise NotFound(_("There is no override of this id here."))
        EndSerializer(data=request.data, context=self.get_serializer_context()).is_valid(raise_exception=True)
        is_ended_now = end_override(override=override, by=cast("User", request.user))
        override.refresh_from_db()
        decided = DecidedSerializer(override, context=self.get_serializer_context())
        return Response(dict(decided.data) | {"is_ended_now": is_ended_now})
