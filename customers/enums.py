"""The field's fixed lists of words."""

import enum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Capacity(models.TextChoices):
    """In which role somebody is a customer: one person may have several, each with its orders and its tier."""

    PRIVATE = "private", _("For themselves")
    FIRM = "firm", _("Buyer for a firm")
    OTHER = "other", _("In another role")


class RelationKind(models.TextChoices):
    """What one customer is to another: “… is assistant of …”. See `SYMMETRIC` for those that hold both ways."""

    HOUSEHOLD = "household", _("Household with")
    FAMILY = "family", _("Family of")
    ASSISTANT = "assistant", _("Assistant of")
    CARER = "carer", _("Cares for")


# Who lives with somebody has them living with them.
SYMMETRIC = (RelationKind.HOUSEHOLD, RelationKind.FAMILY)


class ContactKind(models.TextChoices):
    """How somebody can be reached."""

    PHONE = "phone", _("Phone")
    EMAIL = "email", _("Email")
    HANDLE = "handle", _("Handle")


class MatchOutcome(models.TextChoices):
    """What the house makes of a number or an address."""

    KNOWN = "known", _("One person, certain match")
    MAYBE = "maybe", _("It may be one of several")
    UNKNOWN = "unknown", _("Nobody we know")


class ConsentPurpose(models.TextChoices):
    """What a customer allows or forbids."""

    FEEDBACK = "feedback", _("Being asked how it was")
    MARKETING = "marketing", _("News and offers")
    RECORDING = "recording", _("Recording of calls")
    SPECIAL = "special", _("Remembering what is sensitive, such as health or belief")


class SegmentKind(models.TextChoices):
    """By what the customers of a segment are alike."""

    DEMOGRAPHIC = "demographic", _("Who they are")
    PSYCHOGRAPHIC = "psychographic", _("What they care about")
    GEOGRAPHIC = "geographic", _("Where they are")
    TECHNOGRAPHIC = "technographic", _("What they use")
    BEHAVIOURAL = "behavioural", _("What they do")


class RatingKind(models.TextChoices):
    """Which number about a customer the business supplies."""

    INFLUENCE = "influence", _("Influence")
    ADVOCACY = "advocacy", _("Advocacy")


class Provenance(models.TextChoices):
    """How we know a preference."""

    STATED = "stated", _("Said so")
    OBSERVED = "observed", _("Noticed once")
    CONFIRMED = "confirmed", _("Confirmed")


class SpecialCategory(models.TextChoices):
    """Of what kind a preference is that may be kept with the customer's consent alone (GDPR, article 9)."""

    HEALTH = "health", _("Health")
    BELIEF = "belief", _("Religion or belief")
    ORIGIN = "origin", _("Racial or ethnic origin")
    POLITICS = "politics", _("Political opinion")
    UNION = "union", _("Membership of a trade union")
    SEX_LIFE = "sex_life", _("Sex life or sexual orientation")
    BIOMETRIC = "biometric", _("Biometric data")
    GENETIC = "genetic", _("Genetic data")


class Channel(models.TextChoices):
    """The way a contact takes place."""

    PHONE = "phone", _("Phone")
    CHAT = "chat", _("Chat")
    EMAIL = "email", _("Email")
    VISIT = "visit", _("Visit")
    VIDEO = "video", _("Video")
    WEB = "web", _("Web")


class IncidentKind(models.TextChoices):
    """What the customer met that should not have happened."""

    LATE = "late", _("Late")
    BROKEN = "broken", _("Broken on arrival")
    RETURNED = "returned", _("Sent back")
    WRONG_BILL = "wrong_bill", _("Wrong bill")
    WAITING = "waiting", _("Kept waiting")
    COURTESY = "courtesy", _("Not courteous")
    MIX_UP = "mix_up", _("Mix-up")
    DIGITAL = "digital", _("Website or app")
    OTHER = "other", _("Something else")


class Severity(models.IntegerChoices):
    """How much it weighed on the customer."""

    SLIGHT = 1, _("Slight")
    REAL = 2, _("Real")
    SERIOUS = 3, _("Serious")


class LetterState(models.TextChoices):
    """Where a letter is on its way out.

    queued → sending → sent, refused or uncertain. A suppressed letter never left: the address was blocked, or
    the reason for writing had gone by the time it was due.
    """

    QUEUED = "queued", _("Waiting to go")
    SENDING = "sending", _("On its way")
    SENT = "sent", _("Sent")
    REFUSED = "refused", _("Refused by the other side")
    UNCERTAIN = "uncertain", _("Not known whether it arrived")
    SUPPRESSED = "suppressed", _("Held back")


class LetterEventKind(models.TextChoices):
    """What happened to a letter on its way, and afterwards."""

    PUT_OFF = "put_off", _("Put off")
    SENT = "sent", _("Taken by the mail server")
    REFUSED = "refused", _("Refused")
    UNCERTAIN = "uncertain", _("Became uncertain")
    HELD_BACK = "held_back", _("Held back")
    CONFIRMED = "confirmed", _("Settled: it was delivered")
    SENT_AGAIN = "sent_again", _("Settled: to be sent again")
    DELAYED = "delayed", _("Delayed on the way")
    BOUNCED = "bounced", _("Came back")
    COMPLAINED = "complained", _("Called junk by the reader")


class SuppressionReason(models.TextChoices):
    """Why we do not write to an address."""

    UNSUBSCRIBED = "unsubscribed", _("They asked us not to write")
    REFUSED = "refused", _("Their server refused for good")
    BOUNCED = "bounced", _("Letters to it came back")
    COMPLAINED = "complained", _("They called a letter of ours junk")
    BY_HAND = "by_hand", _("A colleague entered it")

    @classmethod
    def wishes(cls) -> "tuple[SuppressionReason, ...]":
        """Those that the reader of our letters gave, and not a mail server or we."""
        return (cls.UNSUBSCRIBED, cls.COMPLAINED)


class PromiseStepKind(models.TextChoices):
    """What happened to a promise on its way."""

    REMINDED = "reminded", _("Reminded")
    TOLD_LATE = "told_late", _("Told that it is late")
    HANDED_OVER = "handed_over", _("Handed over")
    OWNER_LEFT = "owner_left", _("Its owner has left")
    KEPT = "kept", _("Kept")
    BROKEN = "broken", _("Given up")
    MISTAKEN = "mistaken", _("Taken back: it was promised by mistake")


class DuplicateState(models.TextChoices):
    """What was said of two customers who may be one."""

    OPEN = "open", _("Not looked at yet")
    DIFFERENT = "different", _("Not the same")
    MERGED = "merged", _("Merged")


class MergeDeed(models.TextChoices):
    """What a merging did to rows."""

    MOVED = "moved", _("Moved")
    LEFT = "left", _("Left, since the other has the same")
    CHANGED = "changed", _("Changed")
    ADDED = "added", _("Added")


class Anybody(enum.Enum):
    """Whoever it is: not a colleague, and not nobody either."""

    ANYBODY = "anybody"
