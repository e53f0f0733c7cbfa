"""The fixed words of value and tiers."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Shape(models.TextChoices):
    """The mark of a tier, told apart without colour."""

    CIRCLE = "circle", _("Circle")
    SQUARE = "square", _("Square")
    DIAMOND = "diamond", _("Diamond")
    STAR = "star", _("Star")


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
    """A number about a customer that a bar can be set on."""

    MARGIN = "margin", _("Margin in 12 months")
    ORDERS = "orders", _("Orders in 12 months")
    RECENCY = "recency", _("Days since the last order")

    @property
    def is_better_when_low(self) -> bool:
        """Whether the bar is a most and not a least."""
        return self is Measure.RECENCY


class RunKind(models.TextChoices):
    """Everybody, or only those whose orders changed."""

    FULL = "full", _("Everybody")
    TOUCHED = "touched", _("Touched customers")


class RunState(models.TextChoices):
    """Where a re-tiering is."""

    ACTIVE = "active", _("Under way")
    FINISHED = "finished", _("Finished")
    CANCELLED = "cancelled", _("Cancelled")


class Reason(models.TextChoices):
    """Why a standing is as it is; the sentence is made from it when somebody reads."""

    FIRST = "first", _("First standing")
    PROMOTED = "promoted", _("Moved up")
    DEMOTED = "demoted", _("Moved down")
