"""What stands on a page by chance alone."""

import re

_DRAWN = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # the public name of a row
    r"|\b[0-9A-Za-z]{32,}\b"  # the token of a form
    r"|(?<=:\d\d)\.\d{6}"  # the microseconds of a time
    r"|(?<=\d)\.\d{10,}"  # of a weight that fades by the clock; a figure has two decimals
)


def without_chance(page: str) -> str:
    """The page without what is drawn anew for each row, form and moment.

    Once in a few thousand runs a figure that must not be told stands in it by chance.
    """
    return _DRAWN.sub("", page)
