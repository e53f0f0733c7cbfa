"""What the database itself refuses, whoever asks."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.db.models.functions import Now

from feedback.models import Answer, AskingRules, Invitation, Link, Recovery, Visit
from feedback.services.answers import record_answer
from feedback.services.visits import note_visit
from tests.factories import make_user
from tests.feedback.makers import make_closed, make_link

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


def same_letter(link: Link) -> None:
    closed = make_closed()
    Invitation.objects.create(interaction=closed, customer=closed.customer, letter=link.invitation.letter)


def closed_without_words(link: Link) -> None:
    record_answer(link=link, enjoyed="no")
    sql("UPDATE feedback_recovery SET state = 'mended', closed_at = now()")


def closed_yet_open(link: Link) -> None:
    record_answer(link=link, enjoyed="no")
    sql("UPDATE feedback_recovery SET closed_at = now(), what_was_done = 'x'")


def closed_before_it_opened(link: Link) -> None:
    record_answer(link=link, enjoyed="no")
    sql(
        "UPDATE feedback_recovery SET state = 'mended', closed_at = opened_at - interval '1 s', what_was_done = 'x', "
        "closed_by_id = %s",
        make_user().pk,
    )


def due_before_it_opened(link: Link) -> None:
    record_answer(link=link, enjoyed="no")
    sql("UPDATE feedback_recovery SET due_at = opened_at")


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


CASES: dict[str, list[Callable[[Link], object]]] = {
    "askingrules_one_row": [lambda link: AskingRules.objects.create(pk=2)],
    "askingrules_answer_days_positive": [lambda link: AskingRules.objects.update(answer_days=0)],
    "feedback_invitation_interaction_id_key": [
        lambda link: Invitation.objects.create(
            interaction=link.invitation.interaction, customer=link.invitation.customer, not_asked="incident"
        )
    ],
    "feedback_invitation_letter_id_key": [same_letter],
    "invitation_letter_or_reason": [
        lambda link: Invitation.objects.update(letter=None),
        lambda link: Invitation.objects.update(not_asked="incident"),
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
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        act(link)
    assert refused.value.__cause__
    assert refused.value.__cause__.diag.constraint_name == name  # type: ignore[attr-defined]


def test_a_visit_can_neither_be_rewritten_nor_taken_away(link: Link) -> None:
    note_visit(link=link, method="GET")
    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        Visit.objects.update(method="POST")
    for rows in (Visit.objects.all(), Link.objects.all()):
        with pytest.raises(ProgrammingError, match="Cannot delete"), transaction.atomic():
            rows.delete()


@pytest.mark.parametrize("table", ["feedback_answerevent", "feedback_recoveryevent"])
def test_the_record_of_changes_cannot_be_rewritten(link: Link, table: str) -> None:
    record_answer(link=link, enjoyed="no")
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET pgh_label = 'x'"):
        with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
            sql(statement)


def test_every_named_constraint_of_these_tables_is_tried_here() -> None:
    models = (AskingRules, Invitation, Link, Visit, Answer, Recovery)
    named = {constraint.name for model in models for constraint in model._meta.constraints}
    assert named <= set(CASES)
