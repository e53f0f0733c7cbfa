"""A budget of questions, spread so that every kind of contact is heard.

Those who could be asked are drawn together, once an hour. A *stratum* is what is to be heard: a tier, a touch point
and a channel. The places of a draw go round the strata, one each, before any gets a second; those not heard for the
longest come first, so that with fewer places than strata each has its turn in a later draw. Within a stratum chance
decides, alike for all: so the share that was chosen is known, and an answer speaks for 1 ÷ share of those like it.
"""

import random
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

Stratum = TypeVar("Stratum", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a draw meant for one who took part: chosen or not, and the share of their stratum that was chosen."""

    is_chosen: bool
    chance: float


def allowance(*, budget: int, asked: int, share: float) -> int:
    """Return how many more may be asked by now: `share` (0 to 1) of the budget's time will soon have passed.

    The budget is let go bit by bit, so that the evening is heard as the morning is.
    """
    return max(0, int(budget * min(max(share, 0.0), 1.0) + 0.5) - asked)


def spread(waiting: Mapping[Stratum, int], heard: Mapping[Stratum, float], places: int) -> dict[Stratum, int]:
    """Return how many of each stratum get a place, at most so many as wait.

    `heard`: when a stratum was last heard, in any unit that grows; one that is missing never was.
    """
    given = dict.fromkeys(waiting, 0)
    round_of = sorted(
        (stratum for stratum, count in waiting.items() if count > 0),
        key=lambda stratum: (heard.get(stratum, float("-inf")), repr(stratum)),
    )
    while places > 0 and round_of:
        for stratum in round_of[:places]:
            given[stratum] += 1
        places -= len(round_of[:places])
        round_of = [stratum for stratum in round_of if given[stratum] < waiting[stratum]]
    return given


def draw(
    candidates: Iterable[tuple[int, Stratum]], heard: Mapping[Stratum, float], places: int, *, seed: str
) -> dict[int, Drawn]:
    """Return what the draw meant for each candidate, given as a number and a stratum.

    The same candidates with the same seed are drawn alike, in whatever order they come.
    """
    strata: dict[Stratum, list[int]] = defaultdict(list)
    for number, stratum in candidates:
        strata[stratum].append(number)
    given = spread({stratum: len(numbers) for stratum, numbers in strata.items()}, heard, places)
    drawn: dict[int, Drawn] = {}
    for stratum, numbers in strata.items():
        # Chance that can be reckoned again, not a secret.
        chosen = set(random.Random(f"{seed}/{stratum!r}").sample(sorted(numbers), given[stratum]))  # noqa: S311
        share = given[stratum] / len(numbers)
        drawn |= {number: Drawn(number in chosen, share) for number in numbers}
    return drawn
