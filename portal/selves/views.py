"""Roles and relationships as a page, and what may be pressed there. Each press is a POST, checked, harmless twice."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from customers.enums import Capacity
from customers.models import Customer, Relationship
from customers.selectors.search import find_customers
from customers.services import relationships
from customers.services import selves as services
from portal.audit import note_reading
from portal.desk.access import DeskRequest, customer_of, desk_required, needs, press
from portal.forms import HouseForm
from portal.models import Reading
from portal.selves.forms import OtherRoleForm, RelationForm, RoleForm
from portal.selves.selectors import read_ties

# More than this nobody reads in the middle of a call.
_MOST_FOUND = 8
_LONGEST = 200


@require_safe
@desk_required
def selves(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """Roles and relationships of a customer. `?q=` looks for somebody else, `?other=` is who was chosen."""
    needs(request, "customers.view_relationship")
    customer = customer_of(request, public_id)
    if customer.public_id != public_id:
        return redirect("selves", customer.public_id)
    text = " ".join(request.GET.get("q", "").replace("\0", " ").split())[:_LONGEST]
    other = _other(request, request.GET.get("other", "")) if "other" in request.GET else None
    return _page(request, customer, text=text, other=other)


@press("customers.add_person")
def add(request: DeskRequest, customer: Customer) -> HttpResponse:
    """Another profile for the same person; leads there."""
    form = RoleForm(request.POST, name="add")
    if form.is_valid():
        try:
            new, is_new = services.add_self(customer=customer, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.refuse(error)
        else:
            said = _("This is their page in the other role.") if is_new else _("They are known in this role already.")
            messages.success(request, said)
            return redirect("contact", new.public_id)
    return _page(request, customer, wrong=form)


@press("customers.change_person")
def change(request: DeskRequest, customer: Customer) -> HttpResponse:
    """The role in which this customer is here."""
    form = RoleForm(request.POST, name="role")
    if form.is_valid():
        try:
            done = services.change_role(customer=customer, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.refuse(error)
        else:
            return _done(request, customer, _("Noted.") if done else _("That is their role already."))
    return _page(request, customer, wrong=form)


@press("customers.add_person")
def link(request: DeskRequest, customer: Customer) -> HttpResponse:
    """Another customer is the same person."""
    other = _other(request, request.POST.get("other", ""))
    form = OtherRoleForm(request.POST, name="link")
    if form.is_valid():
        said = {name: form.cleaned_data[name] for name in ("capacity", "firm")}
        try:
            _person, is_new = services.link_selves(customer=customer, other=other, by=request.user, **said)
        except ValidationError as error:
            form.refuse(error)
        else:
            told = _("They are one person now, each role with its own orders and tier.")
            return _done(request, customer, told if is_new else _("They are one person already."))
    return _page(request, customer, other=other, wrong=form)


@press("customers.change_person")
def unlink(request: DeskRequest, customer: Customer) -> HttpResponse:
    """This customer is somebody else after all."""
    done = services.unlink_self(customer=customer, by=request.user)
    said = _("They stand alone again, with everything that is theirs.") if done else _("They stood alone already.")
    return _done(request, customer, said)


@press("customers.add_relationship")
def relate(request: DeskRequest, customer: Customer) -> HttpResponse:
    """What this customer is to another one, or that one to them."""
    other = _other(request, request.POST.get("other", ""))
    form = RelationForm(request.POST, other_name=other.full_name)
    if form.is_valid():
        sides = (other, customer) if form.is_theirs else (customer, other)
        said = {name: form.cleaned_data[name] for name in ("may_act", "source", "since")}
        try:
            _one, is_new = relationships.note_relationship(
                customer=sides[0], other=sides[1], kind=form.kind_of, noted_by=request.user, **said
            )
        except ValidationError as error:
            form.refuse(error)
        else:
            return _done(
                request, customer, _("Noted.") if is_new else _("That was noted already; it is up to date now.")
            )
    return _page(request, customer, other=other, wrong=form)


@press("customers.change_relationship")
def end(request: DeskRequest, customer: Customer, pk: int) -> HttpResponse:
    """It is no longer so."""
    found = get_object_or_404(Relationship.objects.about(customer.pk), pk=pk)
    done = relationships.end_relationship(relationship=found, by=request.user)
    return _done(request, customer, _("Noted: it is no longer so.") if done else _("That was known already."))


def _other(request: DeskRequest, text: str) -> Customer:
    try:
        return customer_of(request, UUID(text))
    except ValueError:
        raise Http404 from None


def _likely_role(customer: Customer, other: Customer) -> dict[str, str]:
    """The role of the other one; two cannot both be there for themselves."""
    is_taken = customer.capacity == other.capacity == Capacity.PRIVATE
    return {"capacity": Capacity.FIRM if is_taken else other.capacity, "firm": other.firm}


def _done(request: DeskRequest, customer: Customer, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect("selves", customer.public_id)


def _page(
    request: DeskRequest,
    customer: Customer,
    *,
    text: str = "",
    other: Customer | None = None,
    wrong: HouseForm | None = None,
) -> HttpResponse:
    note_reading(user=request.user, customers=[customer], door=Reading.Door.CONTACT_VIEW)
    found = find_customers(user=request.user, text=text, limit=_MOST_FOUND + 1) if text else []
    role = {"capacity": customer.capacity, "firm": customer.firm}
    forms: dict[str, HouseForm] = {"add": RoleForm(name="add"), "role": RoleForm(name="role", initial=role)}
    if other is not None:
        whose = {"other": other.public_id}
        forms["link"] = OtherRoleForm(name="link", initial=whose | _likely_role(customer, other))
        forms["relation"] = RelationForm(other_name=other.full_name, initial=whose)
    if wrong is not None:
        forms[wrong.name] = wrong
    may = {
        "link": request.user.has_perm("customers.add_person"),
        "change": request.user.has_perm("customers.change_person"),
        "relate": request.user.has_perm("customers.add_relationship"),
        "end": request.user.has_perm("customers.change_relationship"),
    }
    context = {
        "customer": customer,
        "ties": read_ties(user=request.user, customer=customer),
        "text": text,
        "found": [one for one in found[:_MOST_FOUND] if one.customer.pk != customer.pk],
        "has_more": len(found) > _MOST_FOUND,
        "other": other,
        "forms": forms,
        "may": may,
    }
    return render(request, "selves/selves.html", context, status=422 if wrong else 200)
