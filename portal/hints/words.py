"""Words as they are looked for in what was bought: lower case, one and many."""

import re

_WORD = re.compile(r"[^\W_]+")


def words_in(text: str) -> list[str]:
    """Return the words of a text in lower case, in their order."""
    return _WORD.findall(text.lower())


def forms_of(words: str) -> list[str]:
    """Return the forms of words that have commas between them: “Vase, glass” → glass, glasses, vase, vases.

    Raises:
        ValueError: there is no word, or something between two commas is not one word; the sentence says so.
    """
    forms: set[str] = set()
    for part in filter(None, map(str.strip, words.split(","))):
        found = words_in(part)
        if len(found) != 1:
            raise ValueError("Write single words, with commas between them.")
        (word,) = found
        forms |= {word, *_many(word), *_one(word)}
    if not forms:
        raise ValueError("Write at least one word.")
    return sorted(forms)


def _many(word: str) -> set[str]:
    if word.endswith("y"):
        return {f"{word[:-1]}ies", f"{word}s"}
    return {f"{word}es"} if word.endswith(("s", "x", "ch", "sh")) else {f"{word}s"}


def _one(word: str) -> set[str]:
    """Without the ending of many, where it looks like one: “glasses” may be of “glass”, or of “glasse”."""
    if word.endswith("ies"):
        return {f"{word[:-3]}y"}
    if word.endswith("es"):
        return {word[:-1], word[:-2]}
    return {word[:-1]} if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else set()
