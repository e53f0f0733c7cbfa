"""Previews worked by several at once, cancelled in the middle, and done by a real worker."""

from contextlib import suppress
from threading import Barrier, BrokenBarrierError

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from tests.conftest import Programs, eventually
from tests.factories import make_customer
from tests.tiers.customers_in_tiers import in_threads, make_buyer
from tests.tiers.test_previews import foreseen, make_draft
from tiers import tasks
from tiers.models import Preview, PreviewMove, PreviewShard, Scheme
from tiers.selectors.previews import waiting_previews
from tiers.services.claiming import claim
from tiers.services.previews import cancel_preview, end_preview, request_preview, work_preview
from tiers.starter import ensure_starter_scheme

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("worker")]

MANY = 12


@pytest.fixture
def draft() -> Scheme:
    """A draft with a bar by share, and customers in many ranges, all of them new."""
    ensure_starter_scheme()
    for number in range(MANY):
        customer = make_customer(pk=70_000_000 + number * 20_000)
        make_buyer(timezone.localdate(), f"{300 + number}.00", orders=3, customer=customer)
    return make_draft(shares=True)


def test_workers_share_a_preview_and_count_everybody_once(draft: Scheme) -> None:
    alone = end_preview(preview=request_preview(scheme=draft, by=None))
    preview = request_preview(scheme=draft, by=None)
    with in_threads(*[lambda: end_preview(preview=Preview.objects.get(pk=preview.pk))] * 4) as results:
        pass
    assert [getattr(result, "state", result) for result in results] == ["finished"] * 4
    preview.refresh_from_db()
    assert (preview.results, preview.cutoffs) == (alone.results, alone.cutoffs)
    assert foreseen(preview) == foreseen(alone)
    assert preview.moved.count() == MANY


def test_who_finds_nothing_to_claim_keeps_nobody_waiting(draft: Scheme, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database may lock a row that is not found: one that somebody finished between the look and the lock."""
    meeting = Barrier(2)

    def look(rows: QuerySet[PreviewShard], *, still: QuerySet[Preview]) -> PreviewShard | None:
        if (found := claim(rows, still=still)) is not None:
            return found
        assert rows.model.objects.filter(measured_at__isnull=False).select_for_update(skip_locked=True).first()
        with suppress(BrokenBarrierError):
            meeting.wait(5)
        return None

    monkeypatch.setattr("tiers.services.previews.claim", look)
    preview = request_preview(scheme=draft, by=None)
    with in_threads(*[lambda: end_preview(preview=Preview.objects.get(pk=preview.pk))] * 2) as results:
        pass
    assert [getattr(result, "state", result) for result in results] == ["finished"] * 2


def test_two_who_press_at_once_get_one_preview(draft: Scheme) -> None:
    with in_threads(*[lambda: request_preview(scheme=draft, by=None)] * 4) as results:
        pass
    assert {result.pk for result in results} == {Preview.objects.get().pk}
    assert PreviewShard.objects.count() == MANY


def test_cancelling_while_others_work_leaves_nothing(draft: Scheme) -> None:
    preview = request_preview(scheme=draft, by=None)

    def cancel() -> bool:
        eventually(lambda: PreviewShard.objects.filter(measured_at__isnull=False).exists())
        return cancel_preview(preview=preview)

    with in_threads(*[lambda: work_preview(preview_id=preview.pk)] * 2, cancel) as results:
        pass
    assert results[:2] == [False, False]
    preview.refresh_from_db()
    assert preview.state == ("cancelled" if results[2] else "finished")
    assert not PreviewShard.objects.exists()
    assert PreviewMove.objects.count() == (0 if results[2] else MANY)


def test_a_worker_does_what_the_broker_or_the_sweeper_brings(
    draft: Scheme, start_worker: Programs, start_program: Programs, caplog: pytest.LogCaptureFixture
) -> None:
    preview = request_preview(scheme=draft, by=None)
    assert waiting_previews() == [preview.pk]
    start_worker()
    # Nobody was told of it: the sweeper finds it.
    start_program("-m", "celery", "-A", "portal", "call", "tiers.sweep_previews").wait(60)
    eventually(lambda: Preview.objects.filter(pk=preview.pk, state="finished", customers=MANY).exists())
    tasks.preview_scheme(0)
    assert "preview 0 is gone" in caplog.text


def test_names() -> None:
    named = (tasks.preview_scheme, tasks.sweep_previews, tasks.drop_old_previews)
    assert [task.name for task in named] == [
        "tiers.preview_scheme",
        "tiers.sweep_previews",
        "tiers.drop_old_previews",
    ]
