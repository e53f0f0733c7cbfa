"""Everything about one customer in four queries: themselves with what hangs on them, and their standing in three."""

from uuid import UUID

from django.db.models.functions import Now

from customers.models import Customer
from portal.contact.contact import Contact
from portal.contact.parts.answers import ANSWERS
from portal.contact.parts.consents import REFUSED
from portal.contact.parts.incidents import INCIDENTS
from portal.contact.parts.overrides import OVERRIDES, TIERS
from portal.contact.parts.points import POINTS
from portal.contact.parts.preferences import PREFERENCES
from portal.contact.parts.promises import PROMISES
from portal.contact.parts.recoveries import CAUSES, RECOVERIES
from portal.contact.parts.talks import PLACES, TALKS
from portal.contact.parts.twins import TWINS
from portal.models import User
from tiers.selectors.standings import explain

# Each rides in the one query, as an array of JSON objects, and fills the field of `Contact` that has its name.
PARTS = (
    POINTS,
    PREFERENCES,
    PROMISES,
    INCIDENTS,
    RECOVERIES,
    TALKS,
    ANSWERS,
    REFUSED,
    OVERRIDES,
    TIERS,
    PLACES,
    CAUSES,
    TWINS,
)


def gather(*, user: User, public_id: UUID) -> Contact | None:
    """Return what this colleague may know about a customer, or None where the customer does not exist for them."""
    asked = {f"{part.name}_": part.ask(user) for part in PARTS}
    found = Customer.objects.visible_to(user).annotate(now=Now(), **asked).filter(public_id=public_id).first()
    if found is None:
        return None
    return Contact(
        customer=found,
        now=found.now,
        explained=explain(customer=found, shows_margin=user.has_perm("customers.view_margin")),
        **{part.name: part.read(getattr(found, f"{part.name}_"), user) for part in PARTS},
    )
