"""Forms of the contact view as HTML: a fresh one is a copy (portal.copies), one to be mended is drawn for itself."""

from copy import copy
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

from portal.contact.blocks import FORMS, ROW_FORMS
from portal.contact.contact import Contact
from portal.copies import PK_MARK, UUID_MARK, copied, mark
from portal.forms import HouseForm

_BESIDE = {beside.prefix: beside for beside in ROW_FORMS}


def draw_form(
    name: str, *, contact: Contact, secret: str, wrong: HouseForm | None = None, is_oob: bool = False
) -> SafeString:
    """Return the standing form of this name; `wrong`, where that is the one to be mended, takes its place.

    `secret`: the token against forgery. `is_oob`: whether it replaces the one on the page.
    """
    standing = FORMS[name]
    pk, public_id = standing.pk(contact), contact.customer.public_id

    def parts(form: HouseForm, **whose: Any) -> dict[str, Any]:
        return {"form": form, "is_oob": is_oob, **whose}

    if wrong is not None and wrong.name == name:
        pk = wrong.about.pk if wrong.about else pk
        return _drawn(standing.template, parts(wrong, **_whose(public_id, secret), press=uuid4(), pk=pk))
    return copied(
        standing.template,
        (name, standing.knows(contact), is_oob),
        lambda: parts(
            standing.make(_of_anybody(contact)), **_whose(UUID_MARK, mark("secret")), press=mark("press"), pk=PK_MARK
        ),
        {"uuid": public_id, "pk": pk, "secret": secret, "press": uuid4()},
    )


def draw_row_form(
    prefix: str, row: Any, *, contact: Contact, secret: str, wrong: HouseForm | None = None, is_oob: bool = False
) -> SafeString:
    """Return the form of this kind beside a row, or `wrong` where that is this row's and has to be mended."""
    beside = _BESIDE[prefix]

    def parts(form: HouseForm, row: Any, **whose: Any) -> dict[str, Any]:
        return {"form": form, beside.called: row, "is_oob": is_oob, **whose}

    if wrong is not None and wrong.name == beside.form_name(row):
        return _drawn(beside.template, parts(wrong, row, **_whose(contact.customer.public_id, secret), press=uuid4()))
    stub = SimpleNamespace(pk=PK_MARK, **{name: mark(name) for name in beside.tells})
    return copied(
        beside.template,
        (beside.prefix, beside.knows(contact), is_oob),
        lambda: parts(
            beside.make(beside.form_name(stub), contact), stub, **_whose(UUID_MARK, mark("secret")), press=mark("press")
        ),
        {"uuid": contact.customer.public_id, "pk": row.pk, "secret": secret, "press": uuid4()}
        | {name: getattr(row, name) for name in beside.tells},
    )


def draw_wrong(*, contact: Contact, secret: str, wrong: HouseForm) -> SafeString:
    """Return the form that has to be mended, to take the place of itself on the page."""
    if found := _is_beside(wrong, contact):
        return draw_row_form(*found, contact=contact, secret=secret, wrong=wrong, is_oob=True)
    return draw_form(wrong.name, contact=contact, secret=secret, wrong=wrong, is_oob=True)


def _is_beside(form: HouseForm, contact: Contact) -> tuple[str, Any] | None:
    """Return the kind of the form and beside which row it stands, or None for one that stands alone."""
    for beside in ROW_FORMS:
        for row in getattr(contact, beside.rows):
            if beside.form_name(row) == form.name:
                return beside.prefix, row
        if form.about and beside.form_name(form.about) == form.name:
            return beside.prefix, form.about
    return None


def _of_anybody(contact: Contact) -> Contact:
    """The contact with the mark in the place of whose it is."""
    anybody = copy(contact)
    anybody.customer = copy(contact.customer)
    anybody.customer.public_id = UUID_MARK
    return anybody


def _whose(public_id: Any, secret: str) -> dict[str, Any]:
    return {"customer": {"public_id": public_id}, "csrf_token": secret}


def _drawn(template: str, parts: dict[str, Any]) -> SafeString:
    return mark_safe(get_template(template).render(parts))  # noqa: S308 - a template's
