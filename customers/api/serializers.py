"""Facts as JSON, in and out."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from customers.api.fields import Masked, Moment, Money, PublicId, Strict, Text, Truth, Whole, Word
from customers.enums import Capacity, Channel, ContactKind
from customers.models import Customer, Interaction, Order, TouchPoint
from customers.selectors.merged import survivor


class ContactPointSerializer(serializers.Serializer[Any]):
    """One way to reach a customer."""

    kind = serializers.ChoiceField(ContactKind.choices)
    value = serializers.CharField(help_text="As it was written.")
    normalised = serializers.CharField(help_text="E.164 for a phone (with `;ext=` for an extension).")
    label = serializers.CharField()  # type: ignore[assignment]
    is_preferred = serializers.BooleanField()


class CustomerSerializer(Masked):
    """Who a customer is."""

    masked: ClassVar = {"contact_points": "customers.view_contact_points"}

    public_id = serializers.UUIDField()
    source = serializers.CharField(help_text="The system that knows them.")  # type: ignore[assignment]
    external_id = serializers.CharField(allow_null=True, help_text="Their number in that system.")
    full_name = serializers.CharField()
    address_as = serializers.CharField(help_text="How they like to be addressed.")
    say_as = serializers.CharField(help_text="How to say the name aloud.")
    pronouns = serializers.CharField()
    language = serializers.CharField()
    country = serializers.CharField()
    city = serializers.CharField()
    time_zone = serializers.CharField()
    customer_since = serializers.DateField(allow_null=True)
    capacity = serializers.ChoiceField(Capacity.choices, help_text="The role in which they are a customer.")
    firm = serializers.CharField(help_text="For which they buy; empty but for `firm`.")
    contact_points = serializers.SerializerMethodField()

    @extend_schema_field(ContactPointSerializer(many=True, allow_null=True, help_text="Null without the permission."))
    def get_contact_points(self, customer: Customer) -> list[dict[str, Any]] | None:
        """Those in use; not even looked up for somebody who may not see them."""
        if not self.may("customers.view_contact_points"):
            return None
        points = sorted(
            (point for point in customer.contact_points.all() if point.is_active),
            key=lambda point: (point.kind, not point.is_preferred, point.pk),
        )
        return list(ContactPointSerializer(points, many=True).data)


def _customer_of(serializer: serializers.Serializer[Any], said: Mapping[str, Any]) -> Customer:
    """Return the customer that a body names, by public id or by source and number there.

    Fetching is the access check: one that the caller may not see is unknown.
    """
    by_id, by_number = said.get("customer"), (said.get("customer_source"), said.get("customer_external_id"))
    if (by_id is None) == (None in by_number) or (by_id is not None and by_number != (None, None)):
        raise serializers.ValidationError(
            {"customer": [_("Name the customer: either customer, or customer_source with customer_external_id.")]}
        )
    visible = Customer.objects.visible_to(serializer.context["request"].user)
    found = (
        Customer.objects.filter(public_id=by_id)
        if by_id is not None
        else Customer.objects.filter(source=by_number[0], external_id=" ".join(str(by_number[1]).split()))
    ).first()
    # An old id or number leads to whom they were merged into.
    found = visible.filter(pk=survivor(found).pk).first() if found else None
    if found is None:
        raise serializers.ValidationError(
            {"customer" if by_id is not None else "customer_external_id": [_("We know no such customer.")]}
        )
    return found


class _NamesCustomer(Strict):
    """The three fields by which a body names its customer."""

    customer = PublicId(required=False, help_text="Public id of the customer.")
    customer_source = Text(
        required=False, max_length=40, help_text="With `customer_external_id`, in the place of `customer`."
    )
    customer_external_id = Text(required=False, max_length=80, help_text="Their number at `customer_source`.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs["customer"] = _customer_of(self, attrs)
        attrs.pop("customer_source", None)
        attrs.pop("customer_external_id", None)
        return attrs


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "An order",
            value={
                "source": "webshop",
                "external_id": "536365",
                "customer_source": "webshop",
                "customer_external_id": "17850",
                "placed_at": "2026-03-01T14:30:00+01:00",
                "amount": "249.90",
                "currency": "GBP",
            },
            request_only=True,
        )
    ]
)
class NewOrderSerializer(_NamesCustomer):
    """An order to record; with a negative amount a return."""

    source = Text(max_length=40, help_text="The system that the order comes from.")  # type: ignore[assignment]
    external_id = Text(max_length=80, help_text="Its number there. Source and number together are recorded once.")
    placed_at = Moment()
    amount = Money(help_text="As text. Negative for a return.")
    currency = Text(max_length=3, help_text="A code that the house has a rate for, such as GBP.")
    margin = Money(required=False, allow_null=True, help_text="Left out, the house's rate estimates it.")
    is_our_fault = Truth(default=False, help_text="For a return that we caused.")
    description = Text(required=False, allow_blank=True, max_length=200, default="")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "As a program without sight of margin gets it",
            value={
                "source": "webshop",
                "external_id": "536365",
                "customer": "0f8fad5b-d9cb-469f-a165-70867728950e",
                "kind": "purchase",
                "placed_at": "2026-03-01T13:30:00Z",
                "amount": "249.90",
                "currency": "GBP",
                "margin": None,
                "is_margin_estimated": True,
                "is_our_fault": False,
                "description": "",
            },
            response_only=True,
        )
    ]
)
class OrderSerializer(Masked):
    """An order as it is recorded."""

    masked: ClassVar = {"amount": "customers.view_money", "margin": "customers.view_margin"}

    source = serializers.CharField()  # type: ignore[assignment]
    external_id = serializers.CharField()
    customer = serializers.UUIDField(source="customer.public_id")
    kind = serializers.ChoiceField(Order.Kind.choices)
    placed_at = serializers.DateTimeField()
    amount = Money(allow_null=True, help_text="Null without the permission to see money.")
    currency = serializers.CharField(source="currency_id")
    margin = Money(allow_null=True, help_text="Null without the permission to see margin.")
    is_margin_estimated = serializers.BooleanField()
    is_our_fault = serializers.BooleanField()
    description = serializers.CharField()


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A call that somebody takes",
            value={
                "source": "phone-system",
                "external_id": "call-2041",
                "customer": "0f8fad5b-d9cb-469f-a165-70867728950e",
                "channel": "phone",
                "touch_point": "phone-desk",
                "subject": "Where is my parcel?",
                "waited_seconds": 95,
                "agent": "agent@house.example",
            },
            request_only=True,
        )
    ]
)
class NewInteractionSerializer(_NamesCustomer):
    """An interaction to open."""

    source = Text(max_length=40, help_text="The system that the contact comes from.")  # type: ignore[assignment]
    external_id = Text(max_length=80, help_text="Its number there. Source and number together are recorded once.")
    channel = Word(Channel.choices)
    touch_point = Text(max_length=50, help_text="Short name of a touch point in use, such as `phone-desk`.")
    subject = Text(required=False, allow_blank=True, max_length=200, default="")
    waited_seconds = Whole(
        required=False, allow_null=True, min_value=0, max_value=30 * 86_400, help_text="How long we kept them waiting."
    )
    agent = Text(
        required=False,
        allow_null=True,
        max_length=254,
        help_text="Address of the colleague who takes it. Only a program says this; a colleague opens their own.",
    )

    def validate_touch_point(self, slug: str) -> TouchPoint:
        """Return the touch point in use with this short name."""
        found = TouchPoint.objects.filter(slug=slug, is_active=True).first()
        if found is None:
            raise serializers.ValidationError(_("There is no touch point in use with this short name."))
        return found

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        caller, address = self.context["request"].user, attrs.pop("agent", None)
        is_person = caller.has_perm("portal.use_desk")
        if address is not None and is_person and address.lower() != caller.email:
            raise serializers.ValidationError({"agent": [_("A colleague opens contacts in their own name.")]})
        attrs["agent"] = caller if is_person else None
        if address is not None and not is_person:
            attrs["agent"] = get_user_model().objects.filter(email=address.lower(), is_active=True).first()
            if attrs["agent"] is None or not attrs["agent"].has_perm("portal.use_desk"):
                raise serializers.ValidationError({"agent": [_("No colleague at the desk has this address.")]})
        seconds = attrs.pop("waited_seconds", None)
        attrs["waited"] = None if seconds is None else timedelta(seconds=seconds)
        return attrs


class InteractionSerializer(serializers.Serializer[Any]):
    """An interaction as it is recorded."""

    public_id = serializers.UUIDField()
    source = serializers.CharField()  # type: ignore[assignment]
    external_id = serializers.CharField(allow_null=True)
    customer = serializers.UUIDField(source="customer.public_id")
    channel = serializers.ChoiceField(Channel.choices)
    touch_point = serializers.CharField(source="touch_point.slug")
    agent = serializers.CharField(source="agent.email", allow_null=True, default=None)
    subject = serializers.CharField()
    note = serializers.CharField()
    waited_seconds = serializers.SerializerMethodField()
    opened_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    closed_itself = serializers.BooleanField(help_text="It ended without anybody closing it.")
    is_mistaken = serializers.BooleanField(help_text="It was opened by mistake: it was not with this customer.")

    def get_waited_seconds(self, interaction: Interaction) -> int | None:
        """How long we kept them waiting."""
        return None if interaction.waited is None else int(interaction.waited.total_seconds())


class CloseSerializer(Strict):
    """What to write down as an interaction closes."""

    note = Text(required=False, allow_blank=True, max_length=10_000, default="", help_text="What came of it.")
    closed_itself = Truth(
        default=False,
        help_text="It ended without anybody closing it, as a chat does that runs out. Such contacts are not asked "
        "about, unless the house's rules say otherwise.",
    )
    is_mistaken = Truth(
        default=False,
        help_text="It was opened by mistake, and was not with this customer. They are not asked about it, and it "
        "counts neither for nor against them.",
    )


class ClosedSerializer(InteractionSerializer):
    """A closed interaction, and whether this very call closed it."""

    is_closed_now = serializers.BooleanField(
        help_text="False where it was closed already; its note and time then stay as they were."
    )
