"""The fixed words of asking and mending."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Enjoyed(models.TextChoices):
    """The answers to the lead question."""

    YES = "yes", _("Yes, I did")
    PARTLY = "partly", _("In part")
    NO = "no", _("No, I did not")


# Asked for with each press; an enum makes its list of values anew each time.
ANSWERS = frozenset(Enjoyed.values)


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
    MENDED = "mended", _("To say whether we put it right")


class NotAsked(models.TextChoices):
    """Why somebody was not asked."""

    NO_ADDRESS = "no_address", _("We have no email address")
    NO_CONSENT = "no_consent", _("They asked not to be asked")
    SUPPRESSED = "suppressed", _("We do not write to their address")
    INCIDENT = "incident", _("Something is still wrong")
    RECOVERY = "recovery", _("We are still mending an earlier answer")
    TOO_OFTEN = "too_often", _("They were asked not long ago")
    TOO_LATE = "too_late", _("The contact was too long ago")
    BY_ITSELF = "by_itself", _("The contact closed by itself")
    MISTAKEN = "mistaken", _("The contact was opened by mistake")
    CHANNEL = "channel", _("We do not ask about this channel")
    TOUCH_POINT = "touch_point", _("We do not ask about this touch point")
    BUDGET = "budget", _("Others were asked")


class WaitsFor(models.TextChoices):
    """What a contact waits for before anybody is asked about it."""

    INCIDENT = "incident", _("Until what went wrong is put right")
    RECOVERY = "recovery", _("Until an earlier answer is mended")
    BUDGET = "budget", _("For its turn")


class BudgetPer(models.TextChoices):
    """The time that a budget is for."""

    DAY = "day", _("a day")
    WEEK = "week", _("a week")


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


class Chased(models.IntegerChoices):
    """How far we have gone to see that somebody mends it; each step is taken once."""

    NOT_YET = 0, _("Not yet")
    TOLD = 1, _("The owner knows")
    REMINDED = 2, _("The owner was reminded")
    LATE = 3, _("The owner was told that it is late")
    ESCALATED = 4, _("It went to those above")


class Step(models.TextChoices):
    """What happened on the way of a recovery."""

    OPENED = "opened", _("Opened")
    TOLD = "told", _("Told")
    CONTACTED = "contacted", _("We were in touch")
    HANDED_OVER = "handed_over", _("Handed over")
    REMINDED = "reminded", _("Reminded")
    LATE = "late", _("Told that it is late")
    ESCALATED = "escalated", _("Taken further up")
    MENDED = "mended", _("Mended")
    NOT_MENDED = "not_mended", _("Could not be mended")
    WROTE = "wrote", _("We wrote to them")
    ASKED = "asked", _("We asked whether we put it right")
    PUT_RIGHT = "put_right", _("They say that we put it right")
    REOPENED = "reopened", _("They say that we did not put it right")


class YesNo(models.TextChoices):
    """The answers to “did we put it right?”."""

    YES = "yes", _("Yes, you did")
    NO = "no", _("No, not yet")


class Base(models.TextChoices):
    """By what troubles are counted, so that a busy month does not look like a bad one."""

    CONTACTS = "contacts", _("contacts there")
    ORDERS = "orders", _("orders of the house")


class Tone(models.TextChoices):
    """How a comment sounds to a program: a hint, never part of a number."""

    PLEASED = "pleased", _("Sounds pleased")
    DISPLEASED = "displeased", _("Sounds displeased")
    NEITHER = "neither", _("Sounds neither pleased nor displeased")
    UNKNOWN = "unknown", _("Tone unknown")


class Confirming(models.TextChoices):
    """Whether a letter to the customer confirms a gesture."""

    NEVER = "never", _("No letter")
    SERVICE = "service", _("A letter, as a part of our service")
    TREAT = "treat", _("A letter, unless they want no news or offers")


class Entry(models.TextChoices):
    """What a line of the ledger of gestures says."""

    GIVEN = "given", _("Given")
    TAKEN_BACK = "taken_back", _("Taken back")


class RequestState(models.TextChoices):
    """Where a request for a gesture is: open → granted, declined, withdrawn or lapsed. Once answered it stays so."""

    OPEN = "open", _("Waiting for an answer")
    GRANTED = "granted", _("Granted")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    LAPSED = "lapsed", _("Nobody answered in time")
