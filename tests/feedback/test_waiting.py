"""Contacts that wait: for mending, for their turn in a budget, for a decent hour; and those who are reminded."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from customers.enums import LetterState
from customers.models import Consent, Customer, Incident, Interaction, Letter, Suppression
from customers.services import mailing
from customers.services.conversations import close_interaction, mark_mistaken
from customers.services.incidents import take_back_incident
from feedback import tasks
from feedback.emails import REMINDER
from feedback.models import AskingRules, Cause, Invitation, Link, Recovery
from feedback.selectors.asking import heard_lately
from feedback.services import invitations
from feedback.services.answers import record_answer
from feedback.services.invitations import invite, invite_due
from feedback.services.recoveries import close_recovery
from feedback.services.reminders import remind_due
from feedback.starter import ensure_causes
from portal.roles import Role
from tests.factories import make_customer, make_email, make_interaction, make_touch_point, make_user
from tests.feedback.makers import make_closed, make_invitation, make_link
from tests.feedback.test_invitations import an_hour_passes, make_incident, reason
from tests.portal.known import give_standing

pytestmark = pytest.mark.django_db


def let_rules(**rules: Any) -> None:
    AskingRules.objects.update(**rules)


def of(interaction: Interaction) -> Invitation:
    return Invitation.objects.get(interaction=interaction)


# --- what is left out ---


def test_a_contact_that_closed_by_itself() -> None:
    customer = make_customer()
    make_email(customer)
    interaction = make_interaction(customer)
    assert close_interaction(interaction=interaction, closed_itself=True)
    assert interaction.closed_itself
    assert reason(interaction) == "by_itself"
    let_rules(asks_if_closed_itself=True)
    other = make_interaction(customer)
    close_interaction(interaction=other, closed_itself=True)
    assert reason(other) == ""


@pytest.mark.parametrize("is_mistaken", [True, False])
def test_nobody_is_asked_about_a_contact_that_was_not_with_them(is_mistaken: bool) -> None:
    customer = make_customer()
    make_email(customer)
    interaction = make_interaction(customer)
    assert close_interaction(interaction=interaction, is_mistaken=is_mistaken)
    assert reason(interaction) == ("mistaken" if is_mistaken else "")


def held_back(letter: Letter) -> str:
    """Why a letter was held back."""
    letter.refresh_from_db()
    assert letter.state == "suppressed"
    return letter.events.get(kind="held_back").words


def test_a_letter_does_not_leave_once_the_contact_is_known_to_be_a_mistake() -> None:
    interaction = make_closed()
    assert reason(interaction) == ""
    assert mark_mistaken(interaction=interaction, by=make_user(Role.LEAD))
    assert mailing.claim_letter() is None
    letter = of(interaction).letter
    assert letter
    assert held_back(letter) == "The contact was opened by mistake"


def test_channels_and_touch_points_that_a_manager_leaves_out() -> None:
    desk = make_touch_point("returns-desk")
    let_rules(channels_left_out=["chat", "web"])
    AskingRules.objects.get().touch_points_left_out.add(desk)
    assert reason(make_closed(channel="chat")) == "channel"
    assert reason(make_closed(touch_point=desk)) == "touch_point"
    assert reason(make_closed(channel="phone")) == ""


# --- until it is mended ---


def test_where_something_is_wrong_the_contact_waits_and_is_asked_about_once_it_is_mended() -> None:
    interaction = make_closed()
    incident = make_incident(interaction.customer)
    assert reason(interaction) == "incident"
    invitation = of(interaction)
    assert (invitation.letter, invitation.not_asked, invitation.waits_for) == (None, "", "incident")
    assert invitation.look_again_at
    an_hour_passes()
    assert invite_due() == 0, "it is still wrong"
    Incident.objects.filter(pk=incident.pk).update(resolved_at=Now())
    assert invite_due() == 0, "not yet its time"
    an_hour_passes()
    assert invite_due() == 1
    invitation = of(interaction)
    assert invitation.letter
    assert invitation.after_mending
    assert invitation.settled_at
    assert (invitation.waits_for, invitation.look_again_at, invitation.chance) == ("", None, 1.0)
    claimed = mailing.claim_letter()
    assert claimed
    assert "we have put it right since" in claimed.letter.text
    assert "we have put it right since" in claimed.letter.html


def test_the_last_of_several_troubles_counts() -> None:
    let_rules(days_between=0)
    link, _ = make_link()
    record_answer(link=link, enjoyed="no")
    incident = make_incident(link.invitation.customer)
    interaction = make_closed(link.invitation.customer)
    assert reason(interaction) == "incident"
    Incident.objects.filter(pk=incident.pk).update(resolved_at=Now())
    an_hour_passes()
    assert reason(interaction) == "recovery"
    cause = Cause.objects.create(name="Of this test")
    link.invitation.customer.recoveries.update(state="mended", what_was_done="x", cause=cause, closed_at=Now())
    an_hour_passes()
    assert reason(interaction) == ""
    assert of(interaction).after_mending


def test_nobody_is_told_that_we_put_right_what_was_written_down_by_mistake() -> None:
    interaction = make_closed()
    incident = make_incident(interaction.customer)
    assert reason(interaction) == "incident"
    assert take_back_incident(incident=incident, by=make_user(Role.LEAD))
    an_hour_passes()
    assert invite_due() == 1
    claimed = mailing.claim_letter()
    assert claimed
    assert claimed.letter.to_address
    assert "put it right" not in claimed.letter.text


def test_what_is_not_mended_in_time_ends_with_its_reason() -> None:
    never, too_late = make_closed(), make_closed()
    make_incident(never.customer)
    mended = make_incident(too_late.customer)
    invite_due()
    Interaction.objects.update(opened_at=Now() - timedelta(days=15), closed_at=Now() - timedelta(days=14, hours=1))
    Incident.objects.filter(pk=mended.pk).update(resolved_at=Now())
    an_hour_passes()
    assert (reason(never), reason(too_late)) == ("incident", "too_late")
    assert of(never).settled_at


def test_a_house_that_does_not_wait_says_so_at_once() -> None:
    let_rules(mending_days=0)
    interaction = make_closed()
    make_incident(interaction.customer)
    invite_due()
    assert of(interaction).not_asked == "incident"


def test_of_several_contacts_that_waited_the_last_is_asked_about() -> None:
    first = make_closed(ago=timedelta(hours=3))
    last = make_closed(first.customer, ago=timedelta(hours=1))
    make_incident(first.customer)
    invite_due()
    Incident.objects.update(resolved_at=Now())
    an_hour_passes()
    assert (reason(last), reason(first)) == ("", "too_often")


# --- a budget ---


def let_turns_come() -> None:
    """The hour is over: those that wait for their turn are drawn."""
    an_hour_passes()
    invite_due()


@pytest.fixture
def all_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of the budget is free, whatever the time of the day at which the test runs."""
    monkeypatch.setattr(invitations, "allowance", lambda *, budget, asked, share: max(0, budget - asked))


def test_with_a_budget_contacts_wait_for_their_turn_and_every_kind_is_heard(all_day: None) -> None:
    let_rules(budget=4)
    usual = [make_closed() for _ in range(12)]
    rare = [make_closed(channel="video"), make_closed(touch_point=make_touch_point("repair"))]
    guest = make_closed()
    give_standing(guest.customer)
    assert {reason(one) for one in (*usual, *rare, guest)} == {"budget"}
    assert not Letter.objects.exists()
    assert invite_due() == 0, "their turn comes with the hour"
    let_turns_come()
    asked = Invitation.objects.filter(letter__isnull=False)
    assert asked.count() == 4
    assert all(of(one).letter for one in (*rare, guest))
    assert {of(one).chance for one in usual} == {1 / 12}
    assert {of(one).chance for one in (*rare, guest)} == {1.0}
    left = Invitation.objects.filter(letter=None)
    assert set(left.values_list("not_asked", flat=True)) == {"budget"}
    let_turns_come()
    more = make_closed()
    invite_due()
    let_turns_come()
    assert of(more).waits_for == "budget", "nothing is left of today's"
    assert asked.count() == 4


def test_who_waits_in_vain_ends_with_its_reason() -> None:
    let_rules(budget=1)
    interaction = make_closed()
    assert reason(interaction) == "budget"
    Interaction.objects.update(opened_at=Now() - timedelta(days=4), closed_at=Now() - timedelta(days=3, hours=1))
    let_turns_come()
    assert of(interaction).not_asked == "budget"


def test_a_customer_takes_part_in_a_draw_once(all_day: None) -> None:
    let_rules(budget=10)
    first = make_closed(ago=timedelta(hours=2))
    last = make_closed(first.customer)
    invite_due()
    let_turns_come()
    assert (of(last).chance, of(last).letter_id is not None) == (1.0, True)
    assert of(first).not_asked == "budget"


def test_who_was_mended_waits_for_a_turn_too(all_day: None) -> None:
    let_rules(budget=10)
    interaction = make_closed()
    make_incident(interaction.customer)
    assert reason(interaction) == "incident"
    Incident.objects.update(resolved_at=Now())
    an_hour_passes()
    assert reason(interaction) == "budget"
    let_turns_come()
    assert of(interaction).letter
    assert of(interaction).after_mending


def test_those_heard_lately_are_known_by_tier_touch_point_and_channel() -> None:
    invitation = make_invitation()
    standing = give_standing(invitation.customer)
    contact = invitation.interaction
    assert list(heard_lately()) == [(standing.tier_id, contact.touch_point_id, "phone")]


# --- quiet hours ---


def quiet_now(zone: str = "UTC") -> datetime:
    """Make it quiet in this zone now, until two hours from now; return when it is over."""
    now = timezone.now().astimezone(ZoneInfo(zone)).replace(second=0, microsecond=0)
    let_rules(quiet_from=(now - timedelta(hours=1)).time(), quiet_until=(now + timedelta(hours=2)).time())
    return now + timedelta(hours=2)


def test_a_letter_is_due_when_the_customers_quiet_hours_are_over() -> None:
    until = quiet_now("Asia/Tokyo")
    here, there, nowhere = (make_closed() for _ in range(3))
    Customer.objects.filter(pk=there.customer_id).update(time_zone="Asia/Tokyo")
    Customer.objects.filter(pk=nowhere.customer_id).update(time_zone="nowhere")
    invite_due()
    due = {one.pk: of(one).letter for one in (here, there, nowhere)}
    assert all(due.values())
    assert due[there.pk].due_at == until  # type: ignore[union-attr]
    assert Letter.objects.due().count() == 2


def test_who_said_no_zone_has_the_quiet_hours_of_the_house(settings: Any) -> None:
    settings.TIME_ZONE = "Pacific/Auckland"
    until = quiet_now("Pacific/Auckland")
    unsaid, there = make_closed(), make_closed()
    Customer.objects.filter(pk=unsaid.customer_id).update(time_zone="UTC")
    Customer.objects.filter(pk=there.customer_id).update(time_zone="Asia/Tokyo")
    invite_due()
    due = {one.pk: of(one).letter for one in (unsaid, there)}
    assert due[unsaid.pk].due_at == until  # type: ignore[union-attr]
    # One that was written by day does not leave at night either.
    Letter.objects.filter(customer=unsaid.customer_id).update(due_at=Now())
    claimed = [mailing.claim_letter() for _ in range(2)]
    assert [one and one.letter.customer_id for one in claimed] == [there.customer_id, None]


def test_a_letter_that_was_kept_waiting_does_not_leave_at_night() -> None:
    invite(interaction_ids=[make_closed().pk])
    until = quiet_now()
    assert mailing.claim_letter() is None
    letter = Letter.objects.get()
    assert (letter.state, letter.due_at) == (LetterState.QUEUED, until)
    assert letter.reply
    assert not Link.objects.exists()
    let_rules(quiet_from=None, quiet_until=None)
    Letter.objects.update(due_at=Now())
    assert mailing.claim_letter()


# --- a reminder ---


@pytest.fixture
def unanswered() -> Invitation:
    """Asked five days ago, in a house that reminds after five days."""
    let_rules(reminder_days=5)
    invitation = make_invitation()
    long_ago(invitation, timedelta(days=5, minutes=1))
    return invitation


def long_ago(invitation: Invitation, ago: timedelta) -> None:
    Letter.objects.filter(invitation=invitation).update(sent_at=Now() - ago)
    Interaction.objects.filter(pk=invitation.interaction_id).update(opened_at=Now() - ago * 2, closed_at=Now() - ago)


def test_who_has_not_answered_is_reminded_once(unanswered: Invitation) -> None:
    tasks.remind_due()
    assert remind_due() == 0
    unanswered.refresh_from_db()
    reminder = unanswered.reminder
    assert reminder
    assert (reminder.kind, reminder.to_address) == (REMINDER, unanswered.letter.to_address)  # type: ignore[union-attr]
    claimed = mailing.claim_letter()
    assert claimed
    assert "We wrote to you a few days ago" in claimed.letter.text
    assert claimed.letter.subject.endswith(": a reminder")
    assert Link.objects.filter(invitation=unanswered).count() == 3, "links of its own"
    Letter.objects.filter(pk=reminder.pk).update(
        state="sent", lease=None, leased_until=None, sent_at=Now() - timedelta(days=6)
    )
    assert remind_due() == 0, "never a second"


def test_nobody_is_reminded_of_a_contact_that_was_a_mistake(unanswered: Invitation) -> None:
    assert mark_mistaken(interaction=unanswered.interaction, by=make_user(Role.LEAD))
    assert remind_due() == 0


def test_a_reminder_does_not_leave_once_the_contact_is_known_to_be_a_mistake(unanswered: Invitation) -> None:
    assert remind_due() == 1
    assert mark_mistaken(interaction=unanswered.interaction, by=make_user(Role.LEAD))
    assert mailing.claim_letter() is None
    unanswered.refresh_from_db()
    assert unanswered.reminder
    assert held_back(unanswered.reminder) == "The contact was opened by mistake"


@pytest.mark.parametrize(
    "what",
    ["answered", "stopped", "suppressed", "incident", "recovery", "off", "too_soon", "long_gone", "moved"],
)
def test_who_is_not_reminded(unanswered: Invitation, what: str) -> None:
    customer, letter = unanswered.customer, unanswered.letter
    assert letter
    match what:
        case "answered":
            record_answer(link=make_link(unanswered)[0], enjoyed="yes")
        case "stopped":
            Consent.objects.create(customer=customer, purpose="feedback", is_given=False)
        case "suppressed":
            Suppression.objects.create(address=letter.to_address, reason="refused")
        case "incident":
            make_incident(customer)
        case "recovery":
            record_answer(link=make_link(make_invitation_of(customer))[0], enjoyed="no")
        case "off":
            let_rules(reminder_days=0)
        case "too_soon":
            long_ago(unanswered, timedelta(days=4, hours=23))
        case "long_gone":
            long_ago(unanswered, timedelta(days=8, hours=1))
        case "moved":
            customer.contact_points.update(is_active=False)
    assert remind_due() == 0


def come_back(invitation: Invitation) -> None:
    """The letter comes back as from a mailbox that is full: the address is not suppressed."""
    Letter.objects.filter(invitation=invitation).update(bounced_at=Now(), message_id="<1@house.example>")


def test_nobody_is_reminded_of_a_letter_that_came_back(unanswered: Invitation) -> None:
    come_back(unanswered)
    assert remind_due() == 0


def test_a_letter_of_which_nobody_knows_whether_it_arrived_has_no_reminder(unanswered: Invitation) -> None:
    Letter.objects.update(state="uncertain", sent_at=None)
    assert remind_due() == 0


def make_invitation_of(customer: Customer) -> Invitation:
    let_rules(days_between=0)
    return make_invitation(make_closed(customer))


@pytest.mark.parametrize("what", ["answered", "stopped", "incident", "bounced"])
def test_a_reminder_does_not_leave_where_its_reason_has_gone(unanswered: Invitation, what: str) -> None:
    assert remind_due() == 1
    if what == "answered":
        record_answer(link=make_link(unanswered)[0], enjoyed="partly")
    elif what == "stopped":
        Consent.objects.create(customer=unanswered.customer, purpose="feedback", is_given=False)
    elif what == "bounced":
        come_back(unanswered)
    else:
        make_incident(unanswered.customer)
    assert mailing.claim_letter() is None
    assert Letter.objects.get(kind=REMINDER).state == LetterState.SUPPRESSED


def test_a_reminder_keeps_quiet_hours(unanswered: Invitation) -> None:
    until = quiet_now()
    assert remind_due() == 1
    assert Letter.objects.get(kind=REMINDER).due_at == until


@pytest.mark.parametrize("count", [1, 3])
def test_reminding_costs_the_same_whatever_the_number(count: int, django_assert_num_queries: Any) -> None:
    let_rules(reminder_days=5)
    for _ in range(count):
        long_ago(make_invitation(), timedelta(days=5, minutes=1))
    # rules, the look, the writing; the savepoint of the test's transaction (2)
    with django_assert_num_queries(5):
        assert remind_due() == count


def close(recovery: Recovery, state: str = "mended", what: str = "Rang") -> None:
    ensure_causes()
    cause = Cause.objects.get(name="Late")
    assert close_recovery(recovery=recovery, state=state, what_was_done=what, cause=cause, by=make_user())


@pytest.mark.parametrize("is_queued", [False, True])
def test_nobody_is_told_that_we_put_right_what_could_not_be_mended(is_queued: bool) -> None:
    AskingRules.objects.update(days_between=0)
    link, _ = make_link()
    if is_queued:
        interaction = make_closed(link.invitation.customer)
        invite(interaction_ids=[interaction.pk])
        record_answer(link=link, enjoyed="no")
        assert mailing.claim_letter() is None
    else:
        record_answer(link=link, enjoyed="no")
        assert reason(make_closed(link.invitation.customer)) == "recovery"
    close(Recovery.objects.get(), "not_mended", "We could not find the parcel")
    an_hour_passes()
    invite_due()
    Letter.objects.filter(state="queued").update(due_at=Now())
    claimed = mailing.claim_letter()
    assert claimed
    assert "we have put it right since" not in claimed.letter.text


def test_a_reminder_does_not_say_that_we_ask_only_now() -> None:
    AskingRules.objects.update(reminder_days=3)
    interaction = make_closed()
    incident = make_incident(interaction.customer)
    assert reason(interaction) == "incident"
    Incident.objects.filter(pk=incident.pk).update(resolved_at=Now())
    an_hour_passes()
    invite_due()
    Letter.objects.update(state="sent", sent_at=Now() - timedelta(days=3, hours=1))
    assert remind_due() == 1
    claimed = mailing.claim_letter()
    assert claimed
    assert "only ask now" not in claimed.letter.text
    assert "We wrote to you a few days ago" in claimed.letter.text
