"""Asking: each closed interaction gets a letter, or a reason why not."""

from collections.abc import Collection, Sequence

from django.db import transaction
from django.db.models.functions import Now

from customers.models import Interaction, Letter
from feedback.emails import INVITATION, write_invitation
from feedback.enums import NotAsked
from feedback.models import AskingRules, Invitation, Survey
from feedback.selectors.asking import LOOKED_AT_FOR, Facts, gather_facts
from feedback.selectors.surveys import surveys_in_force

_BATCH = 500


def invite_due(*, limit: int = 20 * _BATCH) -> int:
    """Deal with closed interactions that nobody has looked at; return how many, at most `limit` (in sets of 500).

    While the house does not ask, they wait; those that wait too long are never asked about.
    """
    done = 0
    while done < limit and (some := invite(limit=min(_BATCH, limit - done))):
        done += some
    return done


@transaction.atomic
def invite(*, interaction_ids: Collection[int] | None = None, limit: int = _BATCH) -> int:
    """Deal with one set of closed interactions in one transaction; return how many got a letter or a reason.

    Interactions are locked together with their customers, and those that another worker holds are left to it: two
    interactions of one customer cannot both lead to a letter at the same moment.
    """
    rules = AskingRules.objects.first() or AskingRules()
    if not rules.is_asking:
        return 0
    waiting = Interaction.objects.filter(closed_at__gt=Now() - LOOKED_AT_FOR, invitation=None)
    if interaction_ids is not None:
        waiting = waiting.filter(pk__in=interaction_ids)
    locked = list(
        waiting.select_related("customer")
        .select_for_update(skip_locked=True, no_key=True, of=("self", "customer"))
        .order_by("closed_at", "pk")[:limit]
    )
    # What another worker finished between our look and our lock is seen only by a second look.
    done = set(Invitation.objects.filter(interaction__in=locked).values_list("interaction_id", flat=True))
    todo = [interaction for interaction in locked if interaction.pk not in done]
    facts = gather_facts(interactions=todo, days_between=rules.days_between)
    _write(todo, facts, rules)
    return len(todo)


def _write(interactions: Sequence[Interaction], facts: Facts, rules: AskingRules) -> None:
    """Write letters and invitations, each in one statement."""
    letters: dict[int, Letter] = {}
    reasons: dict[int, NotAsked] = {}
    asked = set(facts.asked_lately)
    surveys = surveys_in_force()
    for interaction in interactions:
        reason = _why_not(interaction, facts, asked)
        if reason:
            reasons[interaction.pk] = reason
            continue
        letters[interaction.pk] = _letter(interaction, facts, surveys.at(interaction.touch_point_id))
        if rules.days_between:
            asked.add(interaction.customer_id)
    Letter.objects.bulk_create(letters.values())
    Invitation.objects.bulk_create(
        Invitation(
            interaction=interaction,
            customer_id=interaction.customer_id,
            letter=letters.get(interaction.pk),
            survey=surveys.at(interaction.touch_point_id) if interaction.pk in letters else None,
            not_asked=reasons.get(interaction.pk, ""),
        )
        for interaction in interactions
    )


def _why_not(interaction: Interaction, facts: Facts, asked: Collection[int]) -> NotAsked | None:
    """Return why an interaction is not asked about, or None."""
    customer_id = interaction.customer_id
    reasons = {
        NotAsked.TOO_LATE: interaction.pk in facts.long_ago,
        NotAsked.NO_CONSENT: customer_id in facts.unwilling,
        NotAsked.NO_ADDRESS: customer_id not in facts.addresses,
        NotAsked.SUPPRESSED: facts.address_of(customer_id) is None,
        NotAsked.INCIDENT: customer_id in facts.with_incident,
        NotAsked.RECOVERY: customer_id in facts.with_recovery,
        NotAsked.TOO_OFTEN: customer_id in asked,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def _letter(interaction: Interaction, facts: Facts, survey: Survey | None) -> Letter:
    customer = interaction.customer
    written = write_invitation(customer=customer, interaction=interaction, survey=survey)
    return Letter(
        customer=customer,
        kind=INVITATION,
        subject_key=str(interaction.pk),
        to_address=facts.address_of(customer.pk) or "",
        language=written.language,
        subject=written.subject,
        text=written.text,
        html=written.html,
        headers=written.headers,
    )
