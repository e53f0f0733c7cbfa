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
    # Present in the letter, invisible to people: only programs open it.
    DECOY = "decoy", _("To be opened by programs alone")


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
    DECOY = "decoy", _("A link that people cannot see was opened")
    NOT_SEEN = "not_seen", _("Pressed without having opened the page")
    TOO_QUICK = "too_quick", _("Pressed within a moment of opening several links")


class Conflict(models.TextChoices):
    """Why an answer that may be a person's does not replace the one that stands."""

    ELSEWHERE = "elsewhere", _("It differs, and came from another place")
    LATE = "late", _("It differs, and came after the day in which an answer may be changed")


class Outcome(models.TextChoices):
    """What became of a press."""

    COUNTED = "counted", _("It counts")
    CHANGED = "changed", _("It changed the answer that counts")
    SAME = "same", _("It said the same once more")
    DOUBTFUL = "doubtful", _("It is doubtful and does not count")
    CONFLICTING = "conflicting", _("It conflicts with the answer that counts")


class RecoveryState(models.TextChoices):
    """Where mending is."""

    OPEN = "open", _("Open")
    CONTACTED = "contacted", _("We have been in touch")
    MENDED = "mended", _("Mended")
    NOT_MENDED = "not_mended", _("Could not be mended")
