"""Where customers may be written to, and who does not want to be asked. Sets of customers, a query a question."""

from collections.abc import Collection

from customers.enums import ConsentPurpose, ContactKind
from customers.models import Consent, ContactPoint, Incident, Suppression
from customers.services.contact_points import erased_form
from feedback.enums import NotAsked
from feedback.models import Recovery


def addresses_of(customer_ids: Collection[int]) -> tuple[dict[int, str], frozenset[int]]:
    """Return the best address of each that we may write to, and those who have addresses, all of them suppressed."""
    points = ContactPoint.objects.filter(customer__in=customer_ids, kind=ContactKind.EMAIL, is_active=True)
    rows = list(points.order_by("-is_preferred", "pk").values_list("customer_id", "value", "normalised"))
    # Of somebody who was forgotten only a digest tells that the address gets no letters.
    forms = {one: {one, erased_form(one)} for _customer, _given, one in rows}
    held = set(Suppression.objects.filter(address__in=set().union(*forms.values())).values_list("address", flat=True))
    best: dict[int, str] = {}
    for customer_id, given, compared in rows:
        if held.isdisjoint(forms[compared]):
            best.setdefault(customer_id, given)
    return best, frozenset(customer_id for customer_id, _given, _one in rows if customer_id not in best)


def why_not_ask(customer_ids: Collection[int]) -> dict[int, NotAsked]:
    """Return for each who should not be asked now whether we put it right, why not; four queries."""
    newest = (
        Consent.objects.filter(customer__in=customer_ids, purpose=ConsentPurpose.FEEDBACK)
        .order_by("customer", "-noted_at", "-pk")
        .distinct("customer")
        .values_list("customer_id", "is_given")
    )
    best, held = addresses_of(customer_ids)
    reasons = {one: NotAsked.NO_ADDRESS for one in customer_ids if one not in best}
    reasons |= dict.fromkeys(held, NotAsked.SUPPRESSED)
    reasons |= dict.fromkeys(_with_open(Recovery, customer_ids), NotAsked.RECOVERY)
    reasons |= dict.fromkeys(_with_open(Incident, customer_ids), NotAsked.INCIDENT)
    return reasons | {customer_id: NotAsked.NO_CONSENT for customer_id, is_given in newest if not is_given}


def _with_open(model: type[Recovery | Incident], customer_ids: Collection[int]) -> frozenset[int]:
    rows = model.objects.open().filter(customer__in=customer_ids)
    return frozenset(rows.values_list("customer_id", flat=True))
