"""Comparisons of the values of one field: the same, alike, different, or not known on one side.

Distances of strings are those of `rapidfuzz` (MIT): Jaro-Winkler for words, which forgives the end of a word more than
its beginning, and Damerau-Levenshtein for figures, where one slip is one wrong, missing, added or swapped sign.
"""

from collections.abc import Callable, Sequence
from enum import StrEnum
from itertools import product

from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler

# From this Jaro-Winkler likeness on (0 to 1), two words may be one misspelt.
ALIKE_FROM = 0.88
# One slip says something only in a text that is longer than this.
_SHORT = 4

Values = Sequence[str]


class Level(StrEnum):
    """What a comparison says."""

    SAME = "same"
    ALIKE = "alike"
    DIFFERENT = "different"
    UNKNOWN = "unknown"


Comparison = Callable[[Values, Values], Level]


def exactly(one: Values, other: Values) -> Level:
    """Any value of one is a value of the other."""
    if not one or not other:
        return Level.UNKNOWN
    return Level.SAME if set(one) & set(other) else Level.DIFFERENT


def by_letters(one: Values, other: Values) -> Level:
    """Words, as they are misspelt or misheard."""
    return _best(one, other, lambda a, b: JaroWinkler.similarity(a, b) >= ALIKE_FROM)


def by_slips(one: Values, other: Values) -> Level:
    """Numbers, days and addresses: one slip of the hand apart is alike."""
    return _best(one, other, _is_a_slip_apart)


def by_addresses(one: Values, other: Values) -> Level:
    """Email addresses: a slip among the letters is alike, another figure is another person's mailbox."""
    return _best(one, other, lambda a, b: _is_a_slip_apart(a, b) and _figures(a) == _figures(b))


def by_names(one: Values, other: Values) -> Level:
    """Whole names, each a line of folded words: in any order, one may have more words, initials stand for words.

    The same means the same words. Alike means that each word of the shorter name has a word in the longer one that is
    misspelt from it or begins with its initial, and that one word at least is written out in both.
    """
    if not one or not other:
        return Level.UNKNOWN
    pairs = [(a.split(), b.split()) for a, b in product(one, other)]
    if any(sorted(a) == sorted(b) for a, b in pairs):
        return Level.SAME
    return Level.ALIKE if any(_names_alike(a, b) for a, b in pairs) else Level.DIFFERENT


def _best(one: Values, other: Values, is_alike: Callable[[str, str], bool]) -> Level:
    level = exactly(one, other)
    if level == Level.DIFFERENT and any(is_alike(a, b) for a, b in product(one, other)):
        return Level.ALIKE
    return level


def _figures(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def _is_a_slip_apart(one: str, other: str) -> bool:
    return min(len(one), len(other)) > _SHORT and DamerauLevenshtein.distance(one, other, score_cutoff=1) <= 1


def _names_alike(one: Sequence[str], other: Sequence[str]) -> bool:
    short, long = sorted((list(one), list(other)), key=len)
    # A single word, such as a family name alone, is shared by too many.
    if len(short) < 2:
        return False
    left, is_written_out = list(long), False
    for word in short:
        found = next((rival for rival in left if _words_alike(word, rival)), None)
        if found is None:
            return False
        left.remove(found)
        is_written_out |= min(len(word), len(found)) > 1
    return is_written_out


def _words_alike(one: str, other: str) -> bool:
    if min(len(one), len(other)) == 1:
        return one[:1] == other[:1]
    return one == other or JaroWinkler.similarity(one, other) >= ALIKE_FROM
