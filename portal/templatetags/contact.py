"""Tags of the contact view: its forms, wherever they stand."""

from functools import lru_cache
from typing import Any
from uuid import UUID

from django import template
from django.template.context import Context
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString

from portal.contact.blocks import ROW_FORMS
from portal.contact.drawing import draw_form, draw_row_form, is_row_form
from portal.contact.parts.others import OtherRow, key_of
from portal.contact.timeline import Entry
from portal.copies import copied, mark

register = template.Library()
# A stand-in for an entry in an address.
_ANY_ENTRY = "any-0"
_BESIDE = {beside.prefix: beside for beside in ROW_FORMS}


@register.simple_tag(takes_context=True)
def standing_form(context: Context, name: str, *, is_oob: bool = False) -> SafeString:
    """The form of this name; the one to be mended, where that is it."""
    return draw_form(name, context["contact"], secret=context["secret"], wrong=context["wrong"], is_oob=is_oob)


@register.simple_tag(takes_context=True)
def row_form(context: Context, prefix: str, row: Any) -> SafeString:
    """The form of this kind beside a row."""
    return draw_row_form(_BESIDE[prefix], row, context["contact"], secret=context["secret"], wrong=context["wrong"])


@register.simple_tag(takes_context=True)
def wrong_form(context: Context) -> SafeString:
    """The form that has to be mended, to take the place of itself on the page."""
    wrong, contact, secret = context["wrong"], context["contact"], context["secret"]
    if beside := is_row_form(wrong, contact):
        return draw_row_form(*beside, contact, secret=secret, wrong=wrong, is_oob=True)
    return draw_form(wrong.name, contact, secret=secret, wrong=wrong, is_oob=True)


@register.filter
def others_key(others: list[OtherRow]) -> str:
    """What tells one list of colleagues from another."""
    return key_of(others)


@register.simple_tag(takes_context=True)
def plain_entry(context: Context, entry: Entry, *, begins: bool = False) -> SafeString:
    """An entry of the timeline that is not pinned; with many of them on a page each one is a copy."""
    line = entry.line
    at = timezone.localtime(line.at)
    values = {
        "at": at.isoformat(),
        "moment": date_format(at, "j F Y, H:i"),
        "day": line.day,
        "text": line.text,
        "amount": line.amount,
        "remark": line.remark,
        "pin_url": "",
    }
    if context["may"]["pin"]:
        values["pin_url"] = _pin_url(context["customer"].public_id).replace(_ANY_ENTRY, entry.key)
    known = tuple(name for name, value in values.items() if value)
    begins = begins and context["is_earlier"]
    return copied(
        "contact/_entry_plain.html",
        (line.mood, begins, known),
        lambda: {"mood": line.mood, "begins": begins} | {name: mark(name) for name in known},
        values,
    )


@lru_cache(maxsize=64)
def _pin_url(public_id: UUID) -> str:
    return reverse("pin", args=[public_id, _ANY_ENTRY])
