"""The card of a customer: a part of their page, fetched once that has stood; without script a page of its own."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from customers.models import Customer
from portal.audit import note_reading
from portal.desk.access import DeskRequest, desk_required
from portal.models import Reading
from portal.outside.cards import reference_of, show_card, sources_for


@require_safe
@desk_required
def card(request: DeskRequest, public_id: UUID, pk: int) -> HttpResponse:
    """What a source says of a customer now, or said last."""
    customer = get_object_or_404(Customer.objects.visible_to(request.user), public_id=public_id)
    source = get_object_or_404(sources_for(request.user), pk=pk)
    if not request.user.has_perm("customers.view_customer") or not reference_of(source, customer):
        raise Http404
    note_reading(user=request.user, customers=[customer], door=Reading.Door.CONTACT_VIEW)
    template = "outside/_card.html" if request.htmx else "outside/card.html"
    return render(request, template, {"customer": customer, "card": show_card(source=source, customer=customer)})
