"""Parts of pages that are drawn once and copied. Drawing is what costs most of a page that is otherwise quick.

A copy differs from the next only in a few words: whose it is, the secret against forgery. The first drawing is made
with marks in the place of these.
"""

import re
from collections.abc import Callable, Hashable, Mapping
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import get_template
from django.urls import get_script_prefix, reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from markupsafe import escape

# Marks for what goes into addresses, and has to look like it: values of the names "uuid" and "pk".
UUID_MARK = UUID("00000000-0000-4000-8000-00000000c0de")
PK_MARK = 8_888_888_888_888_888_888
_MARKS = re.compile(f"(?P<uuid>{UUID_MARK})|(?P<pk>{PK_MARK})|\ue000(?P<name>[a-z_]+)\ue001")
# Beyond this many something in a key is not what it should be, and one begins afresh.
_MOST = 1_000
# Each is cut at its marks: text and the name of what goes behind it, in turns.
_copies: dict[Hashable, list[str]] = {}
# Which mark stands for an argument of an address, by its type, and what that mark is called.
_ARGUMENTS: dict[type, tuple[UUID | int, str]] = {UUID: (UUID_MARK, "uuid"), int: (PK_MARK, "pk")}


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
    escaped = {name: str(escape(values[name])) for name in set(copy[1::2])}
    written[1::2] = [escaped[name] for name in copy[1::2]]
    return SafeString("".join(written))


def address_of(name: str, *args: Any) -> str:
    """Return the address of this name, as `reverse` does, which looks through all of the site's for each."""
    kinds = tuple(map(type, args))
    if len(set(kinds)) < len(kinds) or not _ARGUMENTS.keys() >= set(kinds):
        return reverse(name, args=args)
    written = list(_address(name, kinds, get_script_prefix()))
    values = {_ARGUMENTS[kind][1]: str(value) for kind, value in zip(kinds, args, strict=True)}
    written[1::2] = [values[called] for called in written[1::2]]
    return "".join(written)


@lru_cache(maxsize=_MOST)
def _address(name: str, kinds: tuple[type, ...], _prefix: str) -> list[str]:
    return _cut(reverse(name, args=[_ARGUMENTS[kind][0] for kind in kinds]))


def _cut(drawn: str) -> list[str]:
    pieces, end = [], 0
    for found in _MARKS.finditer(drawn):
        pieces += [drawn[end : found.start()], found["name"] or ("uuid" if found["uuid"] else "pk")]
        end = found.end()
    return [*pieces, drawn[end:]]
