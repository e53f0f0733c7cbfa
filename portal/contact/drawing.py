"""Forms of the contact view as HTML. A fresh one is drawn once and copied: drawing is what would cost most of the page.

A copy differs from the next only in whose it is: the customer, the row beside which it stands, the secret against
forgery. The first drawing is made with marks in the place of these.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.template.loader import get_template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from portal.contact.blocks import FORMS, ROW_FORMS, RowForm
from portal.contact.contact import Contact
from portal.forms import HouseForm

_CUSTOMER = "00000000-0000-4000-8000-00000000c0de"
_PK = 8_888_888_888_888_888_888
_SECRET = "\ue000secret\ue001"  # noqa: S105 (a mark)
_MARKS = re.compile(f"{_CUSTOMER}|{_PK}|\ue000[a-z_]+\ue001")


def draw_form(
    name: str, contact: Contact, *, secret: str, wrong: HouseForm | None = None, is_oob: bool = False
) -> SafeString:
    """Return the standing form of this name; `wrong`, where that is the one to be mended, takes its place.

    `secret`: the token against forgery. `is_oob`: whether it replaces the one on the page.
    """
    standing = FORMS[name]
    whose = {"public_id": str(contact.customer.public_id)}
    pk = standing.pk(contact)
    if wrong is not None and wrong.name == name:
        return _render(standing.template, {"form": wrong, "customer": whose, "pk": pk}, secret, is_oob=is_oob)
    copy = _drawn(name, _Known(standing.knows(contact), contact), get_language() or "", is_oob)
    return _filled(copy, {_CUSTOMER: whose["public_id"], str(_PK): str(pk), _SECRET: secret})


def draw_row_form(
    beside: RowForm, row: Any, contact: Contact, *, secret: str, wrong: HouseForm | None = None, is_oob: bool = False
) -> SafeString:
    """Return the form beside a row, or `wrong` where that is this row's and has to be mended."""
    whose = {"public_id": str(contact.customer.public_id)}
    if wrong is not None and wrong.name == beside.form_name(row):
        parts = {"form": wrong, "customer": whose, beside.called: row}
        return _render(beside.template, parts, secret, is_oob=is_oob)
    copy = _drawn_beside(beside, _Known(beside.knows(contact), contact), get_language() or "", is_oob)
    values = {_CUSTOMER: whose["public_id"], str(_PK): str(row.pk), _SECRET: secret}
    return _filled(copy, values | {_mark(name): getattr(row, name) for name in beside.tells})


def is_row_form(form: HouseForm, contact: Contact) -> tuple[RowForm, Any] | None:
    """Return beside which row a form stands, or None for one that stands alone."""
    for beside in ROW_FORMS:
        for row in getattr(contact, beside.rows):
            if beside.form_name(row) == form.name:
                return beside, row
    return None


class _Known:
    """What a form's look depends on, as the key of a copy; with it the contact for the first drawing."""

    def __init__(self, known: Any, contact: Contact) -> None:
        self.known = known
        self._contact: Contact | None = contact

    def forget(self) -> Contact:
        """Give the contact out, once: the key lives on, what it came with does not."""
        contact, self._contact = self._contact, None
        assert contact is not None  # noqa: S101 - a copy is drawn once
        return contact

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Known) and self.known == other.known

    def __hash__(self) -> int:
        return hash(self.known)


class _Stub:
    """A row made of marks."""

    def __init__(self, tells: tuple[str, ...]) -> None:
        self.pk = _PK
        for name in tells:
            setattr(self, name, _mark(name))


def _mark(name: str) -> str:
    return f"\ue000{name}\ue001"


@lru_cache(maxsize=256)
def _drawn(name: str, known: _Known, _language: str, is_oob: bool) -> str:
    form = FORMS[name].make(known.forget())
    parts = {"form": form, "customer": {"public_id": _CUSTOMER}, "pk": _PK}
    return _render(FORMS[name].template, parts, _SECRET, is_oob=is_oob)


@lru_cache(maxsize=256)
def _drawn_beside(beside: RowForm, known: _Known, _language: str, is_oob: bool) -> str:
    stub = _Stub(beside.tells)
    form = beside.make(beside.form_name(stub), known.forget())
    parts = {"form": form, "customer": {"public_id": _CUSTOMER}, beside.called: stub}
    return _render(beside.template, parts, _SECRET, is_oob=is_oob)


def _render(template: str, parts: Mapping[str, Any], secret: str, *, is_oob: bool) -> SafeString:
    return mark_safe(get_template(template).render({**parts, "csrf_token": secret, "is_oob": is_oob}))  # noqa: S308 - drawn


def _filled(copy: str, values: Mapping[str, str]) -> SafeString:
    """Put values in the place of the marks, in one go: what is filled in is not looked at again."""
    return mark_safe(_MARKS.sub(lambda mark: str(conditional_escape(values[mark[0]])), copy))  # noqa: S308 - escaped
