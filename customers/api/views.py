"""Doors to the facts. Each names the permission and the scope of every method that it has; the site checks both."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import NotFound, PermissionDenied, ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from customers.addresses import normalise_email
from customers.api.once import record_once
from customers.api.schema import BAD_PARAMETER, NOT_FOUND, ONCE, REFUSALS, WRITES
from customers.api.serializers import (
    ClosedSerializer,
    CloseSerializer,
    CustomerSerializer,
    InteractionSerializer,
    NewInteractionSerializer,
    NewOrderSerializer,
    OrderSerializer,
)
from customers.models import Customer, Interaction
from customers.phones import normalise_phone
from customers.selectors.match import match_email, match_phone
from customers.selectors.merged import moved_to
from customers.services.conversations import close_interaction, record_interaction
from customers.services.orders import record_order

if TYPE_CHECKING:
    from portal.models import User

PUBLIC_ID = OpenApiParameter("public_id", OpenApiTypes.UUID, OpenApiParameter.PATH)


def uuid_or_404(text: str) -> UUID:
    """Return the UUID that a path holds; rubbish is something that is not there."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(_("There is nothing of this id here.")) from None


class Reads(GenericAPIView[Any]):
    """A door through which customers are read. The site says what becomes of the fact that they were."""

    def note_read(self, customers: Sequence[Customer]) -> None:
        """Take note of who was read, by `self.request.user`."""


class CustomerListView(Reads):
    """Customers, by exact phone or address, or all of them in pages."""

    permission_required: ClassVar = {"GET": "customers.view_customer"}
    scope_required: ClassVar = {"GET": "read"}
    serializer_class = CustomerSerializer
    filter_backends = ()

    @extend_schema(
        operation_id="customers_list",
        parameters=[
            OpenApiParameter("phone", str, description="A phone in any notation; a bare national one is the house's."),
            OpenApiParameter("email", str, description="An address in any case."),
        ],
        responses={200: CustomerSerializer(many=True), 400: BAD_PARAMETER, **REFUSALS, **NOT_FOUND},
    )
    def get(self, request: Request) -> Response:
        """List customers in the order in which they were added, or those with exactly this phone or address."""
        page: list[Customer] = self.paginate_queryset(self._found(request)) or []
        self.note_read(page)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def _found(self, request: Request) -> "QuerySet[Customer] | list[Customer]":
        """Return the customers that the parameters ask for."""
        # The role's permissions let nobody in who is not signed in.
        user = cast("User", request.user)
        by = {name: request.query_params[name] for name in ("phone", "email") if name in request.query_params}
        if by and not user.has_perm("customers.view_contact_points"):
            # An exact match would tell whose number it is, which is what they may not see.
            raise PermissionDenied(_("Your role does not see phones and addresses, and cannot look people up by them."))
        if len(by) == 2:
            raise ValidationError({"email": [_("Ask by phone or by email, not by both at once.")]})
        try:
            if "phone" in by:
                normalise_phone(by["phone"], settings.HOUSE_COUNTRY)
                return match_phone(user=user, phone=by["phone"])
            if "email" in by:
                normalise_email(by["email"])
                return match_email(user=user, email=by["email"])
        except ValueError as error:
            raise ValidationError({next(iter(by)): [str(error)]}) from None
        found = Customer.objects.visible_to(user).order_by("pk")
        is_shown = request.user.has_perm("customers.view_contact_points")
        return found.prefetch_related("contact_points") if is_shown else found


class CustomerView(Reads):
    """One customer."""

    permission_required: ClassVar = {"GET": "customers.view_customer"}
    scope_required: ClassVar = {"GET": "read"}
    serializer_class = CustomerSerializer

    def get_customer(self, public_id: str) -> Customer:
        """Fetch the customer if the caller may see them."""
        user, asked = cast("User", self.request.user), uuid_or_404(public_id)
        found = Customer.objects.visible_to(user).filter(public_id=asked).first()
        # The id of one who was merged leads to whom they are now, whose own id the answer has.
        found = found or moved_to(user=user, public_id=asked)
        if found is None:
            raise NotFound(_("There is nobody of this id here."))
        return found

    @extend_schema(
        operation_id="customers_retrieve",
        parameters=[PUBLIC_ID],
        responses={200: CustomerSerializer, **REFUSALS, **NOT_FOUND},
    )
    def get(self, request: Request, public_id: str) -> Response:
        """Show who a customer is."""
        customer = self.get_customer(public_id)
        self.note_read([customer])
        return Response(self.get_serializer(customer).data)


class OrderListView(GenericAPIView[Any]):
    """Orders, as they come in from elsewhere."""

    permission_required: ClassVar = {"POST": "customers.add_order"}
    scope_required: ClassVar = {"POST": "orders"}
    serializer_class = NewOrderSerializer

    @extend_schema(
        operation_id="orders_create",
        responses={
            201: OpenApiResponse(OrderSerializer, "Recorded now."),
            200: OpenApiResponse(OrderSerializer, "Recorded before, with the same content."),
            **WRITES,
            **ONCE,
        },
    )
    def post(self, request: Request) -> Response:
        """Record an order or a return. Safe to repeat: source and external id together are recorded once."""
        return record_once(self, request, record=record_order, shown_by=OrderSerializer)


class InteractionListView(GenericAPIView[Any]):
    """Interactions, as a phone system or a chat opens them."""

    permission_required: ClassVar = {"POST": "customers.add_interaction"}
    scope_required: ClassVar = {"POST": "interactions"}
    serializer_class = NewInteractionSerializer

    @extend_schema(
        operation_id="interactions_create",
        responses={
            201: OpenApiResponse(InteractionSerializer, "Opened now."),
            200: OpenApiResponse(InteractionSerializer, "Opened before, with the same content."),
            **WRITES,
            **ONCE,
        },
    )
    def post(self, request: Request) -> Response:
        """Open an interaction. Safe to repeat: source and external id together are recorded once."""
        return record_once(self, request, record=record_interaction, shown_by=InteractionSerializer)


class InteractionCloseView(GenericAPIView[Any]):
    """The end of an interaction."""

    permission_required: ClassVar = {"POST": "customers.change_interaction"}
    scope_required: ClassVar = {"POST": "interactions"}
    serializer_class = CloseSerializer

    @extend_schema(
        operation_id="interactions_close",
        parameters=[PUBLIC_ID],
        responses={200: ClosedSerializer, **WRITES, **NOT_FOUND},
    )
    def post(self, request: Request, public_id: str) -> Response:
        """Close an interaction. Safe to repeat: the second time nothing changes and `is_closed_now` is false."""
        interaction = (
            Interaction.objects.filter(
                public_id=uuid_or_404(public_id),
                customer__in=Customer.objects.visible_to(cast("User", self.request.user)),
            )
            .select_related("customer", "touch_point", "agent")
            .first()
        )
        if interaction is None:
            raise NotFound(_("There is no interaction of this id here."))
        said = self.get_serializer(data=request.data)
        said.is_valid(raise_exception=True)
        is_closed_now = close_interaction(interaction=interaction, **said.validated_data)
        shown: dict[str, Any] = dict(InteractionSerializer(interaction, context=self.get_serializer_context()).data)
        return Response(shown | {"is_closed_now": is_closed_now})
