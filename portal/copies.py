"""Parts of pages that are drawn once and copied. Drawing is what costs most of a page that is otherwise quick.

A copy differs from the next only in a few words: whose it is, the secret against forgery. The first drawing is made
with marks in the place of these.
"""

import re
from collections.abc import Callable, Hashable, Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import get_template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

# Marks for what goes into addresses, and has to look like it: values of the names "uuid" and "pk".
UUID_MARK = UUID("00000000-0000-4000-8000-00000000c0de")
PK_MARK = 8_888_888_888_888_888_888
_MARKS = re.compile(f"(?P<uuid>{UUID_MARK})|(?P<pk>{PK_MARK})|\ue000(?P<name>[a-z_]+)\ue001")
# Beyond this many something in a key is not what it should be, and one begins afresh.
_MOST = 1_000
# Each is cut at its marks: text and the name of what goes behind it, in turns.
_copies: dict[Hashable, list[str]] = {}


def mark(name: str) -> str:
    """Return the mark in whose place the value of this name goes, escaped."""
    return f"\ue000{name}\ue001"


def secret_of(request: HttpRequest) -> str:
    """Return the token against forgery, the same one for all forms of a page: each new one is drawn by chance."""
    known: str | None = getattr(request, "_secret_of_page", None)
    if known is None:
        known = get_token(request)
        request._secret_of_page = known  # type: ignore[attr-defined]
    return known


def copied(
    template: str, key: Hashable, parts: Callable[[], Mapping[str, Any]], values: Mapping[str, Any]
) -> SafeString:
    """Return a template's HTML with `values` in the place of its marks.

    It is drawn once for each `key` and language, with the parts, in which the marks stand; the key has to tell apart
    whatever else the drawing depends on.
    """
    place = (template, key, get_language())
    copy = _copies.get(place)
    if copy is None:
        copy = _cut(get_template(template).render(dict(parts())))
        if len(_copies) >= _MOST:
            _copies.clear()
        # While templates are being written they are drawn anew each time.
        if not settings.DEBUG:
            _copies[place] = copy
    written = list(copy)
    escaped = {name: conditional_escape(values[name]) for name in set(copy[1::2])}
    written[1::2] = [escaped[name] for name in copy[1::2]]
    return mark_safe("".join(written))  # noqa: S308 - each value is escaped


def _cut(drawn: str) -> list[str]:
    pieces, end = [], 0
    for found in _MARKS.finditer(drawn):
        pieces += [drawn[end : found.start()], found["name"] or ("uuid" if found["uuid"] else "pk")]
        end = found.end()
    return [*pieces, drawn[end:]]
