"""What the database itself refuses, whoever asks."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction
from django.db.models import F, Model
from django.db.models.functions import Now

from customers.models import Letter
from feedback.models import (
    Answer,
    AskingRules,
    Cause,
    Holiday,
    Invitation,
    Link,
    MendingRules,
    PreventionAction,
    PutRight,
    Recovery,
    RecoveryStep,
    Visit,
    WorkingHours,
)
from feedback.services.answers import record_answer
from feedback.services.visits import note_visit
from tests.factories import make_customer, make_user
from tests.feedback.makers import make_closed, make_invitation, make_link
from tests.refusing import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def link() -> Link:
    return make_link()[0]


def sql(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def same_token(link: Link) -> None:
    sql(
        "INSERT INTO feedback_link (token_hash, invitation_id, purpose, expires_at) "
        "SELECT token_hash, invitation_id, purpose, expires_at FROM feedback_link WHERE id = %s",
        link.pk,
    )


def at_once(statement: str, *values: Any) -> None:
    """Run a statement and have what is checked at the end of a transaction checked now."""
    sql(statement, *values)
    sql("SET CONSTRAINTS ALL IMMEDIATE")


def same_letter(link: Link) -> None:
    closed = make_closed(link.invitation.customer)
    Invitation.objects.create(interaction=closed, customer=closed.customer, letter=link.invitation.letter)


def a_letter() -> Letter:
    customer = make_customer()
    return Letter.objects.create(customer=customer, kind="k", subject_key="1", to_address="a@mail.example", text="t")


def reminder_of_two(link: Link) -> None:
    make_invitation()
    Invitation.objects.update(reminder=a_letter())


def closed_without_words(link: Link) -> None:
    record_answer(link=link, enjoyed="no")
    sql("UPDATE feedback_recovery SET state = 'mended', closed_at = now(), cause_id = %s", a_cause().pk)


def closed_yet_open(link: Link) -> None:
    record_answer(link=link, enjoyed="no")
    sql("UPDATE feedback_recovery SET closed_at = now(), what_was_done = 'x', cause_id = %s", a_cause().pk)


def closed_before_it_opened(link: Link) -> None:
    record_answer(link=link, enjoyed="no")
    sql(
        "UPDATE feedback_recovery SET state = 'mended', closed_at = opened_at - interval '1 s', what_was_done = 'x', "
        "cause_id = %s",
        a_cause().pk,
    )


def due_before_it_opened(link: Link) -> None:
    record_answer(link=link, enjoyed="no")
    sql("UPDATE feedback_recovery SET due_at = opened_at")


def closed_without_cause(link: Link) -> None:
    record_answer(link=link, enjoyed="no")
    sql("UPDATE feedback_recovery SET state = 'mended', closed_at = now(), what_was_done = 'x'")


def chased_too_far(link: Link) -> None:
    record_answer(link=link, enjoyed="no")
    sql("UPDATE feedback_recovery SET chased = 9")


def unknown_step(link: Link) -> None:
    answer, _ = record_answer(link=link, enjoyed="no")
    RecoveryStep.objects.create(recovery=answer.recovery, step="lost")


def put_right(link: Link, **fields: Any) -> None:
    answer, _ = record_answer(link=link, enjoyed="no")
    PutRight.objects.create(**{"recovery": answer.recovery, "not_asked": "incident"} | fields)


def asked_twice(link: Link) -> None:
    put_right(link)
    PutRight.objects.create(recovery=Recovery.objects.get(), not_asked="incident")


def an_action(**fields: Any) -> None:
    told = {"what_will_change": "x", "cause": a_cause(), "owner": make_user(), "due_on": "2030-01-01"}
    PreventionAction.objects.create(**told | fields)


def a_cause(**fields: Any) -> Cause:
    return Cause.objects.create(**{"name": f"Cause {Cause.objects.count()}"} | fields)


def a_line(length: int) -> list[Cause]:
    """Causes, each part of the one before."""
    line = [a_cause()]
    while len(line) < length:
        line.append(a_cause(parent=line[-1]))
    return line


def a_circle(link: Link) -> None:
    line = a_line(2)
    Cause.objects.filter(pk=line[0].pk).update(parent=line[1])


def too_deep_by_moving(link: Link) -> None:
    line, other = a_line(2), a_line(2)
    Cause.objects.filter(pk=line[0].pk).update(parent=other[1])


def second_recovery(link: Link) -> None:
    answer, _ = record_answer(link=link, enjoyed="no")
    Recovery.objects.create(answer=answer, customer=link.invitation.customer, due_at=Now() + timedelta(hours=1))


def two_counted(link: Link) -> None:
    for enjoyed in ("yes", "no"):
        Answer.objects.create(invitation=link.invitation, enjoyed=enjoyed)


def answer(link: Link, **fields: Any) -> Answer:
    return Answer.objects.create(invitation=link.invitation, enjoyed="yes", **fields)


def visit(link: Link, **fields: Any) -> Visit:
    """A press that counts, but for these fields."""
    press = {"method": "POST", "hint": "yes", "has_button": True, "outcome": "counted"}
    return Visit.objects.create(link=link, **(press | fields))


TOO_LONG = {"ask_days": 91}
CASES: dict[str, list[Callable[[Link], object]]] = {
    "askingrules_one_row": [lambda link: AskingRules.objects.create(pk=2)],
    "askingrules_answer_days_positive": [lambda link: AskingRules.objects.update(answer_days=0)],
    "feedback_invitation_interaction_id_key": [
        lambda link: Invitation.objects.create(
            interaction=link.invitation.interaction, customer=link.invitation.customer, not_asked="incident"
        )
    ],
    "feedback_invitation_letter_id_key": [same_letter],
    "invitation_letter_reason_or_wait": [
        lambda link: Invitation.objects.update(letter=None),
        lambda link: Invitation.objects.update(not_asked="incident"),
        lambda link: Invitation.objects.update(waits_for="incident", look_again_at=Now()),
        lambda link: Invitation.objects.update(letter=None, not_asked="incident", look_again_at=Now()),
        lambda link: Invitation.objects.update(letter=None, waits_for="incident"),
        lambda link: Invitation.objects.update(letter=None, waits_for="nothing", look_again_at=Now()),
        lambda link: Invitation.objects.update(
            letter=None, waits_for="incident", look_again_at=Now(), settled_at=Now()
        ),
    ],
    "invitation_reminder_follows_letter": [
        lambda link: Invitation.objects.update(letter=None, not_asked="incident", reminder=link.invitation.letter)
    ],
    "invitation_reminder_of_one": [reminder_of_two],
    "invitation_chance_is_a_share": [
        lambda link: Invitation.objects.update(chance=1.01),
        lambda link: Invitation.objects.update(chance=-0.01),
    ],
    "invitation_interaction_of_customer": [
        lambda link: Invitation.objects.create(interaction_id=0, customer=link.invitation.customer, not_asked="budget"),
        lambda link: Invitation.objects.create(interaction=make_closed(), customer=make_customer(), not_asked="budget"),
        lambda link: Invitation.objects.update(customer=make_customer()),
    ],
    "invitation_letter_of_customer": [
        lambda link: Invitation.objects.update(letter_id=0),
        lambda link: Invitation.objects.update(letter=a_letter()),
    ],
    "interaction_kept_while_invited": [
        lambda link: at_once("DELETE FROM customers_interaction"),
        lambda link: at_once("UPDATE customers_interaction SET customer_id = %s", make_customer().pk),
    ],
    "letter_kept_while_invited": [lambda link: at_once("DELETE FROM customers_letter")],
    "askingrules_channels_known": [lambda link: AskingRules.objects.update(channels_left_out=["drum"])],
    "askingrules_budget_per_known": [lambda link: AskingRules.objects.update(budget_per="year")],
    "askingrules_reminder_while_links_work": [lambda link: AskingRules.objects.update(reminder_days=30)],
    "askingrules_quiet_hours_both": [
        lambda link: AskingRules.objects.update(quiet_from="21:00"),
        lambda link: AskingRules.objects.update(quiet_until="08:00"),
        lambda link: AskingRules.objects.update(quiet_from="08:00", quiet_until="08:00"),
    ],
    "feedback_link_token_hash_key": [same_token],
    "link_purpose_known": [lambda link: Link.objects.update(purpose="admin")],
    "answer_one_counted": [two_counted],
    "answer_known": [lambda link: Answer.objects.create(invitation=link.invitation, enjoyed="maybe")],
    "answer_counted_doubtful_or_conflicting": [
        lambda link: answer(link, doubts=["too_soon"]),
        lambda link: answer(link, is_counted=False),
        lambda link: answer(link, conflict="late"),
        lambda link: answer(link, is_counted=False, doubts=["too_soon"], conflict="late"),
    ],
    "answer_conflict_known": [lambda link: answer(link, is_counted=False, conflict="odd")],
    "visit_outcome_known": [lambda link: visit(link, outcome="odd")],
    "visit_outcome_of_a_press": [
        lambda link: visit(link, method="GET"),
        lambda link: visit(link, has_button=False),
        lambda link: visit(link, is_decoy=True),
        lambda link: visit(link, hint=""),
    ],
    "visit_doubtful_says_why": [
        lambda link: visit(link, outcome="doubtful"),
        lambda link: visit(link, doubts=["too_soon"]),
    ],
    "recovery_closed_says_what_was_done": [closed_without_words, closed_yet_open, closed_before_it_opened],
    "recovery_due_after_opening": [due_before_it_opened],
    "recovery_closed_says_its_cause": [closed_without_cause],
    "recovery_chased_known": [chased_too_far],
    "recoverystep_known": [unknown_step],
    "putright_letter_or_reason": [lambda link: put_right(link, not_asked="")],
    "putright_said_has_a_time": [
        lambda link: put_right(link, said="yes"),
        lambda link: put_right(link, said_at=Now()),
        lambda link: put_right(link, said="so", said_at=Now()),
    ],
    "feedback_putright_recovery_id_key": [asked_twice],
    "cause_has_a_name": [lambda link: a_cause(name="")],
    "cause_once_among_siblings": [lambda link: [a_cause(name="x") for _ in range(2)]],
    "cause_one_per_incident_kind": [lambda link: [a_cause(name=name, incident_kind="late") for name in "ab"]],
    "cause_no_circle": [a_circle, lambda link: Cause.objects.filter(pk=a_cause().pk).update(parent=F("pk"))],
    "cause_at_most_three_deep": [lambda link: a_line(4), too_deep_by_moving],
    "workinghours_weekday_known": [lambda link: WorkingHours.objects.create(weekday=7)],
    "workinghours_close_after_opening": [
        lambda link: WorkingHours.objects.create(weekday=1, opens_at="09:00", closes_at="09:00")
    ],
    "feedback_workinghours_weekday_key": [lambda link: [WorkingHours.objects.create(weekday=1) for _ in range(2)]],
    "holiday_has_a_name": [lambda link: Holiday.objects.create(on="2030-01-01", name="")],
    "mendingrules_one_row": [lambda link: MendingRules.objects.create(pk=2)],
    "mendingrules_ask_within_90_days": [lambda link: MendingRules.objects.update_or_create(pk=1, defaults=TOO_LONG)],
    "preventionaction_says_what_changes": [lambda link: an_action(what_will_change="")],
    "preventionaction_base_known": [lambda link: an_action(base="people")],
    "preventionaction_done_after_begun": [
        lambda link: an_action(done_on="2026-01-01"),
        lambda link: an_action(started_on="2026-01-02", done_on="2026-01-01"),
    ],
    "feedback_recovery_answer_id_key": [second_recovery],
}


@pytest.mark.parametrize(
    ("name", "act"),
    [
        pytest.param(name, act, id=f"{name}-{number}")
        for name, acts in CASES.items()
        for number, act in enumerate(acts, 1)
    ],
)
def test_the_database_refuses(link: Link, name: str, act: Callable[[Link], object]) -> None:
    with refused(name):
        act(link)


def test_a_visit_can_neither_be_rewritten_nor_taken_away(link: Link) -> None:
    note_visit(link=link, method="GET")
    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        Visit.objects.update(method="POST")
    for rows in (Visit.objects.all(), Link.objects.all()):
        with pytest.raises(ProgrammingError, match="Cannot delete"), transaction.atomic():
            rows.delete()


def test_a_step_cannot_be_rewritten_or_lost(link: Link) -> None:
    record_answer(link=link, enjoyed="no")
    for act in (lambda: RecoveryStep.objects.update(words="x"), lambda: RecoveryStep.objects.all().delete()):
        with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
            act()


def test_only_what_was_closed_before_causes_were_kept_may_have_none(link: Link) -> None:
    record_answer(link=link, enjoyed="no")
    closed = "UPDATE feedback_recovery SET state = 'mended', closed_at = now(), what_was_done = 'x'"
    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        sql(f"{closed}, is_before_causes = true")
    copied = "SELECT answer_id, customer_id, due_at, opened_at, state, what_was_done, true FROM feedback_recovery"
    with pytest.raises(ProgrammingError, match="Cannot insert"), transaction.atomic():
        sql(
            "INSERT INTO feedback_recovery (answer_id, customer_id, due_at, opened_at, state, what_was_done, "
            f"is_before_causes) {copied}"
        )


@pytest.mark.parametrize("table", ["feedback_answerevent", "feedback_recoveryevent"])
def test_the_record_of_changes_cannot_be_rewritten(link: Link, table: str) -> None:
    record_answer(link=link, enjoyed="no")
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET pgh_label = 'x'"):
        with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
            sql(statement)


def test_every_named_constraint_of_these_tables_is_tried_here() -> None:
    asking: tuple[type[Model], ...] = (AskingRules, Invitation, Link, Visit, Answer, Recovery, RecoveryStep, PutRight)
    models: tuple[type[Model], ...] = (*asking, Cause, WorkingHours, Holiday, MendingRules, PreventionAction)
    named = {constraint.name for model in models for constraint in model._meta.constraints}
    assert named <= set(CASES)
