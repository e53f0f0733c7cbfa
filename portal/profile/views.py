"""A customer's profile as a page, and what may be corrected there. Each press is a POST, checked, harmless twice."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import OuterRef, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from customers.enums import SuppressionReason
from customers.models import ContactPoint, Customer, Erasure, Suppression
from customers.services.contact_points import retire_contact_point
from customers.services.people import change_customer
from portal.audit import note_reading
from portal.desk.access import DeskRequest, customer_of, desk_required, needs, press
from portal.models import Reading
from portal.pops.selectors import written
from portal.profile.forms import ProfileForm

_CHANGE, _SEE, _RETIRE = "customers.change_customer", "customers.view_contact_points", "customers.change_contactpoint"


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


@press(_RETIRE, _SEE)
def retire(request: DeskRequest, customer: Customer, pk: int) -> HttpResponse:
    """A number or an address is not theirs."""
    point = get_object_or_404(ContactPoint, pk=pk, customer=customer)
    done = retire_contact_point(point=point, by=request.user)
    messages.success(request, _("Noted: that is not theirs.") if done else _("That was noted already."))
    return redirect("profile", customer.public_id)


def _page(request: DeskRequest, customer: Customer, wrong: ProfileForm | None = None) -> HttpResponse:
    note_reading(user=request.user, customers=[customer], door=Reading.Door.CONTACT_VIEW)
    may_see = request.user.has_perm(_SEE)
    held = Suppression.objects.filter(address=OuterRef("normalised")).values("reason")
    points = customer.contact_points.filter(is_active=True).order_by("-is_preferred", "-kind", "pk")
    context = {
        "customer": customer,
        "is_forgotten": Erasure.objects.filter(customer=customer).exists(),
        "form": wrong or ProfileForm(customer=customer),
        "may_see": may_see,
        "may_retire": may_see and request.user.has_perm(_RETIRE),
        "points": [
            (point, written(point), SuppressionReason(point.held).label if point.held else "")
            for point in points.annotate(held=Subquery(held))
        ]
        if may_see
        else [],
    }
    return render(request, "profile/profile.html", context, status=422 if wrong else 200)
