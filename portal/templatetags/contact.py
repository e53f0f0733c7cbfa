"""Tags of the contact view: its forms, wherever they stand."""

from typing import Any

from django import template
from django.template.context import Context
from django.utils.safestring import SafeString

from portal.contact.blocks import ROW_FORMS
from portal.contact.drawing import draw_form, draw_row_form, is_row_form
from portal.contact.parts.others import OtherRow, key_of

register = template.Library()
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
