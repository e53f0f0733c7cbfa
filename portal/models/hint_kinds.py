"""What hints are of, what becomes of them, and the situations in which they are told apart."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class HintKind(models.TextChoices):
    """What a hint is of."""

    GESTURE = "gesture", _("A gesture that fits")
    PLAN_B = "plan_b", _("A plan B for what broke")
    PREFERENCE = "preference", _("A preference to honour")
    PERK = "perk", _("A perk not used yet")
    SERVICE = "service", _("An added service")


class HintOutcome(models.TextChoices):
    """What a colleague said of a hint. What was taken back is as if nothing had been said."""

    USED = "used", _("Used")
    NOT_RELEVANT = "not_relevant", _("Not relevant")
    WRONG = "wrong", _("Wrong")
    TAKEN_BACK = "taken_back", _("Taken back")


# What may stand of a hint.
STANDING_OUTCOMES = (HintOutcome.USED, HintOutcome.NOT_RELEVANT, HintOutcome.WRONG)


class Situation(models.TextChoices):
    """How things are between us, and whether we speak or write: each is learned for itself."""

    OWED_SPOKEN = "owed-spoken", _("We owe them something, spoken")
    OWED_WRITTEN = "owed-written", _("We owe them something, written")
    CELEBRATION_SPOKEN = "celebration-spoken", _("Cause to celebrate, spoken")
    CELEBRATION_WRITTEN = "celebration-written", _("Cause to celebrate, written")
    QUIET_SPOKEN = "quiet-spoken", _("All is well, spoken")
    QUIET_WRITTEN = "quiet-written", _("All is well, written")


class HintMode(models.TextChoices):
    """How the manager lets a kind of hint take part."""

    LEARNED = "learned", _("Where experience puts it")
    PINNED = "pinned", _("Always first")
    OFF = "off", _("Never")


class OfferKind(models.TextChoices):
    """The kinds of hint that managers write themselves."""

    PLAN_B = "plan_b", HintKind.PLAN_B.label
    SERVICE = "service", HintKind.SERVICE.label
