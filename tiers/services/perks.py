"""Noting that a perk was made use of."""

from typing import TYPE_CHECKING

from customers.models import Interaction
from tiers.models import Perk, PerkUse

if TYPE_CHECKING:
    from portal.models import User


def note_perk_use(*, interaction: Interaction, perk: Perk, by: "User | None" = None) -> bool:
    """Note that a customer made use of a perk in a contact; return False where that was noted before."""
    defaults = {"customer_id": interaction.customer_id, "what": perk.text, "noted_by": by}
    return PerkUse.objects.get_or_create(interaction=interaction, perk=perk, defaults=defaults)[1]


def take_back_perk_use(*, interaction: Interaction, perk: Perk) -> bool:
    """Take a note of use back, as a slip of the hand; return False where there is none."""
    return bool(PerkUse.objects.filter(interaction=interaction, perk=perk).delete()[0])
