"""Jinja: the templates of what is drawn anew at each look, and drawn most.

Django's own templates stay the rule of the house. Theirs are walked node by node at each drawing, which for the contact
view took as long as all else together; Jinja's are compiled to Python. What a template of theirs ends in says which it
is: `.jinja`. Filters that a template of Django's has, too, have the same names here.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.template import engines
from django.template.defaultfilters import floatformat
from django.template.defaultfilters import truncatechars as truncated
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext
from jinja2 import Environment
from markupsafe import Markup

from portal import dates
from portal.copies import address_of, copied, mark
from portal.templatetags import house

_FILTERS = (
    house.said,
    house.said_day,
    house.lateness,
    house.is_past,
    house.may_be_mistake,
    house.language_name,
    house.local_clock,
)


def environment(**options: Any) -> Environment:
    """Return the environment that the settings ask for; escaping is on, as Django's backend sets it."""
    made = Environment(**options, trim_blocks=True, lstrip_blocks=True)  # noqa: S701
    made.filters |= {one.__name__: one for one in (*_FILTERS, house.place_of, floatformat, truncatechars)}
    made.filters |= {one.__name__: one for one in (written, written_out, iso, decimals)}
    made.globals |= {"url_of": address_of, "_": translated, "ngettext": counted, "tier_badge": tier_badge}
    return made


def draw(template: str, parts: Mapping[str, Any]) -> SafeString:
    """Return a Jinja template's HTML. It has `parts` and no more: nothing comes with a request."""
    return SafeString(engines["jinja2"].get_template(template).render(dict(parts)))


def translated(text: str, /, **values: Any) -> Markup:
    """Return a sentence in the reader's language, with escaped values in the place of %(name)s."""
    said = _sentence(text, get_language())
    return said % values if values else said


@lru_cache(maxsize=4_096)
def _sentence(text: str, _language: str | None) -> Markup:
    return Markup(gettext(text))  # noqa: S704 - ours


def counted(one: str, many: str, num: int, /) -> Markup:
    """Return the one of two sentences that goes with a number, which stands in it as %(num)s."""
    return Markup(ngettext(one, many, num)) % {"num": num}  # noqa: S704 - ours


def tier_badge(name: str, shape: str) -> SafeString:
    """Return a tier's sign with its name."""
    return copied("portal/_tier.html", shape, lambda: {"tier": {"shape": shape, "name": mark("name")}}, {"name": name})


def truncatechars(text: str, length: int) -> str:
    """Return a text of at most so many characters."""
    return text if len(text) <= length else truncated(text, length)


def written(at: datetime, form: str) -> str:
    """Return the day of a moment by the house's clock, in one of Django's date formats."""
    return dates.written(timezone.localtime(at).date(), form)


def written_out(at: datetime) -> str:
    """Return a moment with its year, by the house's clock: “9 November 2024, 17:30”."""
    local = timezone.localtime(at)
    return f"{dates.written(local.date(), 'j F Y')}, {local:%H:%M}"


def iso(at: datetime) -> str:
    """Return a moment by the house's clock, as machines read it."""
    return timezone.localtime(at).isoformat(timespec="seconds")


def decimals(number: float, places: int) -> str:
    """Return a number with so many decimals, as the reader's language writes it."""
    return _decimals(round(number, places), places, get_language())


@lru_cache(maxsize=4_096)
def _decimals(number: float, places: int, _language: str | None) -> str:
    return number_format(number, places)
