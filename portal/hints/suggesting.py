"""The hints of a page: drawn from what is known, ordered by what was learned, as this colleague may see them."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils import timezone

from portal.hints.choosing import Arm, Choice, choose, propensities
from portal.hints.facts import Here, Rule
from portal.hints.learning import Tried, posterior, prior
from portal.hints.providers import PROVIDERS
from portal.hints.providers.candidate import Candidate
from portal.hints.situations import situation_of
from portal.hints.speaking import may_be_said
from portal.models import HintMode, Situation, User
from portal.models.hint import MOST

if TYPE_CHECKING:
    from portal.contact.contact import Contact


@dataclass(frozen=True, slots=True)
class Hint:
    """A hint on the page. `is_new`: it has not been on the page of this contact yet."""

    candidate: Candidate
    choice: Choice
    rank: int
    is_new: bool

    @property
    def key(self) -> str:
        return self.candidate.key

    @property
    def kind(self) -> str:
        return self.choice.kind

    @property
    def text(self) -> str:
        return self.candidate.text

    @property
    def reason(self) -> str:
        return self.candidate.reason


@dataclass(frozen=True)
class Hints:
    """What is shown, what was said in this contact of what was shown before, and in which situation.

    `seed`: what the order was drawn with; `arms`: the kinds that it was drawn from.
    """

    situation: Situation
    seed: str
    shown: list[Hint] = field(default_factory=list)
    settled: list[Here] = field(default_factory=list)
    arms: list[Arm] = field(default_factory=list)

    def chances(self) -> dict[tuple[str, int], float]:
        """Return the chance that each hint had of being shown, by kind and place there. Counted anew at each call."""
        return propensities(self.arms, seed=self.seed, room=MOST)

    def __bool__(self) -> bool:
        return bool(self.shown or self.settled)


def suggest(contact: "Contact", user: User) -> Hints:
    """Return at most three hints for this colleague. Asks the database nothing: all is on the page already."""
    situation, facts = situation_of(contact), contact.hint_facts
    # One order for a contact; before one is open, one for a customer and day.
    of_day = f"{contact.customer.pk}-{timezone.localdate(contact.now)}"
    seed = f"contact-{contact.talk.pk}" if contact.talk else f"look-{of_day}"
    held_back = facts.wrong | {one.key for one in facts.here if one.outcome}
    found = {kind: _seen(contact, user, kind, held_back) for kind in PROVIDERS}
    drawn = {one.kind: one.score for one in facts.here if one.situation == situation}
    arms = []
    for kind, candidates in found.items():
        rule = facts.rules.get(kind, Rule())
        if not candidates or rule.mode == HintMode.OFF:
            continue
        belief = posterior(prior(kind, situation), facts.tried.get((kind, situation), Tried()))
        is_pinned = rule.mode == HintMode.PINNED
        arms.append(Arm(kind, belief, len(candidates), rule.most, is_pinned, drawn.get(kind)))
    before = {one.key for one in facts.here}
    shown = []
    for rank, choice in enumerate(choose(arms, seed=seed, room=MOST), 1):
        candidate = found[choice.kind][choice.place]
        shown.append(Hint(candidate, choice, rank, candidate.key not in before))
    # What is not to be read any more is not listed; it stays held back all the same.
    settled = [one for one in facts.here if one.outcome and one.text]
    return Hints(situation, seed, shown, settled, arms)


def _seen(contact: "Contact", user: User, kind: str, held_back: frozenset[str]) -> list[Candidate]:
    """What there is of a kind that this colleague may see, that may be said, and that nobody said anything of."""
    return [
        candidate
        for candidate in PROVIDERS[kind](contact)
        if candidate.key not in held_back
        and user.has_perm(candidate.needs)
        and may_be_said(contact, kind, candidate.text)
    ]
