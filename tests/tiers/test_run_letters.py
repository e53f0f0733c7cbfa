"""The letter to managers about a run: what it says, and that each gets it once, whatever breaks."""

from datetime import date
from threading import Event
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from customers.enums import LetterState
from customers.models import Letter
from customers.services.colleagues import write_to_colleague
from portal.roles import Role
from tests.chance import without_chance
from tests.factories import make_customer, make_user
from tests.tiers.customers_in_tiers import in_threads, make_buyer, until_waiting
from tiers import tasks
from tiers.emails import write_summary
from tiers.enums import Reason, RunState
from tiers.models import Run, Scheme
from tiers.selectors.progress import Moved
from tiers.services import telling
from tiers.services.runs import retier, retier_touched, start_run
from tiers.services.telling import tell_managers


def moving_run() -> Run:
    """A finished run that moved two customers up; both had a tier before."""
    customers = [make_customer(full_name=f"Customer {name}") for name in ("A", "B")]
    retier()
    Run.objects.update(told_at=Now())
    today = timezone.localdate()
    make_buyer(today, "2500.00", orders=10, customer=customers[0])
    make_buyer(today, "300.00", orders=2, customer=customers[1])
    return retier(is_full=True)


@pytest.mark.django_db
def test_every_manager_hears_what_moved_and_why() -> None:
    managers = [make_user(Role.MANAGER), make_user(Role.MANAGER)]
    make_user(Role.MANAGER, is_active=False)
    for role in (Role.AGENT, Role.LEAD, Role.ANALYST, Role.ADMINISTRATOR):
        make_user(role)
    run = moving_run()
    assert tell_managers() == 2
    letters = Letter.objects.order_by("pk")
    assert [(letter.colleague, letter.customer, letter.to_address) for letter in letters] == [
        (manager, None, manager.email) for manager in managers
    ]
    letter = letters[0]
    assert letter.subject.startswith("Tiers: 2 customers moved as of ")
    assert "1 · Guest → Family · Moved up" in letter.text
    assert "1 · Guest → Regular · Moved up" in letter.text
    # The farthest first, with a link to the customer; and no money anywhere.
    assert letter.text.index("Customer A: Guest → Family") < letter.text.index("Customer B: Guest → Regular")
    assert f"/admin/tiers/run/{run.pk}/change/" in letter.text
    assert f"/admin/tiers/run/{run.pk}/change/" in letter.html
    assert "Customer A" in letter.html
    assert not any(money in without_chance(letter.text + letter.html) for money in ("2500", "2,500", "£"))
    run.refresh_from_db()
    assert run.told_at is not None


@pytest.mark.django_db
def test_thousands_are_set_apart_in_the_letter() -> None:
    run = moving_run()
    note = write_summary(run=run, moved=[Moved(None, "Guest", Reason.FIRST, 1166)], notable=[])
    assert "1,166 · new in Guest" in note.text
    assert '<td class="count">1,166</td>' in note.html


@pytest.mark.django_db
def test_a_first_run_is_told_without_names() -> None:
    make_user(Role.MANAGER)
    make_customer(full_name="Customer A")
    retier()
    assert tell_managers() == 1
    letter = Letter.objects.get()
    assert "1 customer moved" in letter.subject
    assert "1 · new in Guest · First standing" in letter.text
    assert "Customer A" not in letter.text


@pytest.mark.django_db
def test_nobody_hears_of_runs_that_moved_nobody_or_touched_few_or_did_not_finish() -> None:
    make_user(Role.MANAGER)
    moving_run()
    tell_managers()
    retier(is_full=True)
    make_buyer(timezone.localdate(), "900.00", orders=6)
    retier_touched()
    start_run()
    assert tell_managers() == 0
    Run.objects.filter(state=RunState.ACTIVE).update(state=RunState.CANCELLED, ended_at=Now(), moves=3)
    assert tell_managers() == 0


@pytest.mark.django_db
def test_telling_again_writes_nothing_again() -> None:
    make_user(Role.MANAGER)
    moving_run()
    assert (tell_managers(), tell_managers()) == (1, 0)
    # Even where the note of it was lost, a manager has the letter once.
    Run.objects.update(told_at=None)
    tell_managers()
    assert Letter.objects.values("subject_key").distinct().count() == Letter.objects.count()


@pytest.mark.django_db
def test_a_house_without_managers_waits_for_none() -> None:
    run = moving_run()
    assert tell_managers() == 0
    run.refresh_from_db()
    assert run.told_at is not None


@pytest.mark.django_db
def test_one_broken_address_keeps_nobody_elses_letter(caplog: pytest.LogCaptureFixture) -> None:
    make_user(Role.MANAGER, email="nowhere")
    good = make_user(Role.MANAGER)
    moving_run()
    assert tell_managers() == 1
    assert Letter.objects.get().colleague == good
    assert "no letter to colleague" in caplog.text


@pytest.mark.django_db
def test_the_task_tells() -> None:
    make_user(Role.MANAGER)
    moving_run()
    tasks.tell_managers()
    assert Letter.objects.get().state == LetterState.QUEUED


@pytest.mark.django_db
@pytest.mark.parametrize("many", [1, 3])
def test_telling_takes_so_many_queries(django_assert_num_queries: DjangoAssertNumQueries, many: int) -> None:
    make_user(Role.MANAGER)
    for _ in range(many):
        make_buyer(timezone.localdate(), "900.00", orders=6)
    retier()
    # Which run, the note, the run, two counts, the managers, and looking and writing for one of them.
    with django_assert_num_queries(QUERIES):
        tell_managers()


QUERIES = 13


# --- ended in between, and two at once -----------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_who_dies_before_the_commit_leaves_all_of_it_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        make_user(Role.MANAGER)
    run = moving_run()
    written: list[Any] = []

    def die_at_the_second(**fields: Any) -> Any:
        if written:
            raise SystemExit
        written.append(write_to_colleague(**fields))
        return written[0]

    with monkeypatch.context() as patch:
        patch.setattr(telling, "write_to_colleague", die_at_the_second)
        with pytest.raises(SystemExit):
            tell_managers()
    run.refresh_from_db()
    assert (run.told_at, Letter.objects.count()) == (None, 0)
    assert tell_managers() == 3


@pytest.mark.django_db(transaction=True)
def test_two_at_once_write_once() -> None:
    make_user(Role.MANAGER)
    moving_run()
    has_begun = Event()

    def tell_second() -> int:
        has_begun.wait(30)
        return tell_managers()

    with in_threads(tell_second) as results, transaction.atomic():
        assert tell_managers() == 1
        has_begun.set()
        until_waiting(1)
    assert results == [0]
    assert Letter.objects.count() == 1


# --- what the database refuses -------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("is_both", [True, False])
def test_a_letter_is_to_a_customer_or_to_a_colleague(is_both: bool) -> None:
    to = {"customer": make_customer(), "colleague": make_user()} if is_both else {}
    with pytest.raises(IntegrityError, match="letter_to_a_customer_or_a_colleague"), transaction.atomic():
        Letter.objects.create(kind="test", subject_key="1", to_address="a@mail.example", subject="s", text="t", **to)


@pytest.mark.django_db
def test_runs_of_the_past_are_told_by_their_day() -> None:
    make_user(Role.MANAGER)
    make_customer()
    Scheme.objects.get()
    retier(as_of=date(2024, 3, 1))
    tell_managers()
    assert "as of 1 March 2024" in Letter.objects.get().subject
