"""How often customers enjoyed it, how sure that is, and what is fair to compare. Numbers in, numbers out.

A *rate* is the share of "yes" among the counted answers. "In part" is no yes: it has a share of its own.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from operator import add
from typing import TYPE_CHECKING, Any, NamedTuple

from tiers.previewing import ENOUGH, wilson

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

# An adjustment cell: the tier at the time, the touch point, the channel. Any of them may be unknown (None).
Cell = tuple[Hashable, ...]
# Cells with fewer answers are taken together before a weight is made of them.
LEAST = 20
# How much colleagues differ is learned from the answers; before any answer we take it to be like this: agreement
# worth 50 answers (at a rate of 75 % a spread of six points), give or take a factor of 4.5.
_PRIOR_MEDIAN, _PRIOR_SPREAD = 50.0, 1.5
_MOST_AGREEMENT = 1e5


class Tally(NamedTuple):
    """What came of asking. `weight` and the like: sums of 1 / (chance of being asked) over letters, or over answers.

    `squares`: the sum of the squared weights of counted answers. `doubtful`: answers that do not count.
    """

    asked: int = 0
    weight: float = 0.0
    yes: int = 0
    partly: int = 0
    no: int = 0
    yes_weight: float = 0.0
    partly_weight: float = 0.0
    no_weight: float = 0.0
    squares: float = 0.0
    doubtful: int = 0

    @property
    def said(self) -> int:
        """Counted answers."""
        return self.yes + self.partly + self.no

    @property
    def said_weight(self) -> float:
        """The weight of the counted answers."""
        return self.yes_weight + self.partly_weight + self.no_weight

    @property
    def response(self) -> float:
        """The share of those asked whose answer counts."""
        return self.said / self.asked if self.asked else 0.0

    def plus(self, other: "Tally") -> "Tally":
        """Return both together."""
        return Tally._make(map(add, self, other))


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its 95 per cent interval, and the number of answers that it is worth."""

    share: float
    low: float
    high: float
    worth: float


@dataclass(frozen=True, slots=True)
class Fair:
    """A colleague's rate for comparison.

    `expected`: what the house's usual rate for the same kinds of contacts would be. `rate`, `low`, `high`: shrunk
    towards it and moved to the mean mix of contacts. `agreement`: how many answers the expectation weighs.
    """

    expected: float
    rate: float
    low: float
    high: float
    agreement: float


def total(tallies: Iterable[Tally]) -> Tally:
    """Return the sum of some tallies."""
    # Without any there is nothing to add up, and no columns either.
    return Tally._make(map(sum, zip(Tally(), *tallies, strict=True)))


def raw_rate(tally: Tally) -> Rate | None:
    """Return the rate as the answers came, with Wilson's interval; None without answers."""
    if not tally.said:
        return None
    return Rate(tally.yes / tally.said, *wilson(tally.yes, tally.said), tally.said)


def response_weights(cells: Mapping[Cell, Tally]) -> dict[Cell, float]:
    """Return how many of those asked each answer stands for, by cell: the inverse of the response rate.

    Weighting-class adjustment (Little & Rubin, Statistical Analysis with Missing Data, section 3.3): within a class
    whoever answers speaks for those who did not. A class is a cell with at least `LEAST` answers; smaller cells are
    taken together, first without the last part of their key, then without the last two, and so on; what is still too
    small at the end joins the class with the fewest answers. So the weights of all answers add up to all asked.
    """
    weights: dict[Cell, float] = {}
    classes: list[list[Cell]] = []
    left = list(cells)
    for length in range(max(map(len, cells), default=0), -1, -1):
        together: dict[Cell, list[Cell]] = defaultdict(list)
        for cell in left:
            together[cell[:length]].append(cell)
        enough = {key for key, some in together.items() if sum(cells[cell].said for cell in some) >= LEAST}
        classes += [some for key, some in together.items() if key in enough]
        left = [cell for key, some in together.items() if key not in enough for cell in some]
    if left:
        smallest = min(classes, key=lambda some: sum(cells[cell].said for cell in some), default=None)
        if smallest is None:
            classes.append(left)
        else:
            smallest.extend(left)
    for some in classes:
        of_class = total(cells[cell] for cell in some)
        weight = of_class.weight / of_class.said_weight if of_class.said_weight else 1.0
        weights |= dict.fromkeys(some, weight)
    return weights


def weighted_rate(parts: Mapping[Cell, Tally], weights: Mapping[Cell, float], *, of: str = "yes") -> Rate | None:
    """Return the share of an answer ("yes", "partly", "no"), weighted for those who did not answer; None without any.

    The interval is Wilson's with as many answers as the weighted ones are worth: (Σw)² / Σw² (Kish, Survey Sampling,
    1965, section 11.7). That the weights are estimated themselves is not allowed for.
    """
    hits = whole = squares = 0.0
    for cell, part in parts.items():
        weight = weights[cell]
        hits += weight * getattr(part, f"{of}_weight")
        whole += weight * part.said_weight
        squares += weight * weight * part.squares
    if not whole or not squares:
        return None
    share, worth = min(hits / whole, 1.0), whole * whole / squares
    return Rate(share, *wilson(share * worth, worth), worth)


def fair_rates(people: Mapping[Hashable, Mapping[Cell, tuple[int, int]]]) -> dict[Hashable, Fair]:
    """Return each colleague's rate for comparison; `people`: "yes" and all answers, by the kind of contact.

    Three steps, each a beta-binomial model (empirical Bayes as in Efron & Morris, JASA 70, 1975; indirect
    standardisation as in Spiegelhalter, Abrams & Myles, Bayesian Approaches, 2004, section 3.17):

    1. The house's rate for each kind of contact, shrunk towards the mean m of all: p = (yes + K·m) / (n + K).
    2. What a colleague's mix of contacts lets expect: e = Σ n·p / Σ n, over the kinds of contacts they had.
    3. Their own rate, shrunk towards that: s = (yes + M·e) / (n + M); the interval is that of Beta(yes + M·e,
       n − yes + M·(1 − e)). Both are moved to the mean mix on the logit scale: logit r = logit s + logit m − logit e.

    K and M, the agreement among kinds of contacts and among colleagues, are where the likelihood of all, times the
    prior above, is highest. Who has no answer has no rate.
    """
    import numpy as np
    from scipy.special import betaincinv, expit, logit

    kinds: dict[Cell, list[int]] = defaultdict(lambda: [0, 0])
    for mix in people.values():
        for cell, (yes, said) in mix.items():
            kinds[cell][0] += yes
            kinds[cell][1] += said
    counts = np.array(list(kinds.values()), dtype=float).reshape(-1, 2)
    known = [who for who, mix in people.items() if sum(said for _yes, said in mix.values())]
    if not known:
        return {}
    # Half an answer more on either side: a mean of 0 or 1 has no logit.
    mean = float((counts[:, 0].sum() + 0.5) / (counts[:, 1].sum() + 1.0))
    agreement = _agreement(counts[:, 0], counts[:, 1], np.full(len(counts), mean))
    usual = dict(zip(kinds, (counts[:, 0] + agreement * mean) / (counts[:, 1] + agreement), strict=True))
    mixes = [people[who] for who in known]
    own_yes, own_said = (np.array([sum(pair[i] for pair in mix.values()) for mix in mixes], float) for i in (0, 1))
    expected = np.array([sum(pair[1] * usual[cell] for cell, pair in mix.items()) for mix in mixes]) / own_said
    weight = _agreement(own_yes, own_said, expected)
    a, b = own_yes + weight * expected, own_said - own_yes + weight * (1 - expected)
    shift = logit(mean) - logit(expected)
    moved = [expit(logit(at) + shift) for at in (a / (a + b), betaincinv(a, b, 0.025), betaincinv(a, b, 0.975))]
    rows = zip(known, expected, *moved, strict=True)
    # Where next to nobody is pleased the mean lies beyond the quantile: an interval holds its own rate.
    return {
        who: Fair(float(e), float(r), min(float(low), float(r)), max(float(high), float(r)), weight)
        for who, e, r, low, high in rows
    }


def _agreement(yes: "Numbers", said: "Numbers", expected: "Numbers") -> float:
    """Return the precision M of Beta(M·e, M·(1 − e)) that the counts and the prior make likeliest."""
    import numpy as np
    from scipy.optimize import minimize_scalar
    from scipy.special import betaln

    def badness(log: Any) -> float:
        much = np.exp(log)
        a, b = much * expected, much * (1 - expected)
        likelihood = (betaln(yes + a, said - yes + b) - betaln(a, b)).sum()
        return float(((log - np.log(_PRIOR_MEDIAN)) / _PRIOR_SPREAD) ** 2 / 2 - likelihood)

    best = minimize_scalar(badness, bounds=(0.0, float(np.log(_MOST_AGREEMENT))), method="bounded")
    return float(np.exp(best.x))


__all__ = [
    "ENOUGH",
    "LEAST",
    "Cell",
    "Fair",
    "Rate",
    "Tally",
    "fair_rates",
    "raw_rate",
    "response_weights",
    "total",
    "weighted_rate",
]
