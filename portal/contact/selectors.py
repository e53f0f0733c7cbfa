"""Everything about one customer in one query: themselves with what hangs on them, and beside them their standing.

A look leaves its line in the trail by the same: what was read and that it was read are one statement.
"""

from datetime import date
from functools import lru_cache
from uuid import UUID

from django.db.models.functions import Now
from django.utils import timezone

from customers.models import Customer
from customers.selectors.prepared import NOBODY, Statement
from portal.contact.contact import Contact
from portal.contact.parts.answers import ANSWERS
from portal.contact.parts.calls import CALLS
from portal.contact.parts.cautions import CAUTIONS
from portal.contact.parts.channels import ROOMS
from portal.contact.parts.consents import CONSENTS
from portal.contact.parts.gestures import GIVING
from portal.contact.parts.hints import HINT_FACTS
from portal.contact.parts.incidents import INCIDENTS
from portal.contact.parts.noise import RULES, TROUBLES
from portal.contact.parts.opening import OCCASIONS
from portal.contact.parts.others import OTHERS
from portal.contact.parts.outside import OUTSIDE
from portal.contact.parts.overrides import OVERRIDES, TIERS
from portal.contact.parts.part import ask_all, read_all
from portal.contact.parts.points import POINTS
from portal.contact.parts.preferences import PREFERENCES
from portal.contact.parts.promises import PEOPLE, PROMISES
from portal.contact.parts.recoveries import CAUSES, RECOVERIES
from portal.contact.parts.selves import RELATIONS, SELVES
from portal.contact.parts.talks import PLACES, TALKS
from portal.contact.parts.twins import TWINS
from portal.contact.presence import LOOKED
from portal.hints.suggesting import suggest
from portal.models import User
from portal.roles import permissions_of
from tiers.selectors.situation import present_standing
from tiers.selectors.standings import explain_standing

# Each rides in the one query, as JSON, and fills the field of `Contact` that has its name.
PARTS = (
    POINTS,
    PREFERENCES,
    PROMISES,
    INCIDENTS,
    RECOVERIES,
    TALKS,
    ANSWERS,
    CONSENTS,
    OVERRIDES,
    TIERS,
    PLACES,
    CAUSES,
    OTHERS,
    GIVING,
    HINT_FACTS,
    CAUTIONS,
    TROUBLES,
    OCCASIONS,
    RULES,
    PEOPLE,
    CALLS,
    ROOMS,
    TWINS,
    SELVES,
    RELATIONS,
    OUTSIDE,
)


# A stand-in for the customer who is looked at, as NOBODY is for the colleague who looks.
_SOMEBODY = UUID("00000000-0000-4000-8000-00000000c0de")


def gather(*, user: User, public_id: UUID, is_look: bool = False) -> Contact | None:
    """Return what this colleague may know about a customer, or None where the customer does not exist for them.

    `is_look`: they look at the page, and the same statement leaves that in the trail of who read what, and says that
    they are here.
    """
    may, today = permissions_of(user.role) if user.is_active else frozenset(), timezone.localdate()
    statement = _statement(user.role, user.is_active, may, today, is_look)
    found = statement.fetch(public_id=public_id, me=user.pk)
    if not found:
        return None
    (customer,) = found
    contact = Contact(
        customer=customer,
        now=customer.now,
        explained=explain_standing(customer.beside, shows_margin=user.has_perm("customers.view_margin"), today=today),
        **read_all(PARTS, customer.told, user),
    )
    contact.hints = suggest(contact, user)
    return contact


@lru_cache(maxsize=32)
def _statement(role: str, is_active: bool, _may: frozenset[str], day: date, is_look: bool) -> Statement:
    """The one query, as a role may ask it that has these permissions; what it asks about days holds for this day."""
    me = User(pk=NOBODY, role=role, is_active=is_active)
    customers = Customer.objects.visible_to(me).annotate(now=Now(), told=ask_all(PARTS, me)).filter(public_id=_SOMEBODY)
    asked = Statement(customers, public_id=_SOMEBODY, me=NOBODY)
    return asked.also(doing=LOOKED if is_look else "", beside=("customer", present_standing(day)))
