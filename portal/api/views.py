"""Doors that are the site's own: the root, and customers with the record of who read them."""

from collections.abc import Sequence
from datetime import date
from typing import ClassVar, cast

from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from customers.api import views
from customers.api.schema import BAD_PARAMETER, NOT_FOUND, REFUSALS
from customers.models import Customer
from portal.api.context import context_of
from portal.api.serializers import ContextSerializer, ExplanationSerializer
from portal.audit import note_reading
from portal.models import Reading, User
from tiers.api import overrides
from tiers.selectors.standings import explain

_ROOT = {"customers": "api-customers", "orders": "api-orders", "interactions": "api-interactions"}


class RootView(APIView):
    """Where to begin."""

    permission_required: ClassVar = {"GET": "customers.view_customer"}
    scope_required: ClassVar = {"GET": "read"}

    @extend_schema(
        operation_id="root",
        responses={
            200: inline_serializer("Root", {name: serializers.URLField() for name in (*_ROOT, "schema", "docs")}),
            **REFUSALS,
        },
    )
    def get(self, request: Request) -> Response:
        """List the doors."""
        doors = _ROOT | {"schema": "api-schema", "docs": "api-docs"}
        return Response({name: reverse(door, request=request) for name, door in doors.items()})


class NotesReading(views.Reads):
    """Writes down each customer that is read, one statement a request."""

    def note_read(self, customers: Sequence[Customer]) -> None:
        note_reading(user=cast(User, self.request.user), customers=customers, door=Reading.Door.API)


class CustomerListView(NotesReading, views.CustomerListView):
    """Customers, with the record of who read them."""


class CustomerView(NotesReading, views.CustomerView):
    """One customer, with the record of who read them."""


class OverrideListView(NotesReading, overrides.OverrideListView):
    """The overrides of a customer, with the record of who read them."""


class OverrideEndView(NotesReading, overrides.OverrideEndView):
    """The end of an override."""


class ContextView(NotesReading, views.CustomerView):
    """What to know before speaking to a customer."""

    serializer_class = ContextSerializer  # type: ignore[assignment]

    @extend_schema(
        operation_id="customers_context",
        parameters=[views.PUBLIC_ID],
        responses={200: ContextSerializer, **REFUSALS, **NOT_FOUND},
    )
    def get(self, request: Request, public_id: str) -> Response:
        """Show who it is, their tier and why, what to know before speaking, what is open, and what was lately."""
        customer = self.get_customer(public_id)
        self.note_read([customer])
        return Response(self.get_serializer(context_of(customer=customer, user=cast(User, request.user))).data)


class ExplanationView(NotesReading, views.CustomerView):
    """Why a customer has their tier, on any day."""

    serializer_class = ExplanationSerializer  # type: ignore[assignment]
    permission_required: ClassVar = {"GET": "tiers.view_standing"}

    @extend_schema(
        operation_id="customers_explanation",
        parameters=[
            views.PUBLIC_ID,
            OpenApiParameter("on", date, description="As it was at the end of this day; today without it."),
        ],
        responses={200: ExplanationSerializer, 400: BAD_PARAMETER, **REFUSALS, **NOT_FOUND},
    )
    def get(self, request: Request, public_id: str) -> Response:
        """Show the tier on a day, the numbers and bars behind it, what would change it and what holds it."""
        customer = self.get_customer(public_id)
        on = _day(request)
        self.note_read([customer])
        found = explain(customer=customer, shows_margin=request.user.has_perm("customers.view_margin"), on=on)
        return Response(self.get_serializer({"on": on, "explanation": found}).data)


def _day(request: Request) -> date:
    """Return the day that the caller asks about. Raises `ValidationError` for what is none, or has not come."""
    today = timezone.localdate()
    text = request.query_params.get("on")
    if text is None:
        return today
    try:
        found = parse_date(text) if len(text) == 10 else None
    except ValueError:
        found = None
    if found is None:
        raise serializers.ValidationError({"on": [_("Write the day like 2026-03-31.")]})
    if found > today:
        raise serializers.ValidationError({"on": [_("That day has not come yet: choose today or a day before.")]})
    return found
