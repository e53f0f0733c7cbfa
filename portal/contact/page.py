"""The contact view as a page and as the parts of it that a press changes."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from portal.contact.blocks import BLOCKS, FORMS, ROW_FORMS
from portal.contact.branches import branches_for
from portal.contact.contact import Contact
from portal.contact.selectors import gather
from portal.contact.timeline import Cursor, read_timeline
from portal.desk.access import DeskRequest
from portal.forms import HouseForm
from portal.models import Reading, User


@dataclass(frozen=True)
class Done:
    """What was done, in words; which blocks it changes, which form begins afresh, and where the focus goes."""

    said: str
    blocks: tuple[str, ...]
    form: str = ""
    focus: str = ""


def look(*, user: User, public_id: UUID) -> Contact:
    """Return what this colleague may know of a customer, and leave a line in the trail of who read what.

    Raises:
        Http404: there is no such customer, for them.
    """
    contact = gather(user=user, public_id=public_id)
    if contact is None:
        raise Http404
    Reading.objects.create(user_id=user.pk, customer_id=contact.customer.pk, door=Reading.Door.CONTACT_VIEW)
    return contact


def may(user: User) -> dict[str, bool]:
    """What this colleague may do here; what they may not is not offered."""
    return {
        "open": user.has_perm("customers.add_interaction"),
        "close": user.has_perm("customers.change_interaction"),
        "note": user.has_perm("customers.add_preference"),
        "retire": user.has_perm("customers.change_preference"),
        "promise": user.has_perm("customers.add_promise"),
        "settle": user.has_perm("customers.change_promise"),
        "pin": user.has_perm("portal.add_pin"),
        "unpin": user.has_perm("portal.change_pin"),
        "incident": user.has_perm("customers.add_incident"),
        "resolve": user.has_perm("customers.change_incident"),
        "why": user.has_perm("portal.use_admin") and user.has_perm("tiers.view_standing"),
        "decide": user.has_perm("tiers.add_override"),
        "undo": user.has_perm("tiers.change_override"),
    }


def context(request: DeskRequest, contact: Contact, wrong: HouseForm | None = None) -> dict[str, Any]:
    """What the templates need; `wrong` is the form that has to be mended and takes the place of its fresh one."""
    forms = {name: standing.make(contact) for name, standing in FORMS.items()}
    refused: dict[str, Any] = {}
    if wrong is not None and wrong.name in forms:
        forms[wrong.name] = wrong
        refused = {"template": FORMS[wrong.name].template}
    for beside in ROW_FORMS:
        for row in getattr(contact, beside.rows):
            row.form = beside.make(row, contact)
            if wrong is not None and wrong.name == row.form.name:
                row.form = wrong
                refused = {"template": beside.template, beside.called: row}
    known = {"contact": contact, "customer": contact.customer, "forms": forms, "may": may(request.user)}
    return known | {"wrong": wrong, "refused": refused}


def with_timeline(
    request: DeskRequest, contact: Contact, before: Cursor | None = None, kind: str = ""
) -> dict[str, Any]:
    """The timeline's part of the context; with `kind` of that kind alone."""
    page = read_timeline(user=request.user, customer=contact.customer, now=contact.now, before=before, kind=kind)
    kinds = [(one.kind.value, one.kind.label, one.shortcut) for one in branches_for(request.user)]
    return {"timeline": page, "is_earlier": before is not None, "kind": kind, "kinds": kinds}


def page(request: DeskRequest, contact: Contact, wrong: HouseForm | None = None, **more: Any) -> HttpResponse:
    """The whole page; with a form to mend it is a 422."""
    parts = context(request, contact, wrong) | {"timeline": None} | more
    if parts["timeline"] is None:
        parts |= with_timeline(request, contact)
    return render(request, "contact/page.html", parts, status=422 if wrong else 200)


def answer(request: DeskRequest, public_id: UUID, outcome: Done | HouseForm) -> HttpResponse:
    """Answer a press: the changed parts to a page with script, a redirect or the page to one without."""
    if isinstance(outcome, Done) and not request.htmx:
        messages.success(request, outcome.said)
        return redirect("contact", public_id)
    contact = look(user=request.user, public_id=public_id)
    if isinstance(outcome, HouseForm):
        return _refused(request, contact, outcome)
    parts = context(request, contact) | {"done": outcome, "templates": _changed(outcome)}
    if outcome.form:
        parts |= {"form_template": FORMS[outcome.form].template, "form": parts["forms"][outcome.form]}
    if "timeline" in outcome.blocks:
        parts |= with_timeline(request, contact)
    response = render(request, "contact/changed.html", parts)
    response["HX-Trigger-After-Settle"] = json.dumps({"house:focus": {"id": outcome.focus}})
    return response


def _changed(outcome: Done) -> list[str]:
    """The templates of the blocks that a deed changes, in the order of the page."""
    return [template for block, drawn in BLOCKS.items() if block in outcome.blocks for template in drawn]


def _refused(request: DeskRequest, contact: Contact, form: HouseForm) -> HttpResponse:
    if not request.htmx:
        return page(request, contact, form)
    parts = context(request, contact, form)
    response = render(request, "contact/refused.html", parts | parts["refused"], status=422)
    response["HX-Trigger-After-Settle"] = json.dumps({"house:focus": {"id": form.first_wrong}})
    return response
