"""Names as they are searched: accents, case and marks do not count. Pure, without Django."""

import re
import unicodedata

# Letters that Unicode does not take apart, and what people type who have no key for them.
_PLAIN = str.maketrans(
    {
        "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ĸ": "k",
        "ł": "l", "ŋ": "n", "ŧ": "t", "þ": "th", "ƒ": "f", "ə": "e", "ɨ": "i", "ʉ": "u",
    }
)  # fmt: skip
# What people leave out or put in at will: O'Brien is Obrien.
_APOSTROPHES = "'’‘ʼʻ`´′"
_JOINED = str.maketrans(dict.fromkeys(_APOSTROPHES, ""))
_PARTED = str.maketrans(dict.fromkeys(_APOSTROPHES, " "))
_WORD_LENGTH = 100
# What most names are made of; the ways below are those of all others.
_PLAIN_WORD = re.compile("[a-z0-9]+")


def fold(text: str) -> str:
    """Return a text without marks and case: `Żółć` becomes `zolc`, `Strauß` becomes `strauss`."""
    if text.isascii():
        return text.lower()
    # Twice: folding the case of a few letters brings forth marks, and taking apart brings forth capitals.
    for _ in range(2):
        apart = unicodedata.normalize("NFKD", text)
        bare = "".join(letter for letter in apart if not unicodedata.combining(letter))
        text = bare.casefold().translate(_PLAIN)
    return text


def words(text: str) -> list[str]:
    """Return the folded words of a name or of a query, in order; an apostrophe does not part a word, a hyphen does."""
    folded = fold(text.translate(_JOINED))
    if folded.isascii():
        return [word[:_WORD_LENGTH] for word in _PLAIN_WORD.findall(folded)]
    parted = "".join(letter if unicodedata.category(letter)[0] in "LNM" else " " for letter in folded)
    return [word[:_WORD_LENGTH] for word in parted.split()]


def search_words(*names: str) -> set[str]:
    """Return all words by which somebody with these names is found: `O'Brien` by `obrien`, `o` and `brien`."""
    return {word for name in names for word in (*words(name), *words(name.translate(_PARTED)))}
