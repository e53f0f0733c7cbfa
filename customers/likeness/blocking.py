"""Which records are worth comparing: those that share a key. Never each with each.

A recipe names a few fields and how each is cut. Two records that agree on all of a recipe's cuts share its key. Several
recipes forgive several slips: a pair is missed only where each of them is spoilt.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from itertools import product

from customers.likeness.scoring import Record

# A key that more records share than this says little and costs much: it is passed over.
MOST_PER_KEY = 50

_SOUNDS = {
    letter: str(sound)
    for sound, letters in enumerate(("bfpv", "cgjkqsxz", "dt", "l", "mn", "r"), 1)
    for letter in letters
}


def sound(word: str) -> str:
    """Return the Soundex of a folded word (Russell and Odell, US patents 1261167 and 1435663); other scripts as is."""
    if not word or not word.isascii():
        return word
    found, last = word[0], _SOUNDS.get(word[0], "")
    for letter in word[1:]:
        code = _SOUNDS.get(letter, "")
        if code and code != last:
            found += code
        # Two letters of one sound with h or w between them are one.
        if letter not in "hw":
            last = code
    return (found + "000")[:4]


def whole(text: str) -> str:
    """Return the text as it is."""
    return text


def initial(text: str) -> str:
    """Return the first letter."""
    return text[:1]


_CUTS = {"whole": whole, "sound": sound, "initial": initial}


@dataclass(frozen=True, slots=True)
class Recipe:
    """Fields and their cuts, `field` or `field:cut`; the cut is `whole`, `sound` or `initial`."""

    parts: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, *parts: str) -> "Recipe":
        """Read a recipe: `Recipe.of("family:sound", "city")`."""
        return cls(tuple((name, cut or "whole") for name, _, cut in (part.partition(":") for part in parts)))

    def keys(self, record: Record) -> Iterator[str]:
        """Yield the keys of a record; none where one of the fields is not known."""
        cuts = [{_CUTS[cut](value) for value in record.get(name, ()) if value} for name, cut in self.parts]
        label = "+".join(f"{name}:{cut}" for name, cut in self.parts)
        for values in product(*cuts):
            yield "\n".join((label, *values))


def keys_of(record: Record, recipes: Iterable[Recipe]) -> set[int]:
    """Return the keys of a record as signed numbers of 64 bits, from which nobody reads a name."""
    return {
        int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), signed=True)
        for recipe in recipes
        for key in recipe.keys(record)
    }
