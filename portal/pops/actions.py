"""What is pressed on a pop, and on the pages of the match. Each is a POST, and harmless when pressed twice."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from customers.enums import MatchOutcome
from customers.models import Customer
from portal.desk.access import DeskRequest, bad_request, press_required
from portal.models import Pop
from portal.pops.forms import Asked
from portal.pops.selectors import find_pop
from portal.pops.services import answer_pop, attach_point, dismiss_pop


def _own(request: DeskRequest, public_id: UUID) -> Pop:
    found = find_pop(user=request.user, public_id=public_id)
    if found is None:
        raise Http404
    return found


def _chosen(request: DeskRequest) -> Customer:
    try:
        public_id = UUID(request.POST.get("customer", ""))
    except ValueError:
        raise Http404 from None
    return get_object_or_404(Customer.objects.visible_to(request.user), public_id=public_id)


def _is_script(request: DeskRequest) -> bool:
    return request.headers.get("X-Requested-With") == "fetch"


@press_required
def answer(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """The colleague takes it: the customer opens, or the chooser, or somebody new."""
    pop = _own(request, public_id)
    answer_pop(pop=pop)
    if _is_script(request):
        return HttpResponse(status=204)
    if pop.customer is not None:
        how = pop.kind if pop.match == MatchOutcome.KNOWN else f"{pop.kind}-chosen"
        return redirect(f"{reverse('contact', args=[pop.customer.public_id])}?match={how}")
    if not pop.value:
        messages.info(request, _("This call is long gone, and its number with it."))
        return redirect("desk")
    return redirect(f"{reverse('pop')}?{Asked(pop.kind, pop.normalised, pop=pop).query}")


@press_required
def dismiss(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """The colleague does not want it on the desk."""
    pop = _own(request, public_id)
    gone = dismiss_pop(pop=pop)
    if _is_script(request):
        return HttpResponse(status=204)
    messages.success(request, _("Taken off your desk.") if gone else _("It stood on your desk no longer."))
    back = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    # Not by `redirect`, to which a word without a slash is the name of a view.
    return HttpResponseRedirect(back if is_ours else reverse("desk"))


@press_required
def choose(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """The colleague says which of several it is."""
    pop, customer = _own(request, public_id), _chosen(request)
    answer_pop(pop=pop, customer=customer)
    return redirect(f"{reverse('contact', args=[customer.public_id])}?match={pop.kind}-chosen")


@press_required
def attach(request: DeskRequest) -> HttpResponse:
    """The number, or address, is somebody's whom we know already."""
    if not request.user.has_perm("customers.add_contactpoint"):
        raise PermissionDenied
    customer = _chosen(request)
    try:
        asked = Asked.read(request.POST, request.user)
        _point, is_new = attach_point(
            customer=customer, kind=asked.kind, value=asked.text, by=request.user, pop=asked.pop
        )
    except ValidationError as error:
        return bad_request(request, " ".join(error.messages))
    except ValueError as error:
        return bad_request(request, str(error))
    said = _("%(text)s is theirs from now on.") if is_new else _("%(text)s was theirs already.")
    messages.success(request, said % {"text": asked.text})
    return redirect(f"{reverse('contact', args=[customer.public_id])}?match={asked.kind}-chosen")
