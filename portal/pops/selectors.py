"""Who is on the line, and what stands on a desk."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib.sessions.models import Session
from django.db.models import Exists, Max
from django.db.models.functions import Now

from customers.enums import ContactKind, MatchOutcome
from customers.models import ContactPoint, Customer
from customers.phones import format_phone
from customers.selectors.match import Candidate, Match, match_caller
from portal.models import Pop, User
from tiers.models import Tier
from tiers.selectors.standings import present_tiers

# More than these are not drawn: whoever has so many on the line needs a colleague, not a longer list.
MOST_STANDING = 5


@dataclass(frozen=True)
class Choice:
    """Somebody in the chooser, with the key that picks them."""

    key: str
    candidate: Candidate
    tier: Tier | None


@dataclass(frozen=True)
class Card:
    """A pop as it is drawn; `customer` only where the match is certain, `text` only for those who may see numbers."""

    pop: Pop
    customer: Customer | None
    tier: Tier | None
    text: str

    @property
    def minutes(self) -> int:
        """How long we kept them waiting, in whole minutes."""
        return int(self.pop.waited.total_seconds()) // 60 if self.pop.waited else 0


def match_for(*, user: User, kind: str, text: str, region: str = "") -> Match:
    """Return whose number or address it is, the likeliest first: who was last answered from this very number leads.

    Raises:
        ValueError: it is no number, or no address.
    """
    match = match_caller(user=user, kind=kind, text=text, region=region)
    if match.outcome != MatchOutcome.MAYBE:
        return match
    answered = Pop.objects.filter(
        normalised=match.normalised,
        opened_at__isnull=False,
        customer__in=[one.customer.pk for one in match.candidates],
    )
    last = answered.order_by().values("customer").annotate(at=Max("opened_at"))
    return match.ranked({row["customer"]: row["at"] for row in last})


def choices_of(match: Match) -> list[Choice]:
    """Return the likeliest with their tiers and a key each (1 query)."""
    tiers = present_tiers([one.customer.pk for one in match.likeliest])
    return [Choice(str(n), one, tiers.get(one.customer.pk)) for n, one in enumerate(match.likeliest, 1)]


def cards_of(user: User) -> list[Card]:
    """Return what stands on a desk, the newest first, at most `MOST_STANDING` (2 queries, 1 where nothing stands)."""
    pops = list(
        Pop.objects.standing()
        .filter(agent=user)
        .select_related("customer", "touch_point")
        .order_by("-created_at", "-pk")[:MOST_STANDING]
    )
    seen = user.has_perm("customers.view_customer")
    known = [pop.customer_id for pop in pops if pop.customer_id and seen]
    tiers = present_tiers(known) if known else {}
    is_shown = user.has_perm("customers.view_contact_points")
    return [
        Card(pop, pop.customer if seen else None, tiers.get(pop.customer_id or 0), written(pop) if is_shown else "")
        for pop in pops
    ]


def written(point: Pop | ContactPoint) -> str:
    """Return the number as people write it, or the address as it was given."""
    return format_phone(point.normalised) if point.kind == ContactKind.PHONE else point.value


def find_pop(*, user: User, public_id: UUID) -> Pop | None:
    """Return one of this colleague's own pops, standing or not; others' do not exist for them."""
    return Pop.objects.filter(agent=user, public_id=public_id).select_related("customer").first()


def still_at_desk(*, user: User, session_key: str | None) -> User | None:
    """Return the colleague anew, or None where this session ended or they may not use the desk (1 query)."""
    session = Session.objects.filter(session_key=session_key, expire_date__gt=Now())
    found = User.objects.filter(Exists(session), pk=user.pk, is_active=True).first()
    return found if found is not None and found.has_perm("portal.use_desk") else None
