"""The context as JSON."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from customers.api.fields import Masked, Money
from customers.api.serializers import CustomerSerializer, InteractionSerializer
from customers.enums import (
    Capacity,
    ConsentPurpose,
    IncidentKind,
    Provenance,
    RelationKind,
    Severity,
    SpecialCategory,
)
from customers.fading import Fade
from customers.noise import Level
from feedback.enums import Enjoyed, RecoveryState
from feedback.models import Recovery
from portal.api.context import Liked
from portal.api.hints import HintSerializer
from portal.contact.opening import Kind
from portal.contact.speaking import Speaking
from tiers.enums import OverrideKind, Shape

_KINDS = ["order_purchase", "order_return", "interaction", "incident", "promise", "letter"]


class MeasuresSerializer(Masked):
    """The numbers behind a tier. Money is in the house's currency."""

    masked: ClassVar = {"margin": "customers.view_margin"}

    margin = Money(allow_null=True, help_text="In 12 months. Null without the permission to see margin.")
    orders = serializers.IntegerField(help_text="In 12 months.")
    last_order_on = serializers.DateField(allow_null=True)
    as_of = serializers.DateField()


class TierSerializer(serializers.Serializer[Any]):
    """A tier by itself."""

    slug = serializers.CharField()
    name = serializers.CharField()
    shape = serializers.ChoiceField(Shape.choices)
    rank = serializers.IntegerField(help_text="1 is where everybody begins.")


class ExplainedSerializer(serializers.Serializer[Any]):
    """The tier that a customer has, and why."""

    tier = TierSerializer()
    sentence = serializers.CharField(help_text="Why, with no more money in it than the reader may see.")
    since = serializers.DateField()
    held_until = serializers.DateField(allow_null=True)
    perks = serializers.ListField(child=serializers.CharField())
    next_tier = TierSerializer(allow_null=True)
    measures = MeasuresSerializer(allow_null=True)


class OverrideSerializer(serializers.Serializer[Any]):
    """What a colleague decided against the numbers."""

    kind = serializers.ChoiceField(OverrideKind.choices)
    tier = TierSerializer()
    until = serializers.DateField(allow_null=True, help_text="Its last day.")
    by = serializers.CharField()
    reason = serializers.CharField(allow_null=True, help_text="Null without the permission to see margin.")


class LineOfTableSerializer(serializers.Serializer[Any]):
    """One measure, in words. Empty where there is no bar, no weight or nothing known."""

    measure = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    value = serializers.CharField()
    unit = serializers.CharField()
    bar_enter = serializers.CharField(help_text="What the next tier asks.")
    bar_stay = serializers.CharField(help_text="What staying asks.")
    distance = serializers.CharField()
    weight = serializers.CharField(help_text="Its part of the score.")
    as_of = serializers.DateField(allow_null=True)
    source = serializers.CharField()  # type: ignore[assignment]
    is_doubtful = serializers.BooleanField(help_text="Partly estimated, or asked for and not known.")


class WhySerializer(ExplainedSerializer):
    """The tier on a day, with everything behind it that the reader may see."""

    override = OverrideSerializer(allow_null=True)
    table = LineOfTableSerializer(many=True, help_text="Without the lines that tell money, where that is not allowed.")
    lifts = serializers.ListField(child=serializers.CharField())
    lowers = serializers.ListField(child=serializers.CharField())
    holds = serializers.ListField(child=serializers.CharField())
    safe_sentence = serializers.CharField(help_text="May be said to the customer.")


class ExplanationSerializer(serializers.Serializer[Any]):
    """Why somebody has their tier on a day."""

    on = serializers.DateField()
    explanation = WhySerializer(allow_null=True, help_text="Null before their first tier.")


class PromiseSerializer(serializers.Serializer[Any]):
    """What we said we would do."""

    text = serializers.CharField()
    due_at = serializers.DateTimeField()
    made_at = serializers.DateTimeField()


class IncidentSerializer(serializers.Serializer[Any]):
    """What went wrong."""

    kind = serializers.ChoiceField(IncidentKind.choices)
    text = serializers.CharField()
    severity = serializers.ChoiceField(Severity.choices)
    is_our_fault = serializers.BooleanField()
    touch_point = serializers.CharField(source="touch_point.slug")
    happened_at = serializers.DateTimeField()


class ConsentSerializer(serializers.Serializer[Any]):
    """The newest word on one purpose."""

    purpose = serializers.ChoiceField(ConsentPurpose.choices)
    is_given = serializers.BooleanField()
    noted_at = serializers.DateTimeField()


class RecoverySerializer(Masked):
    """An unhappy answer that we are still mending."""

    masked: ClassVar = {"comment": "feedback.view_answer"}

    state = serializers.ChoiceField(RecoveryState.choices)
    enjoyed = serializers.ChoiceField(Enjoyed.choices, source="answer.enjoyed")
    comment = serializers.CharField(
        source="answer.comment", allow_null=True, help_text="Null without the permission to see answers."
    )
    owner = serializers.SerializerMethodField()
    due_at = serializers.DateTimeField()

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_owner(self, recovery: Recovery) -> str | None:
        """The name of the colleague who answers for it."""
        return str(recovery.owner) if recovery.owner else None


class TroubleSerializer(serializers.Serializer[Any]):
    """One trouble in the sum."""

    text = serializers.CharField()
    at = serializers.DateTimeField()
    weight = serializers.FloatField(help_text="On its day.")
    now = serializers.FloatField(help_text="What is left of it.")


class NoiseSerializer(serializers.Serializer[Any]):
    """How much we put them through lately: the sum of weights, each halved with every half-life since."""

    words = serializers.CharField(source="level_words", help_text="As one would say it; empty where it is quiet.")
    level = serializers.SerializerMethodField()
    index = serializers.FloatField(source="noise", help_text="Without a unit: a real incident of today weighs 2.")
    half_life_days = serializers.FloatField(source="rules.weights.half_life_days")
    troubles = TroubleSerializer(many=True, source="parts", help_text="What it is the sum of, the heaviest first.")

    @extend_schema_field(serializers.ChoiceField([level.name.lower() for level in Level]))
    def get_level(self, speaking: Speaking) -> str:
        """The index as a word for programs."""
        return speaking.level.name.lower()


class OpeningSerializer(serializers.Serializer[Any]):
    """What one might say first."""

    kind = serializers.ChoiceField([kind.value for kind in Kind])
    text = serializers.CharField(help_text="In the house's language.")
    language = serializers.CharField(help_text="The customer's, where the house speaks it, else the house's.")
    own_text = serializers.CharField(help_text="The same in that language; empty where it is the house's.")


class CautionSerializer(serializers.Serializer[Any]):
    """What not to say or do."""

    text = serializers.CharField(help_text="Empty where it is private and the reader may not see it.")
    reason = serializers.CharField()
    is_private = serializers.BooleanField()
    noted_at = serializers.DateTimeField()
    noted_by = serializers.CharField(source="by", allow_null=True)


class BeforeYouSpeakSerializer(serializers.Serializer[Any]):
    """What must not be missed."""

    recoveries = RecoverySerializer(many=True)
    overdue_promises = PromiseSerializer(many=True)
    open_incidents = IncidentSerializer(many=True)
    consents = ConsentSerializer(many=True)
    cautions = CautionSerializer(many=True, source="speaking.cautions")
    noise = NoiseSerializer(source="speaking")
    opening = OpeningSerializer(source="speaking.opening")


class PreferenceSerializer(serializers.Serializer[Any]):
    """What they like. Private ones and those of special categories are for some roles alone."""

    text = serializers.CharField(source="preference.text")
    provenance = serializers.ChoiceField(Provenance.choices, source="preference.provenance")
    is_ask_first = serializers.BooleanField(source="preference.is_ask_first")
    is_private = serializers.BooleanField(source="preference.is_private")
    category = serializers.ChoiceField(
        [("", "None"), *SpecialCategory.choices], source="preference.category", help_text="Empty where it is ordinary."
    )
    noted_at = serializers.DateTimeField(source="preference.noted_at")
    noted_by = serializers.SerializerMethodField()
    touch_point = serializers.SerializerMethodField()
    confirmed_at = serializers.DateTimeField(source="preference.confirmed_at", allow_null=True)
    fade = serializers.ChoiceField(
        [fade.name.lower() for fade in Fade], help_text="Without a confirmation it fades, and goes quiet."
    )

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_noted_by(self, liked: Liked) -> str | None:
        """The name of the colleague who noted it."""
        return str(liked.preference.noted_by) if liked.preference.noted_by else None

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_touch_point(self, liked: Liked) -> str | None:
        """The short name of the touch point where it was said or seen."""
        return liked.preference.touch_point.slug if liked.preference.touch_point else None


class LineSerializer(Masked):
    """One line of the timeline."""

    masked: ClassVar = {"amount": "customers.view_money"}

    kind = serializers.ChoiceField(_KINDS)
    at = serializers.DateTimeField()
    text = serializers.CharField()
    state = serializers.CharField()
    amount = Money(allow_null=True, help_text="Of an order. Null without the permission to see money.")
    currency = serializers.CharField(allow_null=True)


class SelfSerializer(Masked):
    """The same person as a customer in another role, with orders and a tier of its own."""

    masked: ClassVar = {"margin": "customers.view_margin"}

    public_id = serializers.UUIDField()
    capacity = serializers.ChoiceField(Capacity.choices)
    firm = serializers.CharField(help_text="For which they buy; empty but for `firm`.")
    tier = TierSerializer(allow_null=True)
    margin = Money(
        allow_null=True, help_text="In 12 months, in the house's currency. Null without the permission to see margin."
    )
    is_let_down = serializers.BooleanField(help_text="Something went wrong there, or a promise of ours is late.")


class RelationshipSerializer(serializers.Serializer[Any]):
    """What the customer is to another one, or with `is_theirs` that one to them; household and family are both."""

    public_id = serializers.UUIDField(help_text="Of the other one.")
    full_name = serializers.CharField(source="name")
    kind = serializers.ChoiceField(RelationKind.choices)
    is_theirs = serializers.BooleanField()
    may_act = serializers.BooleanField(help_text="May arrange things for the other one.")


class ContextSerializer(serializers.Serializer[Any]):
    """A customer, as the reader may know them."""

    customer = CustomerSerializer()
    tier = ExplainedSerializer(allow_null=True, help_text="Null where they have none yet.")
    selves = SelfSerializer(many=True, help_text="The same person in other roles.")
    relationships = RelationshipSerializer(many=True, help_text="Those that hold.")
    before_you_speak = BeforeYouSpeakSerializer()
    open_interactions = InteractionSerializer(many=True)
    open_promises = PromiseSerializer(many=True, help_text="Those not yet due.")
    preferences = PreferenceSerializer(many=True)
    hints = HintSerializer(many=True, help_text="Worth trying, the best first; at most three.")
    timeline = LineSerializer(many=True, help_text="Newest first, at most 20 lines.")
