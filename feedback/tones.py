"""How a comment sounds: a hint for whoever sorts through comments, never part of a number.

TextBlob (MIT, https://github.com/sloria/TextBlob) adds up what a lexicon of English words says, with "not" and "very"
heeded. It knows neither irony nor that an hour's wait is bad, and is wrong often enough to be a hint and no more. It
carries its lexicon with it; vaderSentiment, which is better known, has had no release since 2020.

Whoever reads a page in English may write in another language. TextBlob also carries the words by which it tells nouns
from verbs, some 90,000: a comment that they do not cover is not taken for English. That errs to saying nothing.
"""

import re
from functools import cache
from importlib.metadata import version
from pathlib import Path

PLEASED, DISPLEASED, NEITHER, UNKNOWN = "pleased", "displeased", "neither", "unknown"
# From here on, on a scale from −1 to 1, a comment is not called neutral.
_APART = 0.1
# So many of its words English knows, in an English comment. “is”, “war” and “so” are words of two languages.
_ENGLISH = 0.8
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
# How the lexicon marks names and words of other languages.
_NOT_OURS = ("NNP", "FW")


def tone_of(text: str, language: str) -> str:
    """Return how an English text sounds; for any other language, and for no words at all, `UNKNOWN`.

    `language`: of the page that it was written on. The words must be English, too.
    """
    words = _WORD.findall(text.lower().replace("’", "'"))
    if not is_english(language) or not words:
        return UNKNOWN
    # It takes two seconds to load, and only this task wants it.
    from textblob import TextBlob

    known = _english_words()
    if sum(word in known or _stem(word) in known for word in words) < _ENGLISH * len(words):
        return UNKNOWN
    polarity = float(TextBlob(text).sentiment.polarity)
    if abs(polarity) < _APART:
        return NEITHER
    return PLEASED if polarity > 0 else DISPLEASED


@cache
def _english_words() -> frozenset[str]:
    """Return the words that TextBlob knows as English. Its own reader leaves the file open."""
    from textblob.en import parser

    lines = Path(parser.lexicon.path).read_text(encoding="utf-8").splitlines()
    entries = (line.split(" ") for line in lines if line and not line.startswith(";;;"))
    return frozenset(word for word, tag, *_ in entries if not tag.startswith(_NOT_OURS))


def _stem(word: str) -> str:
    """Return “parcel” of “parcel's”, and nothing of “j'ai”."""
    stem = word.partition("'")[0]
    return stem if len(stem) > 1 else ""


def is_english(language: str) -> bool:
    """Whether a language code (en, en-GB) is one of English."""
    return language.replace("_", "-").split("-")[0].lower() == "en"


def maker() -> str:
    """Return by what a tone is told, with its version, and with ours: what another told is told again."""
    return f"TextBlob {version('textblob')}, of English words"
