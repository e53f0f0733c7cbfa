"""Whom to ask, and whom not now."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q
from django.db.models.functions import Now

from customers.enums import ConsentPurpose, ContactKind, LetterState
from customers.models import Consent, ContactPoint, Incident, Interaction, Suppression
from feedback.enums import NotAsked
from feedback.models import Invitation, Recovery

# A contact that is older is not asked about any more: a day or two of silence of ours is caught up, no more.
FRESH_FOR = timedelta(days=3)
# Older ones are not even looked at; between the two the record says "too long ago".
LOOKED_AT_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Facts:
    """What stands in the way of asking about some interactions.

    Addresses are by customer, the best first, each as given and as compared. The sets hold customers, but for
    `long_ago`, which holds interactions.
    """

    addresses: dict[int, list[tuple[str, str]]]
    suppressed: frozenset[str]
    unwilling: frozenset[int]
    with_incident: frozenset[int]
    with_recovery: frozenset[int]
    asked_lately: frozenset[int]
    long_ago: frozenset[int]

    def address_of(self, customer_id: int) -> str | None:
        """Return the best address that we may write to, as given."""
        return next((given for given, one in self.addresses.get(customer_id, []) if one not in self.suppressed), None)


def gather_facts(*, interactions: Collection[Interaction], days_between: int) -> Facts:
    """Read what stands in the way of asking about these, in seven queries whatever their number."""
    customer_ids = {interaction.customer_id for interaction in interactions}
    old = Interaction.objects.filter(pk__in=[one.pk for one in interactions], closed_at__lte=Now() - FRESH_FOR)
    addresses: dict[int, list[tuple[str, str]]] = {}
    points = ContactPoint.objects.filter(customer__in=customer_ids, kind=ContactKind.EMAIL, is_active=True)
    points = points.order_by("-is_preferred", "pk")
    for customer_id, given, compared in points.values_list("customer_id", "value", "normalised"):
        addresses.setdefault(customer_id, []).append((given, compared))
    known = {compared for some in addresses.values() for _given, compared in some}
    asked = Invitation.objects.filter(
        customer__in=customer_ids, created_at__gt=Now() - timedelta(days=days_between), letter__isnull=False
    ).exclude(letter__state__in=(LetterState.SUPPRESSED, LetterState.REFUSED))
    return Facts(
        addresses=addresses,
        suppressed=frozenset(Suppression.objects.filter(address__in=known).values_list("address", flat=True)),
        unwilling=_unwilling(customer_ids),
        with_incident=frozenset(
            Incident.objects.open().filter(customer__in=customer_ids).values_list("customer_id", flat=True)
        ),
        with_recovery=frozenset(
            Recovery.objects.open().filter(customer__in=customer_ids).values_list("customer_id", flat=True)
        ),
        asked_lately=frozenset(asked.values_list("customer_id", flat=True)) if days_between else frozenset(),
        long_ago=frozenset(old.values_list("pk", flat=True)),
    )


def why_not_now(*, invitation: Invitation) -> NotAsked | None:
    """Return why a letter that is written should not leave after all, or None."""
    if Invitation.objects.filter(pk=invitation.pk, interaction__closed_at__lte=Now() - LOOKED_AT_FOR).exists():
        return NotAsked.TOO_LATE
    customer = Q(customer=invitation.customer_id)
    if Incident.objects.open().filter(customer).exists():
        return NotAsked.INCIDENT
    if Recovery.objects.open().filter(customer).exists():
        return NotAsked.RECOVERY
    if _unwilling([invitation.customer_id]):
        return NotAsked.NO_CONSENT
    return None


def _unwilling(customer_ids: Collection[int]) -> frozenset[int]:
    """Those whose newest word about being asked is no."""
    newest = (
        Consent.objects.filter(customer__in=customer_ids, purpose=ConsentPurpose.FEEDBACK)
        .order_by("customer", "-noted_at", "-pk")
        .distinct("customer")
        .values_list("customer_id", "is_given")
    )
    return frozenset(customer_id for customer_id, is_given in newest if not is_given)
