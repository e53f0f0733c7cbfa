"""Opening and closing interactions."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from customers.exceptions import Conflict
from customers.models import Customer, Interaction, TouchPoint
from customers.selectors.merged import survivor
from customers.selectors.mistakes import may_take_back

if TYPE_CHECKING:
    from portal.models import User

_ONE_OPEN = "interaction_one_open_per_agent"


def open_interaction(
    *,
    customer: Customer,
    channel: str,
    touch_point: TouchPoint,
    agent: "User | None" = None,
    subject: str = "",
    waited: timedelta | None = None,
    source: str = "house",
    external_id: str | None = None,
) -> tuple[Interaction, bool]:
    """Open an interaction and return it with True, or return the one that is open already with False.

    The same one means the same number at its source, or the agent's own open one with this customer.

    Raises:
        Conflict: the number at the source belongs to another customer's interaction.
    """
    try:
        with transaction.atomic():
            interaction = Interaction(
                customer=customer,
                channel=channel,
                touch_point=touch_point,
                agent=agent,
                subject=subject.strip(),
                waited=waited,
                source=source,
                external_id=external_id or None,
            )
            interaction.clean_fields()
            interaction.save()
            interaction.refresh_from_db(fields=["opened_at"])
            return interaction, True
    except IntegrityError as error:
        # Somebody was faster, or this is the second press of one button. A merging may have been in between, too.
        who = survivor(Customer.objects.get(pk=customer.pk))
        known = Interaction.objects.filter(source=source, external_id=external_id).exclude(external_id=None).first()
        if known is not None:
            if known.customer_id != who.pk:
                raise Conflict("This interaction is already recorded for another customer.") from None
            return known, False
        if _ONE_OPEN not in str(error):
            raise
        waiting = Interaction.objects.open().filter(customer=who, agent=agent).first()
    if waiting is not None:
        return waiting, False
    # It was closed at this very moment, and stands in nobody's way.
    return open_interaction(
        customer=who,
        channel=channel,
        touch_point=touch_point,
        agent=agent,
        subject=subject,
        waited=waited,
        source=source,
        external_id=external_id,
    )


def record_interaction(
    *,
    customer: Customer,
    source: str,
    external_id: str,
    channel: str,
    touch_point: TouchPoint,
    agent: "User | None" = None,
    subject: str = "",
    waited: timedelta | None = None,
) -> tuple[Interaction, bool]:
    """Open an interaction that another system numbers, and return it with True; the same again returns it with False.

    Raises:
        Conflict: that number is recorded and says something else (the sentence names the fields, not what is in
            them), or the agent has another contact open with this customer.
    """
    said = {
        "channel": channel,
        "touch_point": touch_point,
        "agent": agent,
        "subject": subject.strip(),
        "waited": waited,
    }
    known = Interaction.objects.filter(source=source, external_id=external_id)
    interaction = known.select_related("customer", "touch_point", "agent").first()
    if interaction is None:
        interaction, is_new = open_interaction(customer=customer, source=source, external_id=external_id, **said)  # type: ignore[arg-type]
        if is_new:
            return interaction, True
    if (interaction.source, interaction.external_id) != (source, external_id):
        raise Conflict(_("This colleague has another contact open with this customer."))
    names = ("customer", *said)
    differing = [name for name in names if getattr(interaction, name) != (said | {"customer": customer})[name]]
    if differing:
        labels = ", ".join(str(Interaction._meta.get_field(name).verbose_name) for name in differing)  # type: ignore[union-attr]
        raise Conflict(
            _("Interaction %(number)s is already recorded, and differs in: %(fields)s."),
            code="conflict",
            params={"number": external_id, "fields": labels},
        )
    return interaction, False


def close_interaction(
    *, interaction: Interaction, note: str = "", closed_itself: bool = False, is_mistaken: bool = False
) -> bool:
    """Close an interaction; return False where it was closed already (its note then stays as it is).

    `closed_itself`: it ended without anybody closing it, as a chat does that runs out. `is_mistaken`: it was not with
    this customer, who is not asked about it, and for whom it does not count.
    """
    closed = (
        Interaction.objects.open()
        .filter(pk=interaction.pk)
        .update(closed_at=Now(), note=note.strip(), closed_itself=closed_itself, is_mistaken=is_mistaken)
    )
    interaction.refresh_from_db(fields=["closed_at", "note", "closed_itself", "is_mistaken"])
    return bool(closed)


def mark_mistaken(*, interaction: Interaction, by: "User") -> bool:
    """Say of a closed interaction that it was not with this customer; return False where that was said before.

    Raises:
        ValidationError: it is open, or it is not for this colleague to say (any more).
    """
    if interaction.closed_at is None:
        raise ValidationError(_("This contact is still open. Close it as opened by mistake."))
    whose, own = interaction.agent_id, "customers.change_interaction"
    if not may_take_back(by=by, whose=whose, at=interaction.closed_at, own=own):
        raise ValidationError(_("Only whoever closed it, within a day, or a lead can say so."))
    return bool(Interaction.objects.filter(pk=interaction.pk, is_mistaken=False).update(is_mistaken=True))
