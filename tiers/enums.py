"""The fixed words of value and tiers."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Shape(models.TextChoices):
    """The mark of a tier, told apart without colour."""

    CIRCLE = "circle", _("Circle")
    SQUARE = "square", _("Square")
    DIAMOND = "diamond", _("Diamond")
    STAR = "star", _("Star")


class PerkChannel(models.TextChoices):
    """A way to reach us that a perk opens."""

    NONE = "none", _("None")
    LINE = "line", _("Dedicated line")
    CHAT = "chat", _("Chat")
    VIDEO = "video", _("Video")


class SchemeState(models.TextChoices):
    """Draft, then published (one at a time, and read-only), then retired."""

    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    RETIRED = "retired", _("Retired")


class Rule(models.TextChoices):
    """Getting into a tier asks more than staying in it."""

    ENTRY = "entry", _("To enter")
    KEEP = "keep", _("To stay")


class Measure(models.TextChoices):
    """A number about a customer that a bar can be set on; the names are the engine's (`engine.MEASURES`)."""

    MARGIN = "margin", _("Margin in 12 months")
    ORDERS = "orders", _("Orders in 12 months")
    RECENCY = "recency", _("Days since the last order")
    TENURE = "tenure", _("Days since the first order")
    PREDICTED = "predicted", _("Predicted margin")
    COST = "cost", _("Cost to serve in 12 months")
    ENGAGEMENT = "engagement", _("Contacts in 12 months")
    INFLUENCE = "influence", _("Influence")
    ADVOCACY = "advocacy", _("Advocacy")
    SCORE = "score", _("Score")

    @property
    def is_money(self) -> bool:
        """Whether it is counted in cents of the house's currency, and hidden from those who may not see margin."""
        return self in (Measure.MARGIN, Measure.PREDICTED, Measure.COST)

    @property
    def tells_money(self) -> bool:
        """Whether it gives money away to somebody who knows the rules."""
        return self.is_money or self is Measure.SCORE


class Basis(models.TextChoices):
    """What a bar is counted in."""

    VALUE = "value", _("A value")
    SHARE = "share", _("The best so many per cent")


class Charge(models.TextChoices):
    """What serving a customer costs us for: an hour on a channel, or a return handled."""

    PHONE = "phone", _("An hour on the phone")
    EMAIL = "email", _("An hour of email")
    CHAT = "chat", _("An hour of chat")
    VISIT = "visit", _("An hour of a visit")
    VIDEO = "video", _("An hour of video")
    WEB = "web", _("An hour of web contacts")
    RETURN = "return", _("A return handled")


class RunKind(models.TextChoices):
    """Everybody from the facts alone; those with something new or due; or the touched ones at once."""

    FULL = "full", _("Everybody")
    DUE = "due", _("Everybody with something new or due")
    TOUCHED = "touched", _("Touched customers")


class RunState(models.TextChoices):
    """Where a re-tiering is."""

    ACTIVE = "active", _("Under way")
    FINISHED = "finished", _("Finished")
    CANCELLED = "cancelled", _("Cancelled")


class PreviewState(models.TextChoices):
    """Where a preview is: everybody is measured first where a bar is a share, and then decided about."""

    QUEUED = "queued", _("Waiting to begin")
    MEASURING = "measuring", _("Measuring")
    DECIDING = "deciding", _("Deciding")
    FINISHED = "finished", _("Finished")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")

    @classmethod
    def under_way(cls) -> "tuple[PreviewState, ...]":
        """Return the states of one that is not over yet."""
        return (cls.QUEUED, cls.MEASURING, cls.DECIDING)


class Reason(models.TextChoices):
    """Why a standing is as it is; the sentence is made from it when somebody reads."""

    FIRST = "first", _("First standing")
    PROMOTED = "promoted", _("Moved up")
    DEMOTED = "demoted", _("Moved down")
    RAISED = "raised", _("Raised by a colleague")
    LOWERED = "lowered", _("Lowered by a colleague")
    MERGED = "merged", _("Of two who are one, the higher")
    PARTED = "parted", _("As before a merging that was undone")


class OverrideKind(models.TextChoices):
    """What a colleague may decide against the numbers, for a time."""

    FLOOR = "floor", _("Never below")
    CEILING = "ceiling", _("Never above")
    LOCK = "lock", _("Always in")


class ValueModel(models.TextChoices):
    """How repeat purchases are predicted; the words of `tiers.value.fitting.Model`."""

    BG_NBD = "bg_nbd", _("BG/NBD")
    NBD = "nbd", _("NBD, no drop-out")
    NONE = "none", _("none")
