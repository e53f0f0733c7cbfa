"""How a comment sounds: a hint for whoever sorts through comments, never part of a number.

TextBlob (MIT, https://github.com/sloria/TextBlob) adds up what a lexicon of English words says, with "not" and "very"
heeded. It knows neither irony nor that an hour's wait is bad, and is wrong often enough to be a hint and no more. It
carries its lexicon with it; vaderSentiment, which is better known, has had no release since 2020.
"""

from importlib.metadata import version

PLEASED, DISPLEASED, NEITHER, UNKNOWN = "pleased", "displeased", "neither", "unknown"
# From here on, on a scale from −1 to 1, a comment is not called neutral.
_APART = 0.1


def tone_of(text: str, language: str) -> str:
    """Return how an English text sounds; for any other language, and for no words at all, `UNKNOWN`."""
    if not is_english(language) or not any(letter.isalpha() for letter in text):
        return UNKNOWN
    # It takes two seconds to load, and only this task wants it.
    from textblob import TextBlob

    polarity = float(TextBlob(text).sentiment.polarity)
    if abs(polarity) < _APART:
        return NEITHER
    return PLEASED if polarity > 0 else DISPLEASED


def is_english(language: str) -> bool:
    """Whether a language code (en, en-GB) is one of English."""
    return language.replace("_", "-").split("-")[0].lower() == "en"


def maker() -> str:
    """Return by what a tone is told, with its version."""
    return f"TextBlob {version('textblob')}"
