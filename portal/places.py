"""Names of countries, from the list that comes with the time zones."""

from functools import cache
from importlib import resources


@cache
def _names() -> dict[str, str]:
    try:
        lines = (resources.files("tzdata") / "zoneinfo" / "iso3166.tab").read_text("utf-8").splitlines()
    except (ModuleNotFoundError, OSError):
        return {}
    return dict(line.split("\t", 1) for line in lines if line and not line.startswith("#"))


def country_name(code: str) -> str:
    """Return the English name of an ISO 3166 code; the code itself where it is not known."""
    # Nobody gives “Britain” as their country.
    name = "United Kingdom" if code == "GB" else _names().get(code, code)
    # The list says “Britain (UK)”; the bracket is for look-ups, not for a sentence.
    return name.partition(" (")[0]


def countries() -> list[tuple[str, str]]:
    """Return (code, name) of every country, by name."""
    return sorted(((code, country_name(code)) for code in _names()), key=lambda pair: pair[1])
