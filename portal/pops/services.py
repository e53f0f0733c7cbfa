"""What becomes of a pop: it arrives, is answered, dismissed, or ends by itself."""

from datetime import timedelta

import pghistory
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from customers.enums import MatchOutcome
from customers.exceptions import Conflict
from customers.models import ContactPoint, Customer, Interaction, TouchPoint
from customers.services.contact_points import add_contact_point
from customers.services.erasing import erase_words, run_for
from portal.models import Pop, User
from portal.models.pop import CHANNEL
from portal.pops.selectors import match_for

# A contact is opened at most so long after its call was answered.
_BEFORE_CONTACT = timedelta(hours=1)
_SAID = ("kind", "normalised", "channel", "touch_point", "waited")


def record_pop(
    *,
    agent: User,
    source: str,
    external_id: str,
    kind: str,
    value: str,
    channel: str,
    region: str = "",
    touch_point: TouchPoint | None = None,
    waited: timedelta | None = None,
) -> tuple[Pop, bool]:
    """Put a call on a colleague's desk and return it with True, or the same call from before with False.

    `region` is the country whose national notation a number is in, by default the house's.

    Raises:
        ValidationError: it is no number, or no address, under the name of its `kind`.
        Conflict: this call is on that desk already, and says something else (the sentence names what, not how).
    """
    try:
        match = match_for(user=agent, kind=kind, text=value, region=region)
    except ValueError as error:
        raise ValidationError({kind: [_(str(error))]}) from None
    pop = Pop(
        agent=agent,
        source=source,
        external_id=external_id,
        kind=kind,
        value=value.strip(),
        normalised=match.normalised,
        channel=channel,
        touch_point=touch_point,
        waited=waited,
        match=match.outcome,
        found=min(len(match.candidates), 999),
        customer=match.customer,
    )
    pop.clean_fields(exclude=["agent", "touch_point", "customer"])
    known = Pop.objects.filter(source=source, external_id=external_id, agent=agent).select_related(
        "agent", "touch_point", "customer"
    )
    found = known.first()
    if found is None:
        try:
            with transaction.atomic():
                pop.save()
            pop.refresh_from_db(fields=["created_at"])
            return pop, True
        except IntegrityError:
            # Sent twice at once, and the other was faster.
            found = known.get()
    differing = [name for name in _SAID if getattr(found, name) != getattr(pop, name)]
    if differing:
        labels = ", ".join(str(Pop._meta.get_field(name).verbose_name) for name in differing)  # type: ignore[union-attr]
        raise Conflict(
            _("Call %(number)s is already on that desk, and differs in: %(fields)s."),
            code="conflict",
            params={"number": external_id, "fields": labels},
        )
    return found, False


def answer_pop(*, pop: Pop, customer: Customer | None = None) -> bool:
    """Note that the colleague took it, and with `customer` who it is; return False where it stood no longer."""
    who = {} if customer is None else {"customer": customer}
    taken = Pop.objects.standing().filter(pk=pop.pk).update(opened_at=Now(), **who)
    if not taken and customer is not None:
        # It was taken before anybody knew who it is.
        Pop.objects.filter(pk=pop.pk, opened_at__isnull=False).update(customer=customer)
    return bool(taken)


def unchoose(*, interaction: Interaction) -> int:
    """Forget that the caller of a closed contact that was a mistake was chosen to be its customer; return how many.

    Else whoever was chosen wrongly once would lead the next chooser of this number. A match that was certain stays, and
    so does who was chosen in a later call.
    """
    chosen = Pop.objects.filter(agent=interaction.agent, customer=interaction.customer)
    since = interaction.opened_at - _BEFORE_CONTACT
    of_contact = chosen.filter(opened_at__gt=since, opened_at__lte=interaction.closed_at)
    return of_contact.exclude(match=MatchOutcome.KNOWN).update(customer=None)


def dismiss_pop(*, pop: Pop) -> bool:
    """Take it off the desk; return False where it stood no longer."""
    return bool(Pop.objects.standing().filter(pk=pop.pk).update(dismissed_at=Now()))


def end_old_pops() -> int:
    """End those that nobody took for `POP_STANDS`, and return how many."""
    return Pop.objects.standing().filter(created_at__lt=Now() - settings.POP_STANDS).update(ended_at=Now())


def forget_old_numbers() -> int:
    """Forget who called after `POP_KEPT`: that there was a call stays, its number goes. Return how many."""
    old = Pop.objects.filter(created_at__lt=Now() - settings.POP_KEPT).exclude(value="", normalised="")
    return old.update(value="", normalised="")


def attach_point(
    *, customer: Customer, kind: str, value: str, by: User, pop: Pop | None = None
) -> tuple[ContactPoint, bool]:
    """Give a number or an address to somebody we know, and return it with whether it is new to them.

    A number is read in the house's notation, as the match reads it, wherever they live. Who did it is kept with the
    history of the contact point.

    Raises:
        ValidationError: it is no number, or no address.
    """
    with transaction.atomic(), pghistory.context(user=by.pk, source="pop"):
        point, is_new = add_contact_point(customer=customer, kind=kind, value=value, region=settings.HOUSE_COUNTRY)
        if pop is not None:
            answer_pop(pop=pop, customer=customer)
    return point, is_new


def erase_pops(customer: Customer) -> None:
    """Forget from which number or address somebody called. While their points still stand: also unmatched calls."""
    points = "SELECT normalised FROM customers_contactpoint WHERE customer_id = %(customer)s"
    whose = f"customer_id = %(customer)s OR (customer_id IS NULL AND normalised IN ({points}))"
    run_for(
        customer,
        # Triggers are off here, and an open desk shows the name.
        f"SELECT pg_notify('{CHANNEL}', agent_id::text) FROM portal_pop WHERE {whose}",  # noqa: S608 (names of ours)
    )
    erase_words("portal_pop", customer, "value", "normalised", whose=whose)
