"""Texts that managers write in several languages: which one a reader gets."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Said:
    """A text and the language that it is in; both empty where nothing was written."""

    text: str
    language: str


def say(texts: Mapping[str, str], *, language: str, house: str) -> Said:
    """Return a text in a language, else in the house's own, else in any; it says which, so that nobody is misled."""
    for one in (language, house, *sorted(texts)):
        if texts.get(one, "").strip():
            return Said(texts[one].strip(), one)
    return Said("", "")


def missing_in(texts: Mapping[str, str], languages: list[str]) -> list[str]:
    """Return the languages that a text is not written in; none where it is written in no language at all."""
    if not any(text.strip() for text in texts.values()):
        return []
    return [one for one in languages if not texts.get(one, "").strip()]
