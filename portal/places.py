"""Names of countries, and their time zones, from the lists that come with these."""

from functools import cache

from customers.zones import zone_rows


@cache
def _names() -> dict[str, str]:
    return {code: name for code, name, *_more in zone_rows("iso3166.tab")}


def country_name(code: str) -> str:
    """Return the English name of an ISO 3166 code; the code itself where it is not known."""
    # Nobody gives “Britain” as their country.
    name = "United Kingdom" if code == "GB" else _names().get(code, code)
    # The list says “Britain (UK)”; the bracket is for look-ups, not for a sentence.
    return name.partition(" (")[0]


def countries() -> list[tuple[str, str]]:
    """Return (code, name) of every country, by name."""
    return sorted(((code, country_name(code)) for code in _names()), key=lambda pair: pair[1])


@cache
def time_zones() -> list[tuple[str, str]]:
    """Return (name, name as one reads it) of every time zone that a country keeps, by name."""
    return sorted((zone, zone.replace("_", " ")) for _code, _where, zone, *_more in zone_rows("zone.tab"))
