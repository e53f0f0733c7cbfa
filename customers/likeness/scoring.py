"""The score of two records, in bits: the sum over the fields of log₂(m ÷ u).

m is the chance of a comparison's outcome when both records are the same person, u when they are two strangers. So ten
bits say that what we see is 1,024 times as likely of one person as of two. What is not known says nothing. The sum
takes fields to be independent of each other, which a household (one phone, one city, one family name) is not: the
weights have to leave room for that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import log2

from customers.likeness.comparing import Comparison, Level, Values

Record = Mapping[str, Values]


@dataclass(frozen=True, slots=True)
class Chances:
    """How often an outcome is seen of one person (m) and of two strangers (u), each above 0 and up to 1."""

    m: float
    u: float

    @property
    def bits(self) -> float:
        """What the outcome adds to the score."""
        return log2(self.m / self.u)


@dataclass(frozen=True, slots=True)
class FieldWeights:
    """How one field is compared, and what each outcome weighs.

    An outcome that has no chances counts as different.
    """

    name: str
    compare: Comparison
    same: Chances
    different: Chances
    alike: Chances | None = None

    def weigh(self, level: Level) -> float:
        """Return the bits of an outcome."""
        if level == Level.UNKNOWN:
            return 0.0
        if level == Level.SAME:
            return self.same.bits
        return (self.alike or self.different).bits if level == Level.ALIKE else self.different.bits


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two records are: bits, and the outcome by field."""

    bits: float
    levels: dict[str, Level] = field(default_factory=dict)

    @property
    def reasons(self) -> list[str]:
        """What speaks for it, as `field:outcome`, in the order of the fields."""
        return [f"{name}:{level}" for name, level in self.levels.items() if level in (Level.SAME, Level.ALIKE)]


def compare_records(one: Record, other: Record, weights: Sequence[FieldWeights]) -> Likeness:
    """Return how alike two records are; which of the two comes first makes no difference."""
    levels = {each.name: each.compare(one.get(each.name, ()), other.get(each.name, ())) for each in weights}
    return Likeness(sum(each.weigh(levels[each.name]) for each in weights), levels)
