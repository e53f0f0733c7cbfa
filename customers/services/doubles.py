"""Facts that cannot stand twice when two customers become one, and tables whose rows are not moved."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Greatest, Now
from django.utils.translation import gettext as _

from customers.enums import Capacity, ConsentPurpose
from customers.models import Consent, ContactPoint, Customer, Interaction, Merge, Preference, Rating
from customers.services.merges import Settler
from customers.services.moving import change_row
from customers.services.selves import ONCE

STAYING = {
    "customers.customer": "who was merged before goes on leading to whom they were merged into",
    "customers.erasure": "a forgotten customer is not merged",
    "customers.merge": "the record of mergings itself",
    "customers.duplicate": "what was said of two rows is about these two",
    "customers.blockkey": "derived: made anew when duplicates are looked for",
    "customers.unlooked": "derived: a note that a look is due",
    "customers.touch": "derived: a note that a reckoning is due",
}


def settle_facts(merge: Merge) -> None:
    """Settle what the survivor has too: the preferred way to be reached, the open contact, what the business said."""
    _keep_selves(merge)
    _keep_one_preferred(merge)
    _keep_one_talk_open(merge)
    _keep_newest_ratings(merge)
    _let_go_after_a_no(merge)


def _keep_selves(merge: Merge) -> None:
    """The survivor is whichever self the absorbed was, and the absorbed none any more.

    Where both are selves, of two people who turn out to be one, the other selves come along. A role that nobody said
    (for themselves) gives way to one that somebody did.

    Raises:
        ValidationError: that person would be here in one role twice.
    """
    both = Customer.objects.in_bulk([merge.survivor_id, merge.absorbed_id])
    survivor, absorbed = both[merge.survivor_id], both[merge.absorbed_id]
    person = survivor.person or absorbed.person
    if person is None and survivor.capacity == absorbed.capacity:
        return
    role = {}
    if survivor.capacity == Capacity.PRIVATE and absorbed.capacity != Capacity.PRIVATE and survivor.person is None:
        role = {"capacity": absorbed.capacity, "firm": absorbed.firm}
    others = Customer.objects.none()
    if absorbed.person_id is not None and absorbed.person != person:
        others = Customer.objects.select_for_update(no_key=True).filter(person=absorbed.person_id)
        others = others.exclude(pk=absorbed.pk).order_by("pk")
    try:
        with transaction.atomic():
            change_row(merge=merge, row=absorbed, person=None)
            change_row(merge=merge, row=survivor, person=person, **role)
            for one in others:
                change_row(merge=merge, row=one, person=person)
    except IntegrityError as error:
        if getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") != ONCE:
            raise
        raise ValidationError(
            _("Then this person would be here twice in one role. Merge these two first, or take one of them out.")
        ) from None


def _keep_one_preferred(merge: Merge) -> None:
    preferred = ContactPoint.objects.filter(is_active=True, is_preferred=True)
    taken = set(preferred.filter(customer=merge.survivor_id).values_list("kind", flat=True))
    for point in preferred.filter(customer=merge.absorbed_id, kind__in=taken).order_by("pk"):
        change_row(merge=merge, row=point, is_preferred=False)


def _keep_one_talk_open(merge: Merge) -> None:
    """A colleague who has a contact open with each goes on with the newer one; the older one has ended by itself."""
    talks = Interaction.objects.open().exclude(agent=None)
    theirs = {talk.agent_id: talk for talk in talks.filter(customer=merge.absorbed_id)}
    for mine in talks.filter(customer=merge.survivor_id, agent__in=theirs).order_by("pk"):
        older = min(mine, theirs[mine.agent_id], key=lambda talk: (talk.opened_at, talk.pk))
        change_row(merge=merge, row=older, closed_at=Now(), closed_itself=True)


def _keep_newest_ratings(merge: Merge) -> None:
    theirs = {rating.kind: rating for rating in Rating.objects.filter(customer=merge.absorbed_id)}
    for mine in Rating.objects.filter(customer=merge.survivor_id, kind__in=theirs).order_by("pk"):
        newer = theirs[mine.kind]
        if newer.as_of > mine.as_of:
            change_row(merge=merge, row=mine, value=newer.value, source=newer.source, as_of=newer.as_of)


def _let_go_after_a_no(merge: Merge) -> None:
    """Of what both said the newest stands; where that is a no, nothing sensitive of either is kept."""
    both = (merge.survivor_id, merge.absorbed_id)
    said = Consent.objects.filter(customer__in=both, purpose=ConsentPurpose.SPECIAL).order_by("-noted_at", "-pk")
    newest = said.first()
    if newest is not None and not newest.is_given:
        for kept in Preference.objects.live().filter(customer__in=both).exclude(category="").order_by("pk"):
            change_row(merge=merge, row=kept, retired_at=Greatest(Now(), F("noted_at")))


def restore_facts(merge: Merge) -> None:
    """Let go of what is sensitive where only the other one has agreed to it: it was noted while they were one."""
    for customer in (merge.survivor_id, merge.absorbed_id):
        said = Consent.objects.filter(customer=customer, purpose=ConsentPurpose.SPECIAL).order_by("-noted_at", "-pk")
        newest = said.first()
        if newest is None or not newest.is_given:
            kept = Preference.objects.live().filter(customer=customer).exclude(category="")
            kept.update(retired_at=Greatest(Now(), F("noted_at")))


SETTLER = Settler(settle=settle_facts, restore=restore_facts)
