"""One person in several roles: each self is a customer of its own, and a person holds them together.

Orders, value and tier stay with the self that they are about. Who did what is kept with the customer's history.
"""

from typing import TYPE_CHECKING

import pghistory
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from customers.enums import Capacity, DuplicateState
from customers.models import Consent, ContactPoint, Customer, Duplicate, Erasure, Person
from customers.services.people import build_customer, index_names
from customers.texts import tidy

if TYPE_CHECKING:
    from portal.models import User

# What a new self has from the one that it was opened from; since when they are with us is each self's own.
_SAME = (
    *("full_name", "given_name", "family_name", "known_as", "say_as", "pronouns"),
    *("language", "country", "city", "time_zone"),
)
# The constraint that knows which roles of a person are taken.
ONCE = "customer_one_self_per_role"


@transaction.atomic
def link_selves(
    *, customer: Customer, other: Customer, capacity: str, firm: str = "", by: "User | None" = None
) -> tuple[Person, bool]:
    """Say that `other` is the same person in this role; return the person and whether that is new.

    `customer` keeps the role it has. What was thought of the two as duplicates is forgotten.

    Raises:
        ValidationError: the role does not hold or is taken, they are one customer, one of them was merged or
            forgotten, or `other` is somebody else already.
    """
    capacity, firm = clean_role(capacity=capacity, firm=firm)
    one, two = _locked(customer, other)
    if one.person_id is not None and one.person_id == two.person_id:
        assert one.person is not None  # noqa: S101 - narrows for the checker
        return one.person, False
    if two.person_id is not None:
        raise ValidationError(
            _("%(name)s is another person in several roles already. Take them out there first.")
            % {"name": two.full_name}
        )
    person = one.person or Person.objects.create()
    with pghistory.context(user=by.pk if by else None, source="selves"):
        if one.person_id is None:
            _give(one, person=person)
        _give(two, person=person, capacity=capacity, firm=firm)
    _forget_likeness(person)
    return person, True


@transaction.atomic
def unlink_self(*, customer: Customer, by: "User | None" = None) -> bool:
    """Say that this customer is nobody else's other self; return False where that was so.

    It keeps its role and everything that is its own. Where one self is left, that one stands alone as well.
    """
    found = Customer.objects.get(pk=customer.pk)
    if found.person_id is None:
        return False
    with pghistory.context(user=by.pk if by else None, source="selves"):
        return leave_person(found)


@transaction.atomic
def add_self(*, customer: Customer, capacity: str, firm: str = "", by: "User | None" = None) -> tuple[Customer, bool]:
    """Open a profile for the same person in another role; return it with True, or the one from before with False.

    It has the same names, language, place, phones and addresses. Every no of theirs holds here, too; a yes is asked
    for anew.

    Raises:
        ValidationError: the role does not hold or is the one that they have, or they were merged or forgotten.
    """
    capacity, firm = clean_role(capacity=capacity, firm=firm)
    (one,) = _locked(customer)
    same_role = Q(capacity=capacity, firm__iexact=firm)
    if one.person_id is not None:
        known = Customer.objects.filter(same_role, person=one.person_id).exclude(pk=one.pk).first()
        if known is not None:
            return known, False
    if one.capacity == capacity and one.firm.casefold() == firm.casefold():
        raise ValidationError({"capacity": _("That is the role in which they are here already.")})
    person = one.person or Person.objects.create()
    new = build_customer(source="house", external_id=None, **{name: getattr(one, name) for name in _SAME})
    new.person, new.capacity, new.firm = person, capacity, firm
    with pghistory.context(user=by.pk if by else None, source="selves"):
        if one.person_id is None:
            _give(one, person=person)
        new.save()
        _copy_points(one, new)
    _copy_refusals(one, new)
    index_names(customers=[new])
    new.refresh_from_db(fields=["created_at"])
    return new, True


@transaction.atomic
def change_role(*, customer: Customer, capacity: str, firm: str = "", by: "User | None" = None) -> bool:
    """Say in which role somebody is a customer; return False where that is what we know.

    Raises:
        ValidationError: the role does not hold, or another self of this person has it.
    """
    capacity, firm = clean_role(capacity=capacity, firm=firm)
    (one,) = _locked(customer)
    if (one.capacity, one.firm) == (capacity, firm):
        return False
    with pghistory.context(user=by.pk if by else None, source="selves"):
        _give(one, capacity=capacity, firm=firm)
    return True


def clean_role(*, capacity: str, firm: str) -> tuple[str, str]:
    """Return a role as it is stored.

    Raises:
        ValidationError: there is no such role, or the firm is missing, too long or too much, by the field's name.
    """
    try:
        firm = tidy(firm)
    except ValueError as error:
        raise ValidationError({"firm": [_(str(error))]}) from None
    if capacity not in Capacity.values:
        raise ValidationError({"capacity": [_("There is no such role.")]})
    if capacity == Capacity.FIRM and not firm:
        raise ValidationError({"firm": [_("Please name the firm.")]})
    if capacity != Capacity.FIRM and firm:
        raise ValidationError({"firm": [_("A firm is named for a buyer alone. Leave it empty, or choose that role.")]})
    Customer._meta.get_field("firm").run_validators(firm)
    return capacity, firm


def leave_person(customer: Customer) -> bool:
    """Take a customer out of their person, and the last one that is left with them; False where that was done."""
    selves = Customer.objects.filter(person=customer.person_id)
    # In order, so that two who leave at once do not block each other.
    locked = {one.pk for one in selves.select_for_update(no_key=True).order_by("pk")}
    if customer.pk not in locked:
        return False
    selves.filter(pk=customer.pk).update(person=None)
    left = list(selves.values_list("pk", flat=True)[:2])
    if len(left) == 1:
        selves.filter(pk=left[0]).update(person=None)
    return True


def _locked(*customers: Customer) -> list[Customer]:
    """Lock them in order, and return them as they are now, with nobody who cannot have another self.

    Whoever links two selves of one person waits for the other: that person's row is locked, too.
    """
    ids = [customer.pk for customer in customers]
    if len(set(ids)) < len(ids):
        raise ValidationError(_("That is one and the same customer already."))
    found = {one.pk: one for one in Customer.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")}
    if len(found) < len(ids) or any(one.merged_into_id for one in found.values()):
        raise ValidationError(_("One of them was merged into somebody else meanwhile. Open them again."))
    if Erasure.objects.filter(customer__in=ids).exists():
        raise ValidationError(_("They were forgotten at their wish, and are left alone."))
    persons = sorted({one.person_id for one in found.values() if one.person_id is not None})
    list(Person.objects.select_for_update().filter(pk__in=persons).order_by("pk"))
    return [found[pk] for pk in ids]


def _give(customer: Customer, **fields: object) -> None:
    """Change what a customer is in the person; the database knows which roles are taken."""
    try:
        with transaction.atomic():
            Customer.objects.filter(pk=customer.pk).update(**fields)
            if "firm" in fields:
                index_names(customers=[Customer.objects.get(pk=customer.pk)])
    except IntegrityError as error:
        if getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") != ONCE:
            raise
        raise ValidationError(
            {"capacity": [_("This person is here in that role already. Choose another one.")]}
        ) from None


def _forget_likeness(person: Person) -> None:
    """Selves are alike, and not the same customer."""
    selves = Customer.objects.filter(person=person)
    Duplicate.objects.filter(state=DuplicateState.OPEN, one__in=selves, other__in=selves).delete()


def _copy_points(old: Customer, new: Customer) -> None:
    points = ContactPoint.objects.filter(customer=old, is_active=True).order_by("pk")
    same = ("kind", "value", "normalised", "label", "is_preferred")
    ContactPoint.objects.bulk_create(
        [ContactPoint(customer=new, **{name: getattr(point, name) for name in same}) for point in points]
    )


def _copy_refusals(old: Customer, new: Customer) -> None:
    newest = Consent.objects.filter(customer=old).order_by("purpose", "-noted_at", "-pk").distinct("purpose")
    said = _("Said so in another role")
    Consent.objects.bulk_create(
        [Consent(customer=new, purpose=one.purpose, is_given=False, source=said) for one in newest if not one.is_given]
    )
