"""The contact view as a page and as the parts of it that a press changes."""

import json
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from customers.models import Customer
from portal.contact.blocks import BLOCKS
from portal.contact.branches import branches_for
from portal.contact.contact import Contact
from portal.contact.drawing import draw_form, draw_row_form, draw_wrong
from portal.contact.selectors import gather
from portal.contact.timeline import Cursor, read_timeline
from portal.copies import secret_of
from portal.desk.access import DeskRequest
from portal.forms import HouseForm
from portal.frame import framed
from portal.hints.noting import note_hints
from portal.jinja import draw
from portal.models import User

# Says of a block that it takes the place of itself on the page.
_OUT_OF_BAND = mark_safe(' hx-swap-oob="true"')


@dataclass(frozen=True)
class Done:
    """What was done, in words; which blocks it changes, which form begins afresh, and where the focus goes.

    `is_saved`: False where the press was refused, and left nothing behind.
    """

    said: str
    blocks: tuple[str, ...]
    form: str = ""
    focus: str = ""
    is_saved: bool = True


def look(*, user: User, public_id: UUID, draws_hints: bool = True) -> Contact:
    """Return what this colleague may know of a customer, and leave a line in the trail of who read what.

    `draws_hints`: whether the hints will stand on what is drawn from it; then that is noted too.

    Raises:
        Http404: there is no such customer, for them.
    """
    contact = gather(user=user, public_id=public_id, is_look=True)
    if contact is None:
        raise Http404
    if draws_hints:
        note_hints(contact)
    return contact


def may(user: User) -> dict[str, bool]:
    """What this colleague may do here; what they may not is not offered."""
    return {
        "open": user.has_perm("customers.add_interaction"),
        "close": user.has_perm("customers.change_interaction"),
        "take_back": user.has_perm("customers.take_back_incident"),
        "note": user.has_perm("customers.add_preference"),
        "retire": user.has_perm("customers.change_preference"),
        "agree": user.has_perm("customers.add_consent"),
        "caution": user.has_perm("customers.add_caution"),
        "uncaution": user.has_perm("customers.change_caution"),
        "promise": user.has_perm("customers.add_promise"),
        "settle": user.has_perm("customers.change_promise"),
        "pin": user.has_perm("portal.add_pin"),
        "unpin": user.has_perm("portal.change_pin"),
        "video": user.has_perm("tiers.add_videoroom"),
        "incident": user.has_perm("customers.add_incident"),
        "resolve": user.has_perm("customers.change_incident"),
        "give": user.has_perm("feedback.add_givingentry"),
        "why": user.has_perm("portal.use_admin") and user.has_perm("tiers.view_standing"),
        "decide": user.has_perm("tiers.add_override"),
        "undo": user.has_perm("tiers.change_override"),
        "correct": user.has_perm("customers.change_customer"),
        "relate": user.has_perm("customers.add_relationship"),
        "hint": user.has_perm("portal.add_hintpress"),
    }


def context(request: DeskRequest, contact: Contact, wrong: HouseForm | None = None) -> dict[str, Any]:
    """What the templates need; `wrong` is the form that has to be mended, in the place of its fresh self."""
    secret = secret_of(request)
    drawn: dict[str, Any] = {"contact": contact, "secret": secret, "wrong": wrong}
    return {
        **drawn,
        **whose(request, contact.customer),
        "standing_form": partial(draw_form, **drawn),
        "row_form": partial(draw_row_form, **drawn),
    }


def whose(request: DeskRequest, customer: Customer) -> dict[str, Any]:
    """What every template needs, that of a few entries too: whose page it is, and what one may do there."""
    return {
        "customer": customer,
        "user": request.user,
        "may": may(request.user),
        "csrf": format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', secret_of(request)),
    }


def with_timeline(request: DeskRequest, customer: Any, before: Cursor | None = None, kind: str = "") -> dict[str, Any]:
    """The timeline's part of the context, of a customer who was read `now`; with `kind` of that kind alone."""
    page = read_timeline(user=request.user, customer=customer, now=customer.now, before=before, kind=kind)
    kinds = [(one.kind.value, one.kind.label, one.shortcut) for one in branches_for(request.user)]
    return {"timeline": page, "is_earlier": before is not None, "kind": kind, "kinds": kinds}


def page(request: DeskRequest, contact: Contact, wrong: HouseForm | None = None, **more: Any) -> HttpResponse:
    """The whole page, whose timeline comes after it where it is not among what is given; with a form to mend a 422."""
    parts = context(request, contact, wrong) | more
    content = draw("contact/content.jinja", parts)
    title, path = contact.customer.full_name, more.get("stands_at", "")
    html = framed(request, "contact/page.html", path=path, title=title, content=content)
    return HttpResponse(html, status=422 if wrong else 200)


def answer(request: DeskRequest, public_id: UUID, outcome: Done | HouseForm) -> HttpResponse:
    """Answer a press: the changed parts to a page with script, a redirect or the page to one without."""
    if isinstance(outcome, Done) and not request.htmx:
        messages.success(request, outcome.said)
        return redirect("contact", public_id)
    draws_all = isinstance(outcome, Done) or not request.htmx
    contact = look(user=request.user, public_id=public_id, draws_hints=draws_all)
    if isinstance(outcome, HouseForm):
        return _refused(request, contact, outcome)
    parts = context(request, contact) | {"done": outcome, "templates": _changed(outcome), "oob": _OUT_OF_BAND}
    if "timeline" in outcome.blocks:
        parts |= with_timeline(request, contact.customer)
    response = HttpResponse(draw("contact/changed.jinja", parts))
    response["HX-Trigger-After-Settle"] = json.dumps({"house:focus": {"id": outcome.focus}})
    return response


def _changed(outcome: Done) -> list[str]:
    """The templates of the blocks that a deed changes, in the order of the page; whatever it is, hints may follow."""
    return [template for block, drawn in BLOCKS.items() if block in (*outcome.blocks, "hints") for template in drawn]


def _refused(request: DeskRequest, contact: Contact, form: HouseForm) -> HttpResponse:
    if not request.htmx:
        return page(request, contact, form)
    parts = {"form": draw_wrong(contact=contact, secret=secret_of(request), wrong=form)}
    response = render(request, "contact/refused.html", parts, status=422)
    response["HX-Trigger-After-Settle"] = json.dumps({"house:focus": {"id": form.first_wrong}})
    return response
