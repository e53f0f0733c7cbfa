"""Mending: who owns it, by when, and how it ends."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.utils import timezone

from feedback.models import Answer, Cause, Recovery
from feedback.selectors.recoveries import open_recoveries
from feedback.services.answers import Pressed, record_answer
from feedback.services.recoveries import close_recovery, contact_recovery, open_recovery
from feedback.starter import ensure_causes
from portal.roles import Role
from tests.factories import make_customer, make_email, make_user
from tests.feedback.asking import publish, words
from tests.feedback.makers import make_closed, make_invitation, make_link
from tests.feedback.pressing import at as answer_at
from tests.feedback.pressing import press as answer_press
from tiers.models import Move, Run, Scheme, Standing, Tier

pytestmark = pytest.mark.django_db


def unhappy(agent: Any = None, customer: Any = None) -> Recovery:
    link, _ = make_link(make_invitation(make_closed(customer, agent=agent)))
    answer, _ = record_answer(link=link, enjoyed="no")
    return Recovery.objects.get(answer=answer)


def give_tier(customer: Any, hours: int) -> None:
    tier = Tier.objects.create(rank=90, slug="closest", name="Closest", shape="star", recovery_hours=hours)
    scheme = Scheme.objects.create(version=900, name="Test")
    now = timezone.now()
    run = Run.objects.create(kind="full", scheme=scheme, as_of=now.date(), effective_at=now)
    Move.objects.create(customer=customer, run=run, to_tier=tier, reason="first", moved_at=now)
    Standing.objects.create(
        customer=customer, tier=tier, earned_tier=tier, reason="first", valid_from=now - timedelta(days=1)
    )


@pytest.mark.parametrize("answer", ["yes", "partly"])
def test_only_a_no_opens_a_recovery(answer: str) -> None:
    link, _ = make_link()
    record_answer(link=link, enjoyed=answer)
    assert not Recovery.objects.exists()


def test_the_lead_of_the_agent_owns_it() -> None:
    lead = make_user(Role.LEAD)
    assert unhappy(make_user(lead=lead)).owner == lead


def test_else_the_agent_else_nobody_yet() -> None:
    agent = make_user()
    assert unhappy(agent).owner == agent
    assert unhappy().owner is None
    gone = make_user(lead=make_user(Role.LEAD, is_active=False), is_active=False)
    assert unhappy(gone).owner is None


def test_the_deadline_is_the_tiers() -> None:
    plain = unhappy()
    assert timedelta(hours=47, minutes=59) < plain.due_at - plain.opened_at <= timedelta(hours=48)
    customer = make_customer()
    make_email(customer)
    give_tier(customer, 8)
    close = unhappy(customer=customer)
    assert timedelta(hours=7, minutes=59) < close.due_at - close.opened_at <= timedelta(hours=8)


def test_an_answer_that_becomes_no_opens_one_and_one_that_was_no_keeps_it() -> None:
    link, _ = make_link()
    assert record_answer(link=link, enjoyed="yes")[1] is Pressed.COUNTED
    answer, pressed = record_answer(link=link, enjoyed="no")
    assert pressed is Pressed.CHANGED
    recovery = Recovery.objects.get(answer=answer)
    record_answer(link=link, enjoyed="yes")
    record_answer(link=link, enjoyed="no")
    assert Recovery.objects.get() == recovery
    assert not open_recovery(answer=answer)
    assert Recovery.objects.get() == recovery


def test_an_answer_that_is_none_is_refused() -> None:
    link, _ = make_link()
    with pytest.raises(ValidationError, match="choose one"):
        record_answer(link=link, enjoyed="maybe")
    assert not Answer.objects.exists()


def test_contact_then_close_each_once_and_on_the_record() -> None:
    recovery, lead = unhappy(), make_user(Role.LEAD)
    assert contact_recovery(recovery=recovery, by=lead)
    assert not contact_recovery(recovery=recovery, by=lead)
    ensure_causes()
    cause = Cause.objects.get(name="Late")
    assert close_recovery(recovery=recovery, state="mended", what_was_done=" Sent  a new one ", cause=cause, by=lead)
    assert not close_recovery(recovery=recovery, state="not_mended", what_was_done="Other words", cause=cause, by=lead)
    assert not contact_recovery(recovery=recovery, by=lead)
    recovery.refresh_from_db()
    assert (recovery.state, recovery.what_was_done, recovery.closed_by) == ("mended", "Sent a new one", lead)
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT e.state, c.metadata->>'user' FROM feedback_recoveryevent e
            LEFT JOIN pghistory_context c ON c.id = e.pgh_context_id ORDER BY e.pgh_id
        """)
        assert cursor.fetchall() == [("open", None), ("contacted", str(lead.pk)), ("mended", str(lead.pk))]


@pytest.mark.parametrize(
    ("state", "words"), [("mended", "  "), ("open", "Done"), ("closed", "Done"), ("mended", "x" * 501)]
)
def test_closing_says_how_it_ended_and_what_was_done(state: str, words: str) -> None:
    recovery = unhappy()
    ensure_causes()
    with pytest.raises(ValidationError):
        close_recovery(
            recovery=recovery, state=state, what_was_done=words, cause=Cause.objects.get(name="Late"), by=make_user()
        )
    assert Recovery.objects.open().count() == 1


@pytest.mark.parametrize("count", [1, 3])
def test_the_desk_lists_what_is_due_first_in_one_query(count: int, django_assert_num_queries: Any) -> None:
    lead, other = make_user(Role.LEAD), make_user(Role.LEAD)
    agent = make_user(lead=other)
    for _ in range(count):
        unhappy(agent)
    first = Recovery.objects.order_by("pk").last()
    assert first
    Recovery.objects.filter(pk=first.pk).update(due_at=first.opened_at + timedelta(seconds=1))
    with django_assert_num_queries(1):
        rows = list(open_recoveries(user=lead))
        assert len({(row.customer.full_name, row.answer.enjoyed, row.owner) for row in rows}) == count
    assert rows[0] == first
    assert open_recoveries(user=agent).count() == count, "whoever served them hears of it"
    stranger = make_user()
    assert not open_recoveries(user=stranger).exists()
    assert not open_recoveries(user=make_user(Role.INTEGRATION)).exists()
    Recovery.objects.update(owner=stranger)
    assert open_recoveries(user=stranger).count() == count


def close(recovery: Recovery, state: str = "mended", what: str = "Rang") -> None:
    ensure_causes()
    cause = Cause.objects.get(name="Late")
    assert close_recovery(recovery=recovery, state=state, what_was_done=what, cause=cause, by=make_user())


@pytest.mark.parametrize("more", [{"comment": "Nobody called. It is still broken, please call me back!"}, None])
def test_who_says_it_once_more_after_it_was_closed_is_heard(client: Client, more: dict[str, str] | None) -> None:
    _, token = make_link()
    answer_press(client, token, "no")
    close(Recovery.objects.get())
    if more:
        assert client.post(answer_at(token), more).status_code == 303
    else:
        answer_press(client, token, "yes")
        answer_press(client, token, "no")
    assert Recovery.objects.open().exists()


def test_a_plea_in_a_follow_up_is_heard(client: Client) -> None:
    question = publish(words("What else should we know?")).questions.get()
    _, token = make_link()
    answer_press(client, token, "yes")
    plea = {"comment": "", f"q{question.pk}": "Please call me back, it is still broken"}
    assert client.post(answer_at(token), plea).status_code == 303
    assert Recovery.objects.exists()
