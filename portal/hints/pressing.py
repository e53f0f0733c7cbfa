"""Saying what became of a hint."""

from django.db import transaction

from portal.models import HintKind, HintOutcome, HintPress, HintShown, User
from tiers.models import Perk
from tiers.services.perks import note_perk_use, take_back_perk_use


@transaction.atomic
def press_hint(*, shown: HintShown, outcome: str, by: User) -> bool:
    """Note what a colleague says of a hint; return False where that stands already.

    The newest word stands. A perk that was made use of is noted as used, and a slip of the hand takes that back.
    """
    # Locked, so that of two words at once the one that was written last is the one that stands.
    shown = HintShown.objects.select_for_update(of=("self",)).select_related("interaction").get(pk=shown.pk)
    if outcome == (shown.outcome or HintOutcome.TAKEN_BACK):
        return False
    HintPress.objects.create(shown=shown, outcome=outcome, by=by)
    if shown.kind == HintKind.PERK:
        _note_perk(shown, is_used=outcome == HintOutcome.USED, by=by)
    return True


def _note_perk(shown: HintShown, *, is_used: bool, by: User) -> None:
    perk = Perk.objects.filter(pk=int(shown.key.partition(":")[2])).first()
    if perk is None:
        return
    if is_used:
        note_perk_use(interaction=shown.interaction, perk=perk, by=by)
    else:
        take_back_perk_use(interaction=shown.interaction, perk=perk)
