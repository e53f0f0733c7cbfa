"""Giving: a gesture becomes a fact, a line of the ledger and perhaps a letter, all in one transaction, and once."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from customers.models import Customer, Gesture, Interaction
from customers.selectors.mistakes import may_take_back
from customers.services.fields import cents
from customers.services.gestures import record_gesture
from feedback.enums import Entry
from feedback.giving_letter import Reply
from feedback.models import GestureKind, GestureRequest, GivingEntry
from feedback.selectors.giving import kinds_of_tier, tier_of
from feedback.services.giving_budgets import book, book_back
from feedback.services.giving_letters import confirm

if TYPE_CHECKING:
    from portal.models import User

LONGEST_WORDS = 200


@dataclass(frozen=True, slots=True)
class Given:
    """A gesture; whether it was given now or just before; what became of the letter, where one was wanted."""

    gesture: Gesture
    is_new: bool
    letter: Reply | None


@transaction.atomic
def give_gesture(
    *,
    customer: Customer,
    kind: GestureKind,
    by: "User",
    cost: Decimal | None = None,
    words: str = "",
    writes_letter: bool = False,
    interaction: Interaction | None = None,
    external_id: str | None = None,
) -> Given:
    """Give a gesture out of one's own month. Without `cost`, in the house's currency, it costs what it usually does.

    The same press twice is one gesture: by its number (`external_id`), else as `record_gesture` says.

    Raises:
        TooMuch: it has to be asked for.
        Conflict: that number is recorded already and says something else.
        ValidationError: it is not for this customer (any more), costs too much for what it is, or may not be given.
    """
    cost, words = check_terms(customer=customer, kind=kind, by=by, cost=cost, words=words)
    return give(
        customer=customer,
        kind=kind,
        cost=cost,
        words=words,
        payer=by,
        giver=by,
        writes_letter=writes_letter,
        interaction=interaction,
        external_id=external_id,
    )


def check_terms(
    *, customer: Customer, kind: GestureKind, by: "User", cost: Decimal | None, words: str
) -> tuple[Decimal, str]:
    """Return cost and words as they will be written.

    Raises:
        ValidationError: by field; the kind is out of use, for other tiers, or costs too much; the words are too many.
    """
    faults: dict[str, str] = {}
    if not by.has_perm("feedback.add_givingentry"):
        raise ValidationError(_("Your role gives no gestures."))
    tier = tier_of(customer=customer)
    # Asked of the database: the page may have been open for an hour.
    if not kinds_of_tier(tier.pk if tier else None).filter(pk=kind.pk).exists():
        faults["kind"] = _("This gesture is not offered to them any more. Please choose another one.")
    cost = kind.usual_cost if cost is None else cents("cost", cost)
    if cost < 0:
        faults["cost"] = _("What a gesture costs cannot be below zero.")
    elif cost > kind.highest_cost:
        faults["cost"] = _("%(kind)s may not cost so much.") % {"kind": kind.name}
    words = " ".join(words.split())
    if len(words) > LONGEST_WORDS:
        faults["words"] = _("Please say it in at most %(limit)d characters.") % {"limit": LONGEST_WORDS}
    if faults:
        raise ValidationError(faults)
    return cost, words


def give(
    *,
    customer: Customer,
    kind: GestureKind,
    cost: Decimal,
    words: str,
    payer: "User",
    giver: "User",
    writes_letter: bool,
    interaction: Interaction | None,
    external_id: str | None,
    request: GestureRequest | None = None,
) -> Given:
    """Record, book and confirm a gesture whose terms hold. `payer`: whose month it comes out of."""
    gesture, is_new = record_gesture(
        customer=customer,
        what=f"{kind.name}: {words}" if words else kind.name,
        cost=cost,
        interaction=interaction,
        external_id=external_id,
        by=giver,
    )
    if not is_new:
        return Given(gesture, False, None)
    book(gesture=gesture, kind=kind, payer=payer, by=payer, tier=tier_of(customer=customer), request=request)
    return Given(gesture, True, confirm(gesture=gesture, kind=kind, by=giver) if writes_letter else None)


@transaction.atomic
def take_back(*, gesture: Gesture, by: "User", words: str = "") -> bool:
    """Take back what was given by mistake: it costs nothing any more, and the ledger books the reverse.

    Return False where it was taken back before. A letter that has not left yet does not leave.

    Raises:
        ValidationError: it did not come out of a budget, or it is not for this colleague to take back (any more).
    """
    locked = Gesture.objects.select_for_update(no_key=True).get(pk=gesture.pk)
    entry = GivingEntry.objects.filter(gesture=locked, entry=Entry.GIVEN).select_related("gesture", "kind").first()
    if entry is None:
        raise ValidationError(_("This gesture was not given from here."))
    if locked.taken_back_at is not None:
        return False
    if not _may_take_back(locked, by):
        raise ValidationError(_("Only whoever gave it, within a day, or a lead can take it back."))
    book_back(entry=entry, by=by, words=" ".join(words.split())[:LONGEST_WORDS])
    Gesture.objects.filter(pk=locked.pk).update(cost=0, taken_back_at=Now())
    return True


def _may_take_back(gesture: Gesture, by: "User") -> bool:
    mine, all_of_them = "feedback.add_givingentry", "feedback.change_gesturerequest"
    return may_take_back(by=by, whose=gesture.given_by_id, at=gesture.given_at, own=mine, anybodys=all_of_them)
