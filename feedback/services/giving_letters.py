"""Confirming a gesture by a letter, and letting the letter go only while it is true."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from customers.enums import ConsentPurpose
from customers.exceptions import HoldBack
from customers.models import Consent, Customer, Gesture, Letter
from customers.services.letters import queue_letter
from feedback.enums import Confirming, Entry
from feedback.giving_letter import GESTURE, Reply, write_gesture
from feedback.models import GestureKind, GivingEntry
from feedback.selectors.reaching import addresses_of

if TYPE_CHECKING:
    from portal.models import User


def confirm(*, gesture: Gesture, kind: GestureKind, by: "User") -> Reply:
    """Queue the letter of a gesture, once, in the transaction that gives it; or say why none is written.

    A letter that is a part of our service asks for no consent; one about a treat does not go to those who want no
    news or offers. None goes to a suppressed address.
    """
    customer = gesture.customer
    if kind.confirming == Confirming.NEVER:
        return Reply.NOT_FOR_THIS_KIND
    if kind.confirming == Confirming.TREAT and _wants_no_news(customer):
        return Reply.NO_CONSENT
    address = addresses_of([customer.pk])[0].get(customer.pk)
    if address is None:
        return Reply.NO_ADDRESS
    written = write_gesture(customer=customer, kind=kind, by=by)
    queue_letter(
        customer=customer,
        kind=GESTURE,
        subject_key=str(gesture.pk),
        to_address=address,
        language=written.language,
        subject=written.subject,
        text=written.text,
        html=written.html,
        headers=written.headers,
    )
    return Reply.WRITTEN


def seal_gesture(letter: Letter) -> dict[str, str]:
    """Look once more as the letter leaves; it carries no links.

    Raises:
        HoldBack: the gesture was taken back, or they have asked for no news or offers since.
    """
    entry = GivingEntry.objects.select_related("gesture__customer", "kind").get(
        gesture=int(letter.subject_key), entry=Entry.GIVEN
    )
    if entry.gesture.taken_back_at is not None:
        raise HoldBack(_("The gesture was taken back"))
    if entry.kind.confirming == Confirming.TREAT and _wants_no_news(entry.gesture.customer):
        raise HoldBack(_("They want no news or offers"))
    return {}


def _wants_no_news(customer: Customer) -> bool:
    words = Consent.objects.filter(customer=customer, purpose=ConsentPurpose.MARKETING).order_by("-noted_at", "-pk")
    return words.values_list("is_given", flat=True).first() is False
