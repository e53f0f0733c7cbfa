"""Budgets of gestures: the months that a gesture is paid out of, and what of them is left.

A gesture counts three times: for the agent (or for the lead who granted it), for the customer's tier, and for the
house. The three rows are locked, always in the same order, before anybody looks at what is left. Whoever comes second
waits, and then sees what the first one has spent. Behind that stands the database: a month is never overspent.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from customers.models import Gesture
from feedback.enums import Entry
from feedback.giving import Purse
from feedback.models import GestureKind, GestureRequest, GivingAllowance, GivingEntry, GivingMonth
from feedback.selectors.giving import allowances_of, this_month
from tiers.models import Tier

if TYPE_CHECKING:
    from portal.models import User

_NEVER_OVERSPENT = "givingmonth_never_overspent"


class TooMuch(ValidationError):
    """More than this colleague may give by themselves: somebody with a larger purse may."""


@dataclass(frozen=True, slots=True)
class Months:
    """The rows that a gesture is paid out of, locked, and the payer's purse."""

    purse: Purse
    agent: GivingMonth
    house: GivingMonth
    tier: GivingMonth | None


def book(
    *,
    gesture: Gesture,
    kind: GestureKind,
    payer: "User",
    by: "User",
    tier: Tier | None,
    request: GestureRequest | None = None,
) -> GivingEntry:
    """Write a gesture into the ledger, out of this month of the payer, the tier and the house.

    Call it inside a transaction: where it refuses, the gesture has to go, too.

    Raises:
        TooMuch: the payer may not give so much at a time, or has not so much left.
        ValidationError: the house, or the tier's customers together, have had what they may have this month.
    """
    months = _open_months(payer=payer, tier=tier)
    _refuse(gesture.cost, months)
    try:
        with transaction.atomic():
            return GivingEntry.objects.create(
                gesture=gesture,
                kind=kind,
                entry=Entry.GIVEN,
                amount=gesture.cost,
                agent_month=months.agent,
                house_month=months.house,
                tier_month=months.tier,
                request=request,
                by=by,
            )
    except IntegrityError as error:
        if _NEVER_OVERSPENT not in str(error):
            raise
        raise TooMuch(_("The month's amount has just been given. Please look again.")) from None


def book_back(*, entry: GivingEntry, by: "User", words: str) -> GivingEntry:
    """Write the reverse of an entry into the ledger, into the months that it came out of, and return it."""
    lock_months(pk for pk in (entry.agent_month_id, entry.house_month_id, entry.tier_month_id) if pk)
    return GivingEntry.objects.create(
        gesture=entry.gesture,
        kind=entry.kind,
        entry=Entry.TAKEN_BACK,
        amount=-entry.amount,
        agent_month=entry.agent_month,
        house_month=entry.house_month,
        tier_month=entry.tier_month,
        request=entry.request,
        by=by,
        words=words,
    )


def lock_months(pks: Iterable[int]) -> None:
    """Lock months until the transaction ends, in one order."""
    list(GivingMonth.objects.filter(pk__in=list(pks)).order_by("pk").select_for_update(no_key=True).values_list("pk"))


def _open_months(*, payer: "User", tier: Tier | None) -> Months:
    """Make the months where they are not there yet, lock them, and bring what is allowed up to date."""
    month, allowance = this_month(), allowances_of(payer).first()
    limits = {one.tier_id: one.per_month for one in GivingAllowance.objects.filter(role="", person=None)}
    per_month = allowance.per_month if allowance else Decimal(0)
    wanted: list[tuple[User | None, Tier | None, Decimal | None]] = [
        (payer, None, per_month),
        (None, None, limits.get(None)),
    ]
    if tier:
        wanted.append((None, tier, limits.get(tier.pk)))
    rows = [
        GivingMonth.objects.get_or_create(month=month, agent=agent, tier=one, defaults={"allowed": allowed})[0]
        for agent, one, allowed in wanted
    ]
    lock_months(row.pk for row in rows)
    for row, (_agent, _tier, allowed) in zip(rows, wanted, strict=True):
        _bring_up_to_date(row, allowed)
    agent_month, house, *of_tier = rows
    per_gesture = allowance.per_gesture if allowance and allowance.per_gesture else Decimal(0)
    purse = Purse(per_gesture, per_month, agent_month.spent)
    return Months(purse, agent_month, house, of_tier[0] if of_tier else None)


def _bring_up_to_date(row: GivingMonth, allowed: Decimal | None) -> None:
    """Read a locked month, and let it have what the house's rules say now; never less than what is spent."""
    row.refresh_from_db(fields=["spent", "allowed"])
    now = None if allowed is None else max(allowed, row.spent)
    if row.allowed != now:
        row.allowed = now
        row.save(update_fields=["allowed"])


def _refuse(cost: Decimal, months: Months) -> None:
    if not cost:
        return
    if not months.purse.covers(cost):
        if cost > months.purse.per_gesture:
            raise TooMuch({"cost": _("That is more than you may give at a time without asking.")})
        raise TooMuch({"cost": _("That is more than is left of your month.")})
    if _is_over(months.house, cost):
        raise ValidationError(
            {"cost": _("The house has given what it may give this month. A manager can change that.")}
        )
    if months.tier and _is_over(months.tier, cost):
        raise ValidationError(
            {"cost": _("Customers of this tier have had what they may have this month. A manager can change that.")}
        )


def _is_over(month: GivingMonth, cost: Decimal) -> bool:
    return month.allowed is not None and month.spent + cost > month.allowed
