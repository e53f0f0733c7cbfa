"""Writing down which hints stood on a page."""

from typing import TYPE_CHECKING

from django.db import connection

from customers.models import Interaction
from portal.models import HintShown

if TYPE_CHECKING:
    from portal.contact.contact import Contact

_HINT = "(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
_NOTE = """
    INSERT INTO portal_hintshown
        (interaction_id, customer_id, key, kind, situation, rank, score, propensity, seed, text)
    VALUES {rows}
    ON CONFLICT (interaction_id, key) DO NOTHING
"""


def note_hints(contact: "Contact") -> None:
    """Leave a line for each hint that is new on the page of an open contact (1 query, none where nothing is new)."""
    talk, hints = contact.talk, contact.hints
    new = [hint for hint in hints.shown if hint.is_new] if talk and hints else []
    if talk is None or hints is None or not new:
        return
    values: list[int | str | float] = []
    chances = hints.chances()
    for hint in new:
        values += [talk.pk, contact.customer.pk, hint.key, hint.kind, hints.situation.value, hint.rank]
        values += [hint.choice.score, chances[hint.kind, hint.choice.place], hints.seed, hint.text]
    with connection.cursor() as cursor:
        cursor.execute(_NOTE.format(rows=", ".join([_HINT] * len(new))), values)


def note_hint(*, contact: "Contact", interaction: Interaction, key: str) -> bool:
    """Note that one of the hints stood before somebody in an interaction; False where it is not among them."""
    hints = contact.hints
    found = next((hint for hint in hints.shown if hint.key == key), None) if hints else None
    if hints is None or found is None:
        return False
    row = HintShown(
        interaction=interaction,
        customer_id=interaction.customer_id,
        key=key,
        kind=found.kind,
        situation=hints.situation,
        rank=found.rank,
        score=found.choice.score,
        propensity=hints.chances()[found.kind, found.choice.place],
        seed=hints.seed,
        text=found.text,
    )
    HintShown.objects.bulk_create([row], ignore_conflicts=True)
    return True
