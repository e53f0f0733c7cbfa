"""The desk, search, adding a customer, and the list of keys."""

from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from customers.models import Customer
from customers.phones import digits
from customers.selectors.match import match_email, match_phone
from customers.selectors.search import find_customers
from customers.services.people import add_customer
from portal.desk.access import DeskRequest, desk_required
from portal.desk.forms import AddCustomerForm
from portal.desk.selectors import waiting_for, with_tiers
from portal.frame import framed
from portal.jinja import draw
from portal.models import User
from portal.pops.selectors import cards_of

# Longer than any name, number or address: what goes beyond is not read.
LONGEST = 200
# More than this nobody reads in the middle of a call.
MOST_FOUND = 20


@require_safe
@desk_required
def desk(request: DeskRequest) -> HttpResponse:
    """One search box, and what waits for this colleague."""
    shown = {"waiting": waiting_for(request.user), "cards": cards_of(request.user)}
    # Asked only where nothing waits: on the first day there is nobody who could have left anything.
    return render(request, "desk/desk.html", shown | {"is_first_day": _is_first_day})


def _is_first_day() -> bool:
    return not Customer.objects.exists()


@require_safe
@desk_required
def customers(request: DeskRequest) -> HttpResponse:
    """Who was found. A whole number or address that one customer alone has leads straight to them."""
    text = " ".join(request.GET.get("q", "").replace("\0", " ").split())[:LONGEST]
    found = find_customers(user=request.user, text=text, limit=MOST_FOUND + 1) if text else []
    if len(found) == 1 and not request.htmx and _is_whole(request.user, text):
        return redirect("contact", found[0].customer.public_id)
    shown = {
        "text": text,
        "found": with_tiers(found[:MOST_FOUND]),
        "has_more": len(found) > MOST_FOUND,
        "add_url": _add_url(text),
        "may_add": request.user.has_perm("customers.add_customer"),
    }
    content = draw("desk/found.jinja", shown)
    if request.htmx:
        return HttpResponse(content)
    title = text or _("Find a customer")
    return HttpResponse(framed(request, "desk/customers.html", title=title, text=text, content=content))


def _is_whole(user: User, text: str) -> bool:
    """Whether the text is a whole number or address of one customer, and not the beginning of something."""
    found = match_email(user=user, email=text) if "@" in text else match_phone(user=user, phone=text)
    return len(found) == 1


def _add_url(text: str) -> str:
    """The form for a new customer, with what was searched for in its place."""
    looks_dialled = "phone" if len(digits(text)) >= 5 else "full_name"
    field = "email" if "@" in text else looks_dialled
    return f"{reverse('customer_add')}?{urlencode({field: text})}" if text else reverse("customer_add")


@require_http_methods(["GET", "HEAD", "POST"])
@desk_required
def customer_add(request: DeskRequest) -> HttpResponse:
    """Add somebody whom the house does not know yet."""
    if not request.user.has_perm("customers.add_customer"):
        raise PermissionDenied
    if request.method != "POST":
        fields = {name: request.GET[name][:LONGEST] for name in AddCustomerForm.base_fields if name in request.GET}
        fields.pop("sheet", None)
        return render(request, "desk/customer_add.html", {"form": AddCustomerForm(initial=fields)})
    form = AddCustomerForm(request.POST)
    customer = _add(form) if form.is_valid() else None
    if customer is None:
        return render(request, "desk/customer_add.html", {"form": form}, status=422)
    return redirect("contact", customer.public_id)


def _add(form: AddCustomerForm) -> Customer | None:
    """Add the customer of a valid form; None where the service refused, with its sentence in the form."""
    fields = dict(form.cleaned_data)
    sheet, phone, email = fields.pop("sheet"), fields.pop("phone"), fields.pop("email")
    try:
        customer, _is_new = add_customer(
            source="desk",
            external_id=str(sheet),
            phones=[phone] if phone else [],
            emails=[email] if email else [],
            **fields,
        )
    except ValidationError as error:
        form.add_error(None, ValidationError(error.messages))
        return None
    return customer


@require_http_methods(["GET", "HEAD", "POST"])
@desk_required
def keys(request: DeskRequest) -> HttpResponse:
    """The list of keys; a POST turns them on or off for this colleague."""
    if request.method != "POST":
        return render(request, "desk/keys.html")
    request.user.has_keys = request.POST.get("has_keys") == "yes"
    request.user.save(update_fields=["has_keys"])
    back = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    # Not by `redirect`, to which a word without a slash is the name of a view.
    return HttpResponseRedirect(back if is_ours else reverse("desk"))
