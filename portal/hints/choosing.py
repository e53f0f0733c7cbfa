"""Which hints are shown, in which order, and with what chance. Numbers in, numbers out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from portal.hints.learning import Beta

# So often the choice is repeated to tell a chance: the error of a chance is at most 0.02 (one standard deviation).
DRAWS = 600


@dataclass(frozen=True, slots=True)
class Arm:
    """A kind of hint that could be shown: so many hints of it, at most so many at a time, and what is believed of it.

    `is_pinned`: it goes before all that are not. `score`: what was drawn for it in this contact before, if anything.
    """

    kind: str
    belief: Beta
    count: int
    most: int = 1
    is_pinned: bool = False
    score: float | None = None

    @property
    def room(self) -> int:
        """How many of its hints may be shown."""
        return min(self.count, self.most)


@dataclass(frozen=True, slots=True)
class Choice:
    """A hint to show: the one in this place (from 0) of its kind. `score`: what was drawn for the kind."""

    kind: str
    place: int
    score: float


def choose(arms: Sequence[Arm], *, seed: str, room: int) -> list[Choice]:
    """Return the hints to show, the best first: a share is drawn for each kind, and the highest goes first.

    Each kind has one hint before any has two. The same seed gives the same draw; a kind that was drawn for before
    keeps what was drawn, so that nothing changes places when a page is read again.
    """
    scores = {arm.kind: arm.belief.draw(f"{seed}:{arm.kind}") if arm.score is None else arm.score for arm in arms}
    return [Choice(kind, place, scores[kind]) for kind, place in _fill(arms, _in_order(arms, scores), room)]


def propensities(arms: Sequence[Arm], *, seed: str, room: int) -> dict[tuple[str, int], float]:
    """Return the chance of each hint (its kind and its place there) of being among those shown.

    Counted in `DRAWS` repetitions of the choice, as if nothing had been drawn yet; certain where there is room for
    all. Never nought for what may be shown: what was chosen once could have been.
    """
    if sum(arm.room for arm in arms) <= room:
        return {(arm.kind, place): 1.0 for arm in arms for place in range(arm.room)}
    import numpy as np

    source = np.random.default_rng(list(seed.encode()))
    beliefs = [arm.belief for arm in arms]
    drawn = source.beta([one.hits for one in beliefs], [one.misses for one in beliefs], (DRAWS, len(arms)))
    drawn += [float(arm.is_pinned) for arm in arms]
    orders, counts = np.unique(np.argsort(-drawn, axis=1), axis=0, return_counts=True)
    often = {(arm.kind, place): 0 for arm in arms for place in range(arm.room)}
    for order, count in zip(orders, counts, strict=True):
        for hint in _fill(arms, [arms[place].kind for place in order], room):
            often[hint] += int(count)
    return {hint: max(count, 1) / DRAWS for hint, count in often.items()}


def _in_order(arms: Iterable[Arm], scores: Mapping[str, float]) -> list[str]:
    best = sorted(arms, key=lambda arm: (not arm.is_pinned, -scores[arm.kind], arm.kind))
    return [arm.kind for arm in best]


def _fill(arms: Iterable[Arm], order: Sequence[str], room: int) -> list[tuple[str, int]]:
    """Return so many hints as there is room for: one of each kind in order, then a second of each, and so on."""
    rooms = {arm.kind: arm.room for arm in arms}
    rounds = range(max(rooms.values(), default=0))
    return [(kind, place) for place in rounds for kind in order if place < rooms[kind]][:room]
