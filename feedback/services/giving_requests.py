"""Asking for a gesture that is more than one may give, and the answer: given once, by whoever is first."""

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from customers.models import Customer, Interaction
from customers.selectors.clock import database_now
from customers.selectors.merged import survivor
from feedback.enums import RequestState
from feedback.models import GestureKind, GestureRequest
from feedback.services.giving import LONGEST_WORDS, Given, check_terms, give

if TYPE_CHECKING:
    from portal.models import User

# Who has no answer after this long should tell the customer something else.
ANSWER_WITHIN = timedelta(hours=48)
_ONE_OPEN = "gesturerequest_one_open"
_BATCH = 500


@transaction.atomic
def ask_for_gesture(
    *,
    customer: Customer,
    kind: GestureKind,
    by: "User",
    cost: Decimal | None = None,
    words: str = "",
    writes_letter: bool = False,
    interaction: Interaction | None = None,
) -> tuple[GestureRequest, bool]:
    """Ask a lead, and return the request with True; or the one that is open for this customer and kind, with False.

    Raises:
        ValidationError: the terms do not hold (see `check_terms`), or nothing is said about what it is for.
    """
    cost, words = check_terms(customer=customer, kind=kind, by=by, cost=cost, words=words)
    if not words:
        raise ValidationError({"words": _("Say what it is for: whoever is asked was not here.")})
    if interaction is not None and interaction.customer_id != customer.pk:
        raise ValidationError({"interaction": _("This contact is another customer's.")})
    now = database_now()
    waiting = GestureRequest.objects.open().filter(customer=customer, kind=kind)
    if known := waiting.first():
        return known, False
    try:
        with transaction.atomic():
            request = GestureRequest.objects.create(
                customer=customer,
                kind=kind,
                cost=cost,
                reason=words,
                writes_letter=writes_letter,
                interaction=interaction,
                agent=by,
                asked_at=now,
                lapses_at=now + ANSWER_WITHIN,
            )
    except IntegrityError as error:
        if _ONE_OPEN not in str(error):
            raise
        # Somebody was faster, perhaps for whom this customer was merged into a moment ago.
        who = survivor(Customer.objects.get(pk=customer.pk))
        return GestureRequest.objects.open().get(customer=who, kind=kind), False
    return request, True


@transaction.atomic
def grant_request(*, request: GestureRequest, by: "User", words: str = "") -> Given | None:
    """Give what was asked for, out of the month of whoever grants it; None where it is answered already.

    Raises:
        TooMuch: it is more than the lead may give.
        ValidationError: it is not for them to answer, the kind is out of use, or a budget of the house is spent.
    """
    locked = _lock(request, by)
    if locked is None:
        return None
    if not locked.kind.is_active:
        raise ValidationError(_("This gesture is not offered any more. Please decline it."))
    given = give(
        customer=locked.customer,
        kind=locked.kind,
        cost=locked.cost,
        words=locked.reason,
        payer=by,
        # Whoever has left gives nothing.
        giver=locked.agent if locked.agent.is_active else by,
        writes_letter=locked.writes_letter,
        interaction=locked.interaction,
        external_id=f"request-{locked.pk}",
        request=locked,
    )
    locked.gesture = given.gesture
    _answer(locked, RequestState.GRANTED, by, words)
    return given


@transaction.atomic
def decline_request(*, request: GestureRequest, by: "User", words: str = "") -> bool:
    """Say no; return False where it is answered already.

    Raises:
        ValidationError: it is not for them to answer.
    """
    locked = _lock(request, by)
    if locked is None:
        return False
    _answer(locked, RequestState.DECLINED, by, words)
    return True


@transaction.atomic
def withdraw_request(*, request: GestureRequest, by: "User") -> bool:
    """Take a request of one's own away; return False where it is answered already.

    Raises:
        ValidationError: it is somebody else's.
    """
    locked = _of(request)
    if locked.agent_id != by.pk:
        raise ValidationError(_("This is a colleague’s request. Only they can withdraw it."))
    if locked.state != RequestState.OPEN:
        return False
    _answer(locked, RequestState.WITHDRAWN, by, "")
    return True


@transaction.atomic
def lapse_requests(*, limit: int = _BATCH) -> int:
    """Close the requests that nobody answered in time; return how many."""
    late = GestureRequest.objects.open().filter(lapses_at__lte=Now()).order_by("lapses_at")
    found = list(late.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True)[:limit])
    return GestureRequest.objects.filter(pk__in=found).update(state=RequestState.LAPSED, answered_at=Now())


def _of(request: GestureRequest) -> GestureRequest:
    """Return a request, locked: of two who answer at once the second one waits here."""
    known = GestureRequest.objects.select_related("customer", "kind", "agent", "interaction")
    return known.select_for_update(no_key=True, of=("self",)).get(pk=request.pk)


def _lock(request: GestureRequest, by: "User") -> GestureRequest | None:
    """Return a request that this colleague may answer, locked; None where it is answered already."""
    locked = _of(request)
    if not GestureRequest.objects.answerable_by(by).filter(pk=request.pk).exists():
        raise ValidationError(_("This request is for somebody else to answer."))
    return locked if locked.state == RequestState.OPEN else None


def _answer(locked: GestureRequest, state: RequestState, by: "User", words: str) -> None:
    locked.state, locked.answered_by, locked.answered_at = state, by, database_now()
    locked.answer = " ".join(words.split())[:LONGEST_WORDS]
    locked.save(update_fields=["state", "answered_by", "answered_at", "answer", "gesture"])
