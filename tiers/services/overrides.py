"""Overrides: what a colleague decides about a tier against the numbers, and its end. Both move the customer at once.

Each takes the customer's lock before it writes, the one that every shard of a run takes before it reads. So a run
either has decided before, and is corrected here, or reads what stands here: an override wins, whichever comes first.
"""

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from customers.models import Customer
from customers.selectors.clock import ClockNow
from customers.selectors.merged import survivor
from tiers import days
from tiers.enums import OverrideKind
from tiers.models import Override, Tier
from tiers.selectors.overrides import LONGEST
from tiers.selectors.population import Handful
from tiers.services.runs import retier_customers
from tiers.services.settling import lock

if TYPE_CHECKING:
    from portal.models import User

_ONE_AT_A_TIME = "override_one_at_a_time"
_BATCH = 500


@transaction.atomic
def set_override(
    *, customer: Customer, kind: str, tier: Tier, reason: str, owner: "User", ends_on: date | None
) -> Override:
    """Decide a customer's tier against the numbers up to the end of a business day, and move them at once.

    Somebody who was merged into another, perhaps a moment ago, is the other one by now.

    Raises `ValidationError` by field with a sentence: no reason, a day that has passed or is more than two years
    away, no day from somebody whose role needs one, a bound that binds nobody, or an override that is there already.
    """
    customer, now = _locked(customer)
    today = days.day_of(now, settings.TIME_ZONE)
    reason = " ".join(reason.split())
    _refuse(kind=kind, tier=tier, reason=reason, owner=owner, ends_on=ends_on, today=today)
    # One whose last day is over stands in nobody's way, even where nobody has noticed yet.
    Override.objects.overdue(today).filter(customer=customer).update(ended_at=Now())
    override = Override(customer=customer, kind=kind, tier=tier, reason=reason, owner=owner, ends_on=ends_on)
    override.clean_fields(exclude=("customer", "tier", "owner"))
    try:
        with transaction.atomic():
            override.save()
    except IntegrityError as error:
        if _ONE_AT_A_TIME not in str(error):
            raise
        raise ValidationError(_("This customer has an override already. End that one first.")) from None
    retier_customers(ids=[customer.pk])
    return override


def _locked(customer: Customer) -> tuple[Customer, datetime]:
    """Lock a customer until the transaction ends; return who they are, merged or not, and when it is."""
    while True:
        lock(Handful([customer.pk]))
        # Asked under the lock, which a merging takes, too.
        found = Customer.objects.annotate(now=ClockNow()).get(pk=customer.pk)
        if found.merged_into_id is None:
            return found, found.now
        customer = survivor(found)


@transaction.atomic
def end_override(*, override: Override, by: "User | None") -> bool:
    """End an override and let the numbers decide again, at once; return False where it had ended already.

    `by`: who ended it, or None where its last day is over.
    """
    lock(Handful([override.customer_id]))
    if not Override.objects.live().filter(pk=override.pk).update(ended_at=Now(), ended_by=by):
        return False
    retier_customers(ids=[override.customer_id])
    return True


def end_overdue(*, today: date) -> int:
    """End the overrides whose last day was before `today`, a business day; return how many."""
    ended = 0
    while True:
        taken = _end_some(today)
        ended += taken
        if taken < _BATCH:
            return ended


@transaction.atomic
def _end_some(today: date) -> int:
    found = list(Override.objects.overdue(today).order_by("pk").values_list("pk", "customer")[:_BATCH])
    ids = sorted(customer for _pk, customer in found)
    if not ids:
        return 0
    lock(Handful(ids))
    # Asked again under the lock: somebody may have ended one meanwhile.
    ended = Override.objects.overdue(today).filter(pk__in=[pk for pk, _customer in found]).update(ended_at=Now())
    retier_customers(ids=ids)
    return ended


def _refuse(*, kind: str, tier: Tier, reason: str, owner: "User", ends_on: date | None, today: date) -> None:
    """Raise `ValidationError` with what has to be mended, by field."""
    faults: dict[str, str] = {}
    if not reason:
        faults["reason"] = _("Say why, in a few words: whoever reads it later was not here.")
    if ends_on is None and not owner.has_perm("tiers.add_openended_override"):
        faults["ends_on"] = _("Say until which day. Only managers may leave the end open.")
    elif ends_on is not None and ends_on < today:
        faults["ends_on"] = _("This day has passed. Choose today or a later day.")
    elif ends_on is not None and ends_on > today + LONGEST:
        latest = date_format(today + LONGEST, "j F Y")
        faults["ends_on"] = _("That is too far away. Choose %(day)s or an earlier day.") % {"day": latest}
    if fault := _binds_nobody(kind, tier):
        faults["tier"] = fault
    if faults:
        raise ValidationError(faults)


def _binds_nobody(kind: str, tier: Tier) -> str:
    """Return a sentence where a bound would never change anything, else ""."""
    ranks = Tier.objects.order_by("rank").values_list("rank", flat=True)
    if kind == OverrideKind.FLOOR and tier.rank == ranks.first():
        return _("Nobody is below %(tier)s. Choose a higher tier.") % {"tier": tier}
    if kind == OverrideKind.CEILING and tier.rank == ranks.last():
        return _("Nobody is above %(tier)s. Choose a lower tier.") % {"tier": tier}
    return ""
