"""What bars by share come to on everybody who has been measured."""

from collections.abc import Iterable, Iterator
from datetime import date

import numpy as np

from tiers import engine
from tiers.engine import Whole
from tiers.selectors.measures import population
from tiers.selectors.population import Range
from tiers.selectors.rules import Ladder


def cut_offs(ladder: Ladder, as_of: date, ranges: list[Range]) -> dict[str, int]:
    """Return the cut-off of each bar by share, by its key, out of the kept numbers (a query for each range).

    Keeps eight bytes for each customer and measure that a share is set on.
    """

    def scored() -> Iterator[dict[str, Whole]]:
        for values in population(as_of, ranges):
            yield values | {"score": engine.score(values, ladder.rules.weights, len(values["margin"]))}

    return cut_offs_of(ladder, scored())


def cut_offs_of(ladder: Ladder, parts: Iterable[dict[str, Whole]]) -> dict[str, int]:
    """Return the cut-off of each bar by share, by its key, out of the measures of everybody, range by range."""
    kept: dict[str, list[Whole]] = {share.measure: [] for share in ladder.shares}
    for values in parts:
        for name, columns in kept.items():
            columns.append(values[name])
    everybody = {name: np.concatenate(found) if found else np.zeros(0, np.int64) for name, found in kept.items()}
    return {share.key: engine.cut_off(everybody[share.measure], share.share) for share in ladder.shares}
