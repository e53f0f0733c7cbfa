"""A year of asking: letters that went out, answers that came back, and what was mended."""

from collections import defaultdict
from datetime import datetime, timedelta
from functools import partial

from django.utils import translation

from customers.enums import ConsentPurpose, LetterState
from customers.models import Consent, ContactPoint, Incident, Letter
from feedback.amends import put_right_question
from feedback.calendar import Calendar, add_hours, hours_between
from feedback.emails import about, language_of, lead_question
from feedback.enums import Chased, Enjoyed, NotAsked, RecoveryState, Step, YesNo
from feedback.models import Answer, AskingRules, Cause, Invitation, PutRight, Recovery, RecoveryStep
from feedback.selectors.mending import house_calendar
from feedback.starter import ensure_causes
from portal.demo.history.contacts import Contact
from portal.demo.history.house import House, words
from tiers.models import Standing

_ANSWER_SHARE = 0.38
_OF_ANSWERS = {Enjoyed.YES: 72, Enjoyed.PARTLY: 17, Enjoyed.NO: 11}
_HOURS_WITHOUT_TIER = 48
_UP_AFTER = timedelta(hours=4)
_MOMENT = timedelta(seconds=30)
# What the demo's customers say, and the cause that it is put down to.
_SAID = {
    "ten minutes": "Kept on hold",
    "rang back": "Nobody rang back",
    "late again": "Parcel came late",
    "from the beginning": "Had to say it again",
    "zurückgerufen": "Nobody rang back",
    "rappel": "Nobody rang back",
}


def write_answers(house: House, contacts: list[Contact]) -> None:
    """Write an invitation, or why there was none, for every past contact; some were answered, and some mended.

    Nobody is asked now about a contact of the past: each has its invitation.
    """
    invitations = _invite(house, contacts)
    answers = []
    for invitation in invitations:
        if invitation.letter and house.random.random() < _ANSWER_SHARE:
            answers.append(_answer(house, invitation))
    answers = [answer for answer in answers if answer.answered_at < house.now - timedelta(hours=1)]
    _leave_two_to_mend(house, invitations, answers)
    Answer.objects.bulk_create(answers)
    _mend(house, [answer for answer in answers if answer.enjoyed == Enjoyed.NO])


def _invite(house: House, contacts: list[Contact]) -> list[Invitation]:
    """Write letters as sent and invitations, by the house's own rules for asking."""
    days_between = timedelta(days=AskingRules.objects.get_or_create(pk=1)[0].days_between)
    unwilling = _unwilling()
    addresses = dict(
        ContactPoint.objects.filter(kind="email", is_active=True).order_by("-pk").values_list("customer_id", "value")
    )
    troubled = defaultdict(list)
    for customer_id, happened_at, resolved_at in Incident.objects.values_list(
        "customer_id", "happened_at", "resolved_at"
    ):
        troubled[customer_id].append((happened_at, resolved_at or house.now))
    last_asked: dict[int, datetime] = {}
    invitations = []
    for contact in contacts:
        customer_id = contact.known.customer.pk
        created_at = contact.closed_at + timedelta(seconds=20)
        reason = ""
        if customer_id in unwilling:
            reason = NotAsked.NO_CONSENT
        elif customer_id not in addresses:
            reason = NotAsked.NO_ADDRESS
        elif any(start <= created_at <= end for start, end in troubled[customer_id]):
            reason = NotAsked.INCIDENT
        elif customer_id in last_asked and created_at - last_asked[customer_id] < days_between:
            reason = NotAsked.TOO_OFTEN
        else:
            last_asked[customer_id] = created_at
        invitation = Invitation(
            interaction=contact.interaction, customer=contact.known.customer, not_asked=reason, created_at=created_at
        )
        if not reason:
            invitation.letter = past_letter(contact, addresses[customer_id], created_at)
        invitations.append(invitation)
    Letter.objects.bulk_create([invitation.letter for invitation in invitations if invitation.letter])
    Invitation.objects.bulk_create(invitations)
    return invitations


def _unwilling() -> set[int]:
    newest = Consent.objects.filter(purpose=ConsentPurpose.FEEDBACK).order_by("noted_at", "pk")
    return {customer_id for customer_id, is_given in newest.values_list("customer_id", "is_given") if not is_given}


def past_letter(contact: Contact, address: str, at: datetime) -> Letter:
    """Return the letter that asked about a past contact, as sent, in the customer's language."""
    customer, about_it = contact.known.customer, contact.interaction
    language = language_of(customer.language)
    with translation.override(language):
        subject = about(channel=about_it.channel, at=about_it.opened_at, time_zone=customer.time_zone)
        text = lead_question()
    return Letter(
        customer=customer,
        kind="feedback.invitation",
        subject_key=str(contact.interaction.pk),
        to_address=address,
        language=language,
        subject=subject,
        text=text,
        state=LetterState.SENT,
        due_at=at,
        attempts=1,
        message_id=f"<demo-{contact.interaction.external_id}@regulars.example>",
        reply="Part of the demo's invented past: it never left.",
        created_at=at,
        sent_at=at + timedelta(seconds=5),
    )


def _answer(house: House, invitation: Invitation) -> Answer:
    enjoyed = house.random.choices(list(_OF_ANSWERS), list(_OF_ANSWERS.values()))[0]
    comment, language = _comment(house, enjoyed, invitation.customer.language)
    return Answer(
        invitation=invitation,
        enjoyed=enjoyed,
        comment=comment,
        language=language,
        answered_at=invitation.created_at + timedelta(minutes=house.random.triangular(4, 60 * 70, 90)),
    )


def _comment(house: House, enjoyed: str, language: str) -> tuple[str, str]:
    """Choose words, with the language of the page: English where we know none in the customer's, else the letter's."""
    by_language: dict[str, list[str]] = words()["comments"][enjoyed]
    comment = house.random.choice(by_language.get(language, by_language["en"]))
    return comment, "en" if comment and language not in by_language else ""


def _leave_two_to_mend(house: House, invitations: list[Invitation], answers: list[Answer]) -> None:
    """Let the last two who were asked and have not answered say no, a few hours ago."""
    answered = {answer.invitation for answer in answers}
    silent = [one for one in invitations if one.letter and one not in answered]
    for hours, invitation in zip((3, 7), reversed(silent), strict=False):
        answers.append(
            Answer(
                invitation=invitation,
                enjoyed=Enjoyed.NO,
                comment=words()["comments"]["no"]["en"][2 if hours == 3 else 4],
                language="en",
                answered_at=max(house.now - timedelta(hours=hours), invitation.created_at + timedelta(minutes=6)),
            )
        )


def _mend(house: House, answers: list[Answer]) -> None:
    """Open a recovery for each no, with the present tier's deadline, and close those of the past."""
    hours = dict(
        Standing.objects.filter(valid_until=None).values_list("customer_id", "tier__recovery_hours").order_by()
    )
    recoveries = []
    calendar = house_calendar()
    ensure_causes()
    causes = list(Cause.objects.filter(is_active=True).order_by("name", "pk"))
    for answer in answers:
        agent = answer.invitation.interaction.agent
        allowed = timedelta(hours=hours.get(answer.invitation.customer_id, _HOURS_WITHOUT_TIER))
        due_at = add_hours(answer.answered_at, allowed, calendar)
        recovery = Recovery(
            answer=answer,
            customer=answer.invitation.customer,
            owner=(agent.lead or agent) if agent else None,
            opened_at=answer.answered_at,
            due_at=due_at,
            escalate_at=add_hours(due_at, _UP_AFTER, calendar),
            chased=Chased.TOLD,
        )
        taken = allowed * house.random.uniform(0.1, 1.15)
        _close(house, recovery, add_hours(answer.answered_at, taken, calendar), causes)
        recoveries.append(recovery)
    still_open = [recovery for recovery in recoveries if recovery.closed_at is None]
    if still_open:
        # The lead has handed one over to the agent who signs in, so that both desks have something to mend.
        still_open[-1].owner = house.agents[0]
    _leave_one_late(house, recoveries)
    Recovery.objects.bulk_create(recoveries)
    RecoveryStep.objects.bulk_create(step for recovery in recoveries for step in _steps(recovery, calendar))
    _ask_again(house, recoveries)


def _leave_one_late(house: House, recoveries: list[Recovery]) -> None:
    """Open one of those closed again, the newest that is late: nobody got round to it, and the manager has it now."""
    closed = [one for one in recoveries if one.closed_at and one.escalate_at and one.escalate_at <= house.now]
    if not closed:
        return
    late = max(closed, key=lambda recovery: recovery.opened_at)
    late.state, late.what_was_done = RecoveryState.CONTACTED, ""
    late.closed_at = late.closed_by = late.cause = None
    late.chased = Chased.ESCALATED


def _steps(recovery: Recovery, calendar: Calendar) -> list[RecoveryStep]:
    """What happened to it, as it would have been written down."""
    opened, owner = recovery.opened_at, recovery.owner
    step = partial(RecoveryStep, recovery=recovery)
    told = [step(step=Step.OPENED, at=opened, to=owner), step(step=Step.TOLD, at=opened + _MOMENT, to=owner)]
    if recovery.chased == Chased.ESCALATED:
        above = owner.lead if owner else None
        told.append(step(step=Step.CONTACTED, at=add_hours(opened, 20 * _MOMENT, calendar), by=owner))
        told.append(step(step=Step.LATE, at=recovery.due_at, to=owner))
        told.append(step(step=Step.ESCALATED, at=recovery.escalate_at or recovery.due_at, to=above))
    elif recovery.closed_at:
        halfway = add_hours(opened, hours_between(opened, recovery.closed_at, calendar) / 2, calendar)
        told.append(step(step=Step.CONTACTED, at=halfway, by=owner))
        end = partial(step, at=recovery.closed_at, by=recovery.closed_by, cause=recovery.cause)
        told.append(end(step=Step(recovery.state), words=recovery.what_was_done))
    return told


def _ask_again(house: House, recoveries: list[Recovery]) -> None:
    """Say of what was mended in good time whether we put it right: most do not answer, and nearly all who do say yes.

    Nobody is asked now about what was mended in the past.
    """
    rows = []
    for recovery in recoveries:
        asked_at = recovery.closed_at and recovery.closed_at + timedelta(days=7)
        if recovery.state != RecoveryState.MENDED or asked_at is None:
            continue
        row = PutRight(recovery=recovery, created_at=min(asked_at, house.now), not_asked=NotAsked.TOO_OFTEN)
        if asked_at < house.now - timedelta(days=3):
            row.not_asked, row.letter = "", _put_right_letter(recovery, asked_at)
            if house.random.random() < _ANSWER_SHARE:
                row.said, row.said_at = YesNo.YES, asked_at + timedelta(hours=house.random.uniform(1, 60))
        rows.append(row)
    Letter.objects.bulk_create([row.letter for row in rows if row.letter])
    PutRight.objects.bulk_create(rows)
    RecoveryStep.objects.bulk_create(
        RecoveryStep(recovery=row.recovery, step=step, at=at)
        for row in rows
        if row.letter
        for step, at in ((Step.ASKED, row.created_at), (Step.PUT_RIGHT, row.said_at))
        if at
    )


def _put_right_letter(recovery: Recovery, at: datetime) -> Letter:
    sent = recovery.answer.invitation.letter
    language = language_of(recovery.customer.language)
    with translation.override(language):
        question = put_right_question()
    return Letter(
        customer=recovery.customer,
        kind="feedback.put_right",
        subject_key=f"demo-{recovery.answer.invitation.interaction_id}",
        to_address=sent.to_address if sent else "",
        language=language,
        subject=question,
        text=question,
        state=LetterState.SENT,
        due_at=at,
        attempts=1,
        message_id=f"<demo-put-right-{recovery.answer.invitation.interaction_id}@regulars.example>",
        reply="Part of the demo's invented past: it never left.",
        created_at=at,
        sent_at=at + timedelta(seconds=5),
    )


def _close(house: House, recovery: Recovery, closed_at: datetime, causes: list[Cause]) -> None:
    """Close it as mended or not, if that lies in the past, and else where it is due by now; the newest stay open."""
    is_mended = house.random.random() < 0.88
    what = house.random.choice(words()["mended"]["done" if is_mended else "failed"])
    closed_at = closed_at if closed_at <= house.now else recovery.due_at
    if closed_at > house.now or house.now - recovery.opened_at < timedelta(hours=12):
        return
    recovery.state = RecoveryState.MENDED if is_mended else RecoveryState.NOT_MENDED
    recovery.closed_at = closed_at
    recovery.closed_by = recovery.owner
    recovery.what_was_done = what
    recovery.cause = _cause_of(house, recovery, causes)


def _cause_of(house: House, recovery: Recovery, causes: list[Cause]) -> Cause:
    """Choose what it came from: often what they said, else by chance."""
    comment = recovery.answer.comment.lower()
    for said, name in _SAID.items():
        if said in comment:
            return next((cause for cause in causes if cause.name == name), causes[0])
    return house.random.choice(causes)
