"""Text as people give it, brought to what is stored. Pure, without Django."""

import re

# Control characters and halves of pairs: no database takes them and no screen shows them.
_UNWRITABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def gettext_noop(text: str) -> str:
    """Mark a sentence of pure code for the translators; who shows it translates it."""
    return text


def tidy(text: str) -> str:
    """Return a text on one line, without spaces around it or doubled within.

    Raises:
        ValueError: it holds a character that cannot be stored; the message is a sentence.
    """
    joined = " ".join(text.split())
    if _UNWRITABLE.search(joined):
        raise ValueError(gettext_noop("There is a character in here that cannot be shown. Please type it again."))
    return joined


def writable(text: str) -> str:
    """Return a text without the characters that cannot be stored, for what nobody is there to type again."""
    return _UNWRITABLE.sub("", text)
