"""What is believed of a kind of hint in a situation, and how that is learned. Numbers in, numbers out.

An *arm* is a kind of hint in a situation. What is believed of the share of its hints that a colleague makes use of is
a Beta distribution. It begins with a mean by rule, worth `WORTH` presses, and each press moves it:

- *used* is a success;
- *not relevant* and *wrong* are failures (*wrong* also keeps that hint from this customer, which is not learned here);
- no press is a failure with the weight `SILENT`. Nobody can tell whether the hint was read, or made use of without a
  word, so it says little; but a kind that is shown a hundred times and never pressed should make room for others.

Thompson, Biometrika 25 (1933), p. 285; Chapelle & Li, An empirical evaluation of Thompson sampling (NIPS 2011).
"""

from dataclasses import dataclass
from random import Random

WORTH = 8.0
SILENT = 0.1

# The mean to begin with, by kind and by how things are between us. While we owe something, what mends goes first.
PRIOR_MEANS: dict[str, dict[str, float]] = {
    "gesture": {"owed": 0.65, "celebration": 0.45, "quiet": 0.30},
    "plan_b": {"owed": 0.60, "celebration": 0.35, "quiet": 0.35},
    "preference": {"owed": 0.50, "celebration": 0.50, "quiet": 0.50},
    "perk": {"owed": 0.30, "celebration": 0.45, "quiet": 0.40},
    "service": {"owed": 0.10, "celebration": 0.30, "quiet": 0.30},
}


@dataclass(frozen=True, slots=True)
class Beta:
    """A belief about a share: Beta(hits, misses), both positive."""

    hits: float
    misses: float

    @property
    def mean(self) -> float:
        """The share that is expected."""
        return self.hits / (self.hits + self.misses)

    def interval(self, covers: float = 0.95) -> tuple[float, float]:
        """Return the ends between which the share lies with so much belief, as much left out below as above."""
        from scipy.special import betaincinv

        tail = (1 - covers) / 2
        low, high = (float(betaincinv(self.hits, self.misses, part)) for part in (tail, 1 - tail))
        return low, high

    def draw(self, seed: str) -> float:
        """Return a share drawn from the belief: the same one for the same seed."""
        return Random(seed).betavariate(self.hits, self.misses)  # noqa: S311 (no secret)


@dataclass(frozen=True, slots=True)
class Tried:
    """How often hints of an arm were shown, and what was said of them."""

    shown: int = 0
    used: int = 0
    not_relevant: int = 0
    wrong: int = 0

    @property
    def pressed(self) -> int:
        """Hints that somebody said something of."""
        return self.used + self.not_relevant + self.wrong

    @property
    def silent(self) -> int:
        """Hints that nobody said anything of; those that stand on a page just now are among them."""
        return max(self.shown - self.pressed, 0)

    def plus(self, other: "Tried") -> "Tried":
        """Return both together."""
        return Tried(
            self.shown + other.shown,
            self.used + other.used,
            self.not_relevant + other.not_relevant,
            self.wrong + other.wrong,
        )


def prior(kind: str, situation: str) -> Beta:
    """Return what is believed before anything was tried; `situation` begins with how things are between us."""
    mean = PRIOR_MEANS[kind][situation.partition("-")[0]]
    return Beta(WORTH * mean, WORTH * (1 - mean))


def posterior(begin: Beta, tried: Tried) -> Beta:
    """Return what is believed after what was tried: successes and failures are added (conjugate to the binomial)."""
    failures = tried.not_relevant + tried.wrong + SILENT * tried.silent
    return Beta(begin.hits + tried.used, begin.misses + failures)
