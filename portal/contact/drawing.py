"""Forms of the contact view as HTML: a fresh one is a copy (portal.copies), one to be mended is drawn for itself."""

from copy import copy
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

from portal.contact.blocks import FORMS, ROW_FORMS, RowForm
from portal.contact.contact import Contact
from portal.copies import PK_MARK, UUID_MARK, copied, mark
from portal.forms import HouseForm


def draw_form(
    name: str, contact: Contact, *, secret: str, wrong: HouseForm | None = None, is_oob: bool = False
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
    beside: RowForm, row: Any, contact: Contact, *, secret: str, wrong: HouseForm | None = None, is_oob: bool = False
) -> SafeString:
    """Return the form beside a row, or `wrong` where that is this row's and has to be mended."""

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


def is_row_form(form: HouseForm, contact: Contact) -> tuple[RowForm, Any] | None:
    """Return beside which row a form stands, or None for one that stands alone."""
    for beside in ROW_FORMS:
        for row in getattr(contact, beside.rows):
            if beside.form_name(row) == form.name:
                return beside, row
        if form.about and beside.form_name(form.about) == form.name:
            return beside, form.about
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
