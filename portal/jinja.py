"""Jinja: the templates of what is drawn anew at each look, and drawn most.

Django's own templates stay the rule of the house. Theirs are walked node by node at each drawing, which for the contact
view took as long as all else together; Jinja's are compiled to Python. What a template of theirs ends in says which it
is: `.jinja`. Filters that a template of Django's has, too, have the same names here.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.template import engines
from django.template.defaultfilters import floatformat, truncatechars
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext
from jinja2 import Environment
from markupsafe import Markup

from portal.templatetags import house

_FILTERS = (house.said, house.said_day, house.lateness, house.is_past, house.language_name, house.local_clock)


def environment(**options: Any) -> Environment:
    """Return the environment that the settings ask for; escaping is on, as Django's backend sets it."""
    made = Environment(**options, trim_blocks=True, lstrip_blocks=True)  # noqa: S701
    made.filters |= {one.__name__: one for one in (*_FILTERS, house.place_of, floatformat, truncatechars, written)}
    made.globals |= {"url_of": url_of, "_": translated, "ngettext": counted}
    return made


def draw(template: str, parts: Mapping[str, Any]) -> SafeString:
    """Return a Jinja template's HTML. It has `parts` and no more: nothing comes with a request."""
    return mark_safe(engines["jinja2"].get_template(template).render(dict(parts)))  # noqa: S308 - a template's


def translated(text: str, /, **values: Any) -> Markup:
    """Return a sentence in the reader's language, with escaped values in the place of %(name)s."""
    said = Markup(gettext(text))  # noqa: S704 - ours
    return said % values if values else said


def counted(one: str, many: str, num: int, /) -> Markup:
    """Return the one of two sentences that goes with a number, which stands in it as %(num)s."""
    return Markup(ngettext(one, many, num)) % {"num": num}  # noqa: S704 - ours


def url_of(name: str, *args: Any) -> str:
    """Return the address of this name."""
    return reverse(name, args=args)


def written(at: datetime, form: str) -> str:
    """Return a moment by the house's clock, in one of Django's date formats."""
    return date_format(timezone.localtime(at), form)
