"""The fixed words of asking and mending."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Enjoyed(models.TextChoices):
    """The answers to the lead question."""

    YES = "yes", _("Yes, I did")
    PARTLY = "partly", _("In part")
    NO = "no", _("No, I did not")


class SurveyState(models.TextChoices):
    """Where a version of a survey is in its life."""

    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    RETIRED = "retired", _("Retired")


class QuestionKind(models.TextChoices):
    """How a follow-up is answered."""

    CHOICE = "choice", _("One of several answers")
    SCALE = "scale", _("A number on a scale")
    TEXT = "text", _("In their own words")


class LinkPurpose(models.TextChoices):
    """What a link is for; each link is for one thing."""

    ANSWER = "answer", _("To answer")
    STOP = "stop", _("To stop being asked")


class NotAsked(models.TextChoices):
    """Why somebody was not asked."""

    NO_ADDRESS = "no_address", _("We have no email address")
    NO_CONSENT = "no_consent", _("They asked not to be asked")
    SUPPRESSED = "suppressed", _("We do not write to their address")
    INCIDENT = "incident", _("Something is still wrong")
    RECOVERY = "recovery", _("We are still mending an earlier answer")
    TOO_OFTEN = "too_often", _("They were asked not long ago")
    TOO_LATE = "too_late", _("The contact was too long ago")


class Doubt(models.TextChoices):
    """Why an answer may not be a person's."""

    TOO_SOON = "too_soon", _("Pressed within seconds of the letter's arrival")
    ALL_LINKS = "all_links", _("All links were opened within seconds")


class RecoveryState(models.TextChoices):
    """Where mending is."""

    OPEN = "open", _("Open")
    CONTACTED = "contacted", _("We have been in touch")
    MENDED = "mended", _("Mended")
    NOT_MENDED = "not_mended", _("Could not be mended")
