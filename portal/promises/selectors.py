"""What is promised and by whom, and the story of one promise. A query a noun, whatever their number."""

from dataclasses import dataclass

from django.utils import timezone

from customers.models import Promise, PromiseStep
from portal.board import PER_PAGE, Board, Wanted, by_due, due, shares
from portal.models import User
from tiers.models import Tier
from tiers.selectors.standings import present_tiers


@dataclass(frozen=True)
class Row:
    """One open promise, with the tier that its customer has now."""

    promise: Promise
    tier: Tier | None


def read_board(wanted: Wanted, size: int = PER_PAGE) -> Board:
    """Return a page of what is open of what they want to see, in three queries."""
    now = timezone.now()
    promises = Promise.objects.open()
    found = list(due(promises.select_related("customer", "owner", "touch_point"), wanted, now)[: size + 1])
    shown, is_more = found[:size], len(found) > size
    tiers = present_tiers([promise.customer_id for promise in shown])
    groups = by_due(((promise.due_at, Row(promise, tiers.get(promise.customer_id))) for promise in shown), now)
    further = wanted.further(shown[-1].due_at, shown[-1].pk) if is_more else None
    return Board(wanted, shares(promises), groups, further)


def find_promise(*, user: User, pk: int) -> Promise | None:
    """Return a promise to a customer whom this colleague may see, with what its page needs, or None."""
    if not (user.has_perm("customers.view_promise") and user.has_perm("customers.view_customer")):
        return None
    return Promise.objects.filter(pk=pk).select_related("customer", "owner", "touch_point").first()


def steps_of(promise: Promise) -> list[PromiseStep]:
    """Return the steps with who took them, the oldest first."""
    return list(promise.steps.select_related("by", "to"))
