"""What was asked about a contact, where two customers who had become one are parted: it goes with the contact.

The database holds that an invitation, its contact and its letter are one customer's, so what was written since the
merging cannot stay behind where the contact goes back.
"""

from django.db.models import Q

from customers.enums import MergeDeed
from customers.models import Interaction, Letter, Merge
from customers.services.merges import Settler
from feedback.models import Invitation, Recovery

_CONTACT = Interaction._meta.label_lower


def part_letters(merge: Merge) -> None:
    """Give along the letters that were written since: their invitations may go back with the contact."""
    talks = _contacts(merge)
    about = (
        Q(invitation__interaction__in=talks)
        | Q(reminded__interaction__in=talks)
        | Q(put_right__recovery__answer__invitation__interaction__in=talks)
    )
    mine = Letter.objects.filter(about, customer=merge.survivor_id).values("pk")
    Letter.objects.filter(pk__in=mine).update(customer=merge.absorbed_id)


def restore_asked(merge: Merge) -> None:
    """Give along what was done about the contacts since, and the amends that an answer led to."""
    talks = _contacts(merge)
    asked = Invitation.objects.filter(customer=merge.survivor_id, interaction__in=talks)
    asked.update(customer=merge.absorbed_id)
    amends = Recovery.objects.filter(customer=merge.survivor_id, answer__invitation__interaction__in=talks)
    Recovery.objects.filter(pk__in=amends.values("pk")).update(customer=merge.absorbed_id)


def _contacts(merge: Merge) -> list[int]:
    """Return the contacts that the merging moved."""
    moved = merge.steps.filter(deed=MergeDeed.MOVED, table=_CONTACT).values_list("rows", flat=True)
    return [int(row) for rows in moved for row in rows]


SETTLER = Settler(part=part_letters, restore=restore_asked)
