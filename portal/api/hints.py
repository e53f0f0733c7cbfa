"""What became of a hint, said by a program or from another screen."""

from typing import Any, ClassVar, cast

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from customers.api.fields import Strict, Text
from customers.api.schema import NOT_FOUND, WRITES
from customers.api.views import PUBLIC_ID, uuid_or_404
from customers.models import Customer, Interaction
from portal.contact.selectors import gather
from portal.hints.noting import note_hint
from portal.hints.pressing import press_hint
from portal.models import HintKind, HintOutcome, HintShown, User


class HintSerializer(serializers.Serializer[Any]):
    """Something worth trying, and why."""

    key = serializers.CharField(help_text="What it is drawn from; to say what became of it.")
    kind = serializers.ChoiceField(HintKind.choices)
    text = serializers.CharField()
    reason = serializers.CharField()


class HintPressSerializer(Strict):
    """What became of a hint."""

    key = Text(max_length=80)
    outcome = serializers.ChoiceField(HintOutcome.choices)


class HintPressedSerializer(serializers.Serializer[Any]):
    """What stands now."""

    key = serializers.CharField()
    outcome = serializers.ChoiceField(HintOutcome.choices)
    is_noted_now = serializers.BooleanField(help_text="False where that stood already.")


class HintPressView(GenericAPIView[Any]):
    """What became of a hint in an interaction."""

    permission_required: ClassVar = {"POST": "portal.add_hintpress"}
    scope_required: ClassVar = {"POST": "interactions"}
    serializer_class = HintPressSerializer

    @extend_schema(
        operation_id="interactions_hints",
        parameters=[PUBLIC_ID],
        responses={200: HintPressedSerializer, **WRITES, **NOT_FOUND},
    )
    def post(self, request: Request, public_id: str) -> Response:
        """Say what became of a hint that stood on a page in this interaction, or that its customer's context gives.

        Safe to repeat; the newest word stands.
        """
        user = cast(User, request.user)
        interaction = (
            Interaction.objects.filter(public_id=uuid_or_404(public_id), customer__in=Customer.objects.visible_to(user))
            .select_related("customer")
            .first()
        )
        if interaction is None:
            raise NotFound(_("There is no interaction of this id here."))
        said = self.get_serializer(data=request.data)
        said.is_valid(raise_exception=True)
        key, outcome = said.validated_data["key"], said.validated_data["outcome"]
        shown = _shown(interaction, key, user)
        if shown is None:
            raise NotFound(_("There is no such hint in this interaction."))
        is_noted_now = press_hint(shown=shown, outcome=outcome, by=user)
        return Response({"key": key, "outcome": outcome, "is_noted_now": is_noted_now})


def _shown(interaction: Interaction, key: str, user: User) -> HintShown | None:
    """Return the hint as it was shown; while the interaction is open, one from the context is shown by this."""
    rows = HintShown.objects.filter(interaction=interaction, key=key)
    shown = rows.first()
    if shown is None and interaction.closed_at is None:
        contact = gather(user=user, public_id=interaction.customer.public_id)
        if contact is not None and note_hint(contact=contact, interaction=interaction, key=key):
            shown = rows.first()
    return shown
