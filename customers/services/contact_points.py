"""How customers can be reached, and where we no longer write."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pghistory
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from customers.addresses import compared, normalise_email
from customers.enums import ContactKind, LetterEventKind, LetterState
from customers.exceptions import NotAnAddress, NotDialable
from customers.models import ContactPoint, Customer, Erasure, Letter, LetterEvent, LiftedSuppression, Suppression
from customers.phones import normalise_phone
from customers.texts import tidy

if TYPE_CHECKING:
    from portal.models import User


@transaction.atomic
def add_contact_point(
    *, customer: Customer, kind: str, value: str, region: str = "", label: str = "", is_preferred: bool = False
) -> tuple[ContactPoint, bool]:
    """Add a phone, an address or a handle and return it with True, or the same one from before with False.

    `region` is the country whose national notation a phone number is in, by default the customer's. Asked for as the
    preferred one, it takes that place from the one that has it.

    Raises:
        NotDialable, NotAnAddress: it cannot be a phone number, or an address.
        ValidationError: they were forgotten, or something else does not hold.
    """
    point = build_contact_point(customer=customer, kind=kind, value=value, region=region, label=label)
    # Two colleagues may add the same number at once, and only one point of a kind is preferred.
    Customer.objects.select_for_update(no_key=True).only("pk").get(pk=customer.pk)
    if Erasure.objects.filter(customer=customer).exists():
        raise ValidationError(_("They were forgotten at their wish, and are left alone."))
    active = ContactPoint.objects.filter(customer=customer, kind=kind, is_active=True)
    known = active.filter(normalised=point.normalised).first()
    if is_preferred:
        active.filter(is_preferred=True).exclude(normalised=point.normalised).update(is_preferred=False)
    if known is None:
        point.is_preferred = is_preferred
        point.save()
        return point, True
    if is_preferred and not known.is_preferred:
        known.is_preferred = True
        known.save(update_fields=["is_preferred"])
    return known, False


@transaction.atomic
def prefer_contact_point(*, point: ContactPoint, by: "User | None" = None) -> bool:
    """Use this one of its kind before the others; return False where that was so, or where it is not theirs."""
    Customer.objects.select_for_update(no_key=True).only("pk").get(pk=point.customer_id)
    active = ContactPoint.objects.filter(customer=point.customer_id, kind=point.kind, is_active=True)
    if not active.filter(pk=point.pk, is_preferred=False).exists():
        return False
    with pghistory.context(user=by.pk if by else None, source="profile"):
        active.filter(is_preferred=True).update(is_preferred=False)
        active.filter(pk=point.pk).update(is_preferred=True)
    return True


@transaction.atomic
def retire_contact_point(*, point: ContactPoint, by: "User | None" = None) -> bool:
    """Say that a number or an address is not theirs; return False where that was said before.

    It is kept, with who said so, and no import brings it back. Letters to them that wait to go there do not leave.
    """
    with pghistory.context(user=by.pk if by else None, source="profile"):
        if not ContactPoint.objects.filter(pk=point.pk, is_active=True).update(is_active=False):
            return False
    if point.kind == ContactKind.EMAIL:
        _hold_back_letters(point.customer_id, {point.normalised})
    return True


def hold_back_strays(*, customer_id: int, other_id: int) -> None:
    """Let letters to a customer that wait to go to an address of another one alone not leave."""
    points = ContactPoint.objects.filter(kind=ContactKind.EMAIL, is_active=True)
    others = set(points.filter(customer=other_id).values_list("normalised", flat=True))
    own = points.filter(customer=customer_id).values_list("normalised", flat=True)
    _hold_back_letters(customer_id, others.difference(own))


def _hold_back_letters(customer_id: int, addresses: set[str]) -> None:
    why = _("The address is not theirs.")
    waiting = Letter.objects.select_for_update(no_key=True).filter(customer=customer_id, state=LetterState.QUEUED)
    for letter in waiting.order_by("pk"):
        if compared(letter.to_address) in addresses:
            Letter.objects.filter(pk=letter.pk).update(state=LetterState.SUPPRESSED, reply=why)
            LetterEvent.objects.create(letter=letter, kind=LetterEventKind.HELD_BACK, words=why)


def build_contact_point(
    *, customer: Customer, kind: str, value: str, region: str = "", label: str = ""
) -> ContactPoint:
    """Return a contact point that is not saved yet, checked and brought to the form in which it is compared.

    Raises:
        NotDialable, NotAnAddress: it cannot be a phone number, or an address.
        ValidationError: something else does not hold.
    """
    try:
        value, label = tidy(value), tidy(label)
    except ValueError as error:
        raise ValidationError(_(str(error))) from None
    point = ContactPoint(
        customer=customer,
        kind=kind,
        value=value,
        normalised=_normalised(kind, value, region or customer.country),
        label=label,
    )
    point.clean_fields(exclude=["customer"])
    return point


def choose_preferred(*, points: Sequence[ContactPoint], having: set[str]) -> None:
    """Make the first point of each kind the preferred one, except for kinds that have one already. Saves nothing."""
    having = set(having)
    for point in points:
        point.is_preferred = point.kind not in having
        having.add(point.kind)


def suppress_address(*, address: str, reason: str, detail: str = "") -> bool:
    """Write no more letters to an address; return False where that was so already (its first reason stays).

    Raises:
        NotAnAddress: it cannot be an address.
        ValidationError: the reason is not one of `SuppressionReason`.
    """
    suppression = Suppression(
        address=_normalised(ContactKind.EMAIL, address, ""), reason=reason, detail=" ".join(detail.split())[:500]
    )
    suppression.clean_fields()
    if Suppression.objects.filter(address=erased_form(suppression.address)).exists():
        return False
    return Suppression.objects.get_or_create(
        address=suppression.address, defaults={"reason": reason, "detail": suppression.detail}
    )[1]


@transaction.atomic
def lift_suppression(*, suppression: Suppression, why: str, by: "User | None" = None) -> bool:
    """Let letters go to an address again; return False where somebody has lifted it meanwhile.

    What had stood there is kept, with who lifted it and why. Letters that were held back stay so, and whether the
    customer may be asked is a consent of its own.

    Raises:
        ValidationError: there is no reason, or it is too long.
    """
    held = Suppression.objects.select_for_update().filter(pk=suppression.pk).first()
    if held is None:
        return False
    try:
        why = tidy(why)
    except ValueError as error:
        raise ValidationError({"why": _(str(error))}) from None
    lifted = LiftedSuppression(
        address=held.address, reason=held.reason, detail=held.detail, suppressed_at=held.created_at, by=by, why=why
    )
    lifted.clean_fields(exclude=["by"])
    lifted.save()
    held.delete()
    return True


def erased_form(address: str) -> str:
    """Return what is kept of a suppressed address whose owner was forgotten: a keyed digest.

    It tells whether an address is that one, and leads back to none without the house's secret key.
    """
    return "erased:" + salted_hmac("customers.suppression", address, algorithm="sha256").hexdigest()


def _normalised(kind: str, value: str, region: str) -> str:
    if kind == ContactKind.PHONE:
        try:
            return normalise_phone(value, region or settings.HOUSE_COUNTRY)
        except ValueError as error:
            raise NotDialable(_(str(error))) from None
    if kind == ContactKind.EMAIL:
        try:
            return normalise_email(value)
        except ValueError as error:
            raise NotAnAddress(_("This is not an email address. %(why)s") % {"why": _(str(error))}) from None
    return value.casefold()
