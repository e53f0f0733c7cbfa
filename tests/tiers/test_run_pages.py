"""Runs in the admin: how far they are, what they moved, and who may begin and stop them."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from portal.roles import Role
from tests.factories import make_customer, signed_in
from tests.tiers.customers_in_tiers import make_buyer
from tiers import tasks
from tiers.enums import RunKind, RunState
from tiers.models import Move, Run, Scheme, Shard
from tiers.selectors.progress import Progress, miscounted_runs, progress_of
from tiers.services.counting import settle_counts
from tiers.services.runs import retier, start_run
from tiers.services.shards import do_shard

pytestmark = pytest.mark.django_db

LIST, START = "/admin/tiers/run/", "/admin/tiers/run/start/"


@pytest.fixture
def manager() -> Client:
    return signed_in(Role.MANAGER)


def begun(customers: int = 3) -> Run:
    """A run of today with a range for each customer."""
    for place in range(customers):
        make_customer(pk=60_000_001 + place * 20_000)
    run = start_run()
    assert run is not None
    return run


def page_of(run: Run) -> str:
    return reverse("admin:tiers_run_change", args=[run.pk])


def cancel_url(run: Run) -> str:
    return reverse("admin:tiers_run_cancel", args=[run.pk])


# --- how far it is -------------------------------------------------------------------------------


def test_progress_counts_ranges(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    run = begun(3)
    assert progress_of(run) == Progress(shards=3, measured=0, done=0, customers=0, moves=0)
    do_shard(run_id=run.pk)
    do_shard(run_id=run.pk)
    with django_assert_num_queries(1):
        assert progress_of(run) == Progress(shards=3, measured=0, done=2, customers=2, moves=2)
    Shard.objects.filter(run=run).update(measured_at=Now())
    assert progress_of(run).measured == 3


def test_the_page_says_how_far_it_is_and_looks_again_until_it_has_ended(manager: Client) -> None:
    run = begun(3)
    do_shard(run_id=run.pk)
    page = manager.get(page_of(run)).content.decode()
    words = " ".join(page.split())
    assert "1 of 3 ranges, 1 customer, 1 moved so far" in words
    assert '<progress id="run-bar" value="1" max="3">' in page
    assert 'hx-trigger="every 5s"' in page
    assert f'<a id="run-again" href="{page_of(run)}">' in page
    while do_shard(run_id=run.pk):
        pass
    Run.objects.filter(pk=run.pk).update(state=RunState.FINISHED, ended_at=Now(), moves=3, customers=3)
    page = manager.get(page_of(run)).content.decode()
    assert "3 of 3 ranges, 3 customers, 3 moved" in " ".join(page.split())
    assert 'hx-trigger="every' not in page


def test_while_everybody_is_measured_the_page_says_so(manager: Client) -> None:
    run = begun(2)
    Run.objects.filter(pk=run.pk).update(cutoffs=None)
    Shard.objects.filter(pk=Shard.objects.filter(run=run).values("pk")[:1]).update(measured_at=Now())
    assert "Looking at everybody first: 1 of 2 ranges" in manager.get(page_of(run)).content.decode()


def test_the_summary_says_what_moved_why_and_who(manager: Client) -> None:
    customers = [make_customer(full_name=f"Customer {name}") for name in ("A", "B")]
    retier()
    for customer in customers:
        make_buyer(timezone.localdate(), "2500.00", orders=10, customer=customer)
    run = retier(is_full=True)
    page = manager.get(page_of(run)).content.decode()
    assert "<td>Guest</td><td>Family</td><td>Moved up</td>" in page
    for customer in customers:
        assert reverse("contact", args=[customer.public_id]) in page
        assert reverse("admin:tiers_move_change", args=[Move.objects.get(run=run, customer=customer).pk]) in page


def test_who_moved_comes_in_pages(manager: Client) -> None:
    for number in range(51):
        make_customer(full_name=f"Customer {number}")
    run = retier()
    assert manager.get(page_of(run)).content.decode().count("First standing</a>") == 50
    assert manager.get(page_of(run) + "?page=2").content.decode().count("First standing</a>") == 1
    # A page that is not there is the nearest one.
    assert manager.get(page_of(run) + "?page=rubbish").status_code == 200
    assert manager.get(page_of(run) + "?page=99").content.decode().count("First standing</a>") == 1


@pytest.mark.parametrize("many", [1, 3])
def test_the_page_takes_so_many_queries(
    manager: Client, django_assert_num_queries: DjangoAssertNumQueries, many: int
) -> None:
    active = begun(many)
    manager.get(page_of(active))
    with django_assert_num_queries(QUERIES_ACTIVE):
        manager.get(page_of(active))
    while do_shard(run_id=active.pk):
        pass
    Run.objects.update(state=RunState.FINISHED, ended_at=Now(), moves=many)
    with django_assert_num_queries(QUERIES_ENDED):
        manager.get(page_of(active))


QUERIES_ACTIVE, QUERIES_ENDED = 5, 8


# --- beginning one -------------------------------------------------------------------------------


def test_a_manager_begins_a_run(manager: Client) -> None:
    make_customer()
    retier()
    assert "Run now" in manager.get(LIST).content.decode()
    response = manager.post(START, {"due": "yes"})
    run = Run.objects.get(state=RunState.ACTIVE)
    assert (run.kind, run.requested_by) == (RunKind.DUE, response.wsgi_request.user)
    assert response["Location"] == page_of(run)


def test_a_manager_begins_one_over_everybody(manager: Client) -> None:
    make_customer()
    retier()
    manager.post(START, {"full": "yes"})
    assert Run.objects.get(state=RunState.ACTIVE).kind == RunKind.FULL


def test_workers_are_asked_once_the_run_is_committed(
    manager: Client, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: object
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(tasks, "share_run", asked.append)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        manager.post(START)
    assert asked == [Run.objects.get().pk]


def test_begun_twice_is_begun_once(manager: Client) -> None:
    make_customer()
    manager.post(START)
    response = manager.post(START, follow=True)
    assert Run.objects.count() == 1
    assert "under way already" in response.content.decode()
    assert "see how far it is" in manager.get(LIST).content.decode()


def test_without_rules_it_says_so(manager: Client) -> None:
    Scheme.objects.update(state="retired", retired_at=timezone.now() + timedelta(seconds=1))
    response = manager.post(START, follow=True)
    assert not Run.objects.exists()
    assert "No scheme is published" in response.content.decode()


# --- stopping one --------------------------------------------------------------------------------


def test_a_manager_cancels_and_what_was_done_stays(manager: Client) -> None:
    run = begun(3)
    do_shard(run_id=run.pk)
    response = manager.post(cancel_url(run), follow=True)
    run.refresh_from_db()
    assert (run.state, run.customers, run.moves) == (RunState.CANCELLED, 1, 1)
    assert "What it moved so far stays." in response.content.decode()
    assert "had ended already" in manager.post(cancel_url(run), follow=True).content.decode()


@pytest.mark.parametrize("role", [Role.ANALYST, Role.LEAD, Role.AGENT, Role.INTEGRATION])
def test_others_neither_begin_nor_cancel(role: Role) -> None:
    run = begun(1)
    client = signed_in(role)
    Run.objects.filter(pk=run.pk).update(state=RunState.FINISHED, ended_at=Now())
    assert client.post(START).status_code in (302, 403)
    assert Run.objects.count() == 1
    Run.objects.filter(pk=run.pk).update(state=RunState.ACTIVE, ended_at=None)
    assert client.post(cancel_url(run)).status_code in (302, 403)
    run.refresh_from_db()
    assert run.state == RunState.ACTIVE


def test_an_analyst_looks_and_is_offered_nothing() -> None:
    run = begun(1)
    client = signed_in(Role.ANALYST)
    assert "Run now" not in client.get(LIST).content.decode()
    assert cancel_url(run) not in client.get(page_of(run)).content.decode()


def test_strangers_sign_in_first() -> None:
    run = begun(1)
    for url in (START, cancel_url(run)):
        response = Client().post(url)
        assert response.status_code == 302
        assert "login" in response["Location"]
    assert Run.objects.get().state == RunState.ACTIVE


def test_a_write_is_a_post_and_a_run_that_is_not_there_is_not_there(manager: Client) -> None:
    run = begun(1)
    assert manager.get(START).status_code == 405
    assert manager.get(cancel_url(run)).status_code == 405
    assert manager.post(reverse("admin:tiers_run_cancel", args=[0])).status_code == 404
    assert manager.post(page_of(run), {"state": "cancelled"}).status_code == 403
    assert Run.objects.get().state == RunState.ACTIVE


# --- counts --------------------------------------------------------------------------------------


def test_who_dies_between_cancelling_and_counting_is_counted_for() -> None:
    run = begun(3)
    do_shard(run_id=run.pk)
    Run.objects.filter(pk=run.pk).update(state=RunState.CANCELLED, ended_at=Now())
    assert list(miscounted_runs()) == [run]
    tasks.sweep_runs()
    run.refresh_from_db()
    assert (run.customers, run.moves) == (1, 1)
    assert settle_counts() == 0
