"""A customer's profile as a page, what may be corrected there, and what they allow.

Each press is a POST, checked, and harmless twice.
"""

from uuid import UUID

import pghistory
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from customers.enums import ConsentPurpose
from customers.models import ContactPoint, Customer, Erasure
from customers.selectors.consents import consents_of
from customers.services.consents import note_consent
from customers.services.contact_points import add_contact_point, prefer_contact_point, retire_contact_point
from customers.services.people import change_customer
from portal.audit import note_reading
from portal.desk.access import DeskRequest, customer_of, desk_required, needs, press
from portal.models import Reading
from portal.pops.selectors import written
from portal.profile.forms import PointForm, ProfileForm
from portal.profile.selectors import points_of

_CHANGE, _SEE, _RETIRE = "customers.change_customer", "customers.view_contact_points", "customers.change_contactpoint"
_ADD, _CONSENT = "customers.add_contactpoint", "customers.add_consent"


@require_safe
@desk_required
def profile(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """What we know of a customer, to be corrected; phones and addresses for those who may see them."""
    needs(request, _CHANGE)
    customer = customer_of(request, public_id)
    if customer.public_id != public_id:
        return redirect("profile", customer.public_id)
    return _page(request, customer)


@press(_CHANGE)
def change(request: DeskRequest, customer: Customer) -> HttpResponse:
    """Something of it was wrong, or is another now."""
    form = ProfileForm(request.POST.dict(), customer=customer)
    if form.is_valid():
        try:
            is_changed = change_customer(customer=customer, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Changed.") if is_changed else _("That is what stood there."))
            return redirect("contact", customer.public_id)
    return _page(request, customer, form)


@press(_ADD, _SEE)
def add_point(request: DeskRequest, customer: Customer) -> HttpResponse:
    """They can be reached in one more way."""
    form = PointForm(request.POST)
    if form.is_valid():
        try:
            with pghistory.context(user=request.user.pk, source="profile"):
                point, is_new = add_contact_point(customer=customer, **form.cleaned_data)
        except ValidationError as error:
            form.refuse(error)
        else:
            said = _("%(text)s is theirs from now on.") if is_new else _("%(text)s was theirs already.")
            messages.success(request, said % {"text": written(point)})
            return _back(customer, "points")
    return _page(request, customer, wrong_point=form)


@press(_RETIRE, _SEE)
def prefer(request: DeskRequest, customer: Customer, pk: int) -> HttpResponse:
    """A number or an address is to be used before the others."""
    point = get_object_or_404(ContactPoint, pk=pk, customer=customer)
    done = prefer_contact_point(point=point, by=request.user)
    messages.success(request, _("Noted: we use that first.") if done else _("That was noted already."))
    return _back(customer, "points")


@press(_RETIRE, _SEE)
def retire(request: DeskRequest, customer: Customer, pk: int) -> HttpResponse:
    """A number or an address is not theirs."""
    point = get_object_or_404(ContactPoint, pk=pk, customer=customer)
    done = retire_contact_point(point=point, by=request.user)
    messages.success(request, _("Noted: that is not theirs.") if done else _("That was noted already."))
    return _back(customer, "points")


@press(_CONSENT)
def note_word(request: DeskRequest, customer: Customer, purpose: str) -> HttpResponse:
    """They said yes, or no, to one purpose."""
    answer = request.POST.get("answer", "")
    if purpose not in ConsentPurpose.values or answer not in ("yes", "no") or _is_forgotten(customer):
        raise Http404
    # Their whole name does not always fit, and the first of it says who it was.
    source = (_("Said so to %(name)s") % {"name": request.user.display_name})[:120]
    noted = note_consent(customer=customer, purpose=purpose, is_given=answer == "yes", source=source)
    said = _("Noted: they said yes.") if answer == "yes" else _("Noted: they said no.")
    messages.success(request, said if noted else _("That was noted already."))
    return _back(customer, "allowed")


def _back(customer: Customer, part: str) -> HttpResponse:
    return redirect(f"{reverse('profile', args=[customer.public_id])}#{part}")


def _page(
    request: DeskRequest,
    customer: Customer,
    wrong: ProfileForm | None = None,
    wrong_point: PointForm | None = None,
) -> HttpResponse:
    note_reading(user=request.user, customers=[customer], door=Reading.Door.CONTACT_VIEW)
    may_see = request.user.has_perm(_SEE)
    context = {
        "customer": customer,
        "is_forgotten": _is_forgotten(customer),
        "form": wrong or ProfileForm(customer=customer),
        "may_see": may_see,
        "point_form": wrong_point or PointForm(),
        "may_add": may_see and request.user.has_perm(_ADD),
        "consents": consents_of(customer) if request.user.has_perm("customers.view_consent") else [],
        "may_consent": request.user.has_perm(_CONSENT),
        "may_retire": may_see and request.user.has_perm(_RETIRE),
        "points": points_of(customer) if may_see else [],
    }
    return render(request, "profile/profile.html", context, status=422 if wrong or wrong_point else 200)


def _is_forgotten(customer: Customer) -> bool:
    return Erasure.objects.filter(customer=customer).exists()
