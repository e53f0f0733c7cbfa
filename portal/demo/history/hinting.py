"""Hints of the past, and what colleagues said of them: enough to see on the page of hints how such things are learned.

Nothing was drawn for them; what was shown and pressed is invented with a seed of its own.
"""

from random import Random

from customers.enums import Channel
from portal.demo.cast import SEED
from portal.demo.history.contacts import Contact
from portal.models import HintKind, HintOutcome, HintPress, HintShown
from portal.models.hint import MOST

# Text of the hint, and the share that was made use of while we owed something, had cause to celebrate, or neither.
_KINDS: dict[HintKind, tuple[str, float, float, float]] = {
    HintKind.GESTURE: ("Make it good with a small gesture", 0.55, 0.40, 0.25),
    HintKind.PLAN_B: ("Offer another one meanwhile", 0.60, 0.30, 0.30),
    HintKind.PREFERENCE: ("As they like it", 0.45, 0.60, 0.70),
    HintKind.PERK: ("Remind them of a perk", 0.15, 0.45, 0.30),
    HintKind.SERVICE: ("Offer to label the pieces", 0.05, 0.25, 0.20),
}
_MOODS = ("owed", "celebration", "quiet")
_WEIGHTS = (0.3, 0.1, 0.6)
_WRITTEN = {Channel.EMAIL, Channel.CHAT, Channel.WEB}
# Of those not made use of: so many were said to be not relevant, so few to be wrong; the rest nobody spoke of.
_NOT_RELEVANT, _WRONG = 0.5, 0.05


def write_hints(contacts: list[Contact]) -> None:
    """Write three hints for each past contact."""
    random = Random(f"{SEED}:hints")
    hints = [_of_contact(random, contact) for contact in contacts]
    HintShown.objects.bulk_create(hint for some in hints for hint in some)
    HintPress.objects.bulk_create(
        HintPress(shown=hint, outcome=hint.outcome, by=hint.interaction.agent, pressed_at=contact.closed_at)
        for contact, some in zip(contacts, hints, strict=True)
        for hint in some
        if hint.outcome
    )


def _of_contact(random: Random, contact: Contact) -> list[HintShown]:
    interaction = contact.interaction
    (mood,) = random.choices(_MOODS, _WEIGHTS)
    manner = "written" if interaction.channel in _WRITTEN else "spoken"
    hints = []
    for rank, kind in enumerate(random.sample(list(_KINDS), MOST), 1):
        text, *shares = _KINDS[kind]
        hints.append(
            HintShown(
                interaction=interaction,
                customer=contact.known.customer,
                key=f"demo:{kind}",
                kind=kind,
                situation=f"{mood}-{manner}",
                rank=rank,
                score=random.random(),
                propensity=MOST / len(_KINDS),
                seed="demo",
                text=text,
                outcome=_outcome(random, shares[_MOODS.index(mood)]),
                shown_at=interaction.opened_at,
            )
        )
    return hints


def _outcome(random: Random, share: float) -> str:
    drawn, other = random.random(), random.random()
    if drawn < share:
        return HintOutcome.USED
    return HintOutcome.WRONG if other < _WRONG else HintOutcome.NOT_RELEVANT if other < _NOT_RELEVANT else ""
