"""Controls of the killed workers: with the transaction taken away, things are lost or done by halves."""

from datetime import date

import pytest
from django.utils import timezone

from tests.faults.retiering import SHARDS, clean, execute, outcome
from tiers.models import Run, Shard
from tiers.selectors.population import Range
from tiers.selectors.rules import ladder
from tiers.services import runs
from tiers.services.runs import start_run
from tiers.services.settling import settle, write_measures, write_moves, write_standings

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("faults")]


def test_control_a_shard_marked_done_before_it_is_decided_is_lost(today: date) -> None:
    """The comparison sees what is lost when the mark is not made in the transaction that decides."""
    run = start_run()
    assert run is not None
    for place, shard in enumerate(Shard.objects.filter(run=run).order_by("pk")):
        Shard.objects.filter(pk=shard.pk).update(done_at=timezone.now())
        if place == SHARDS // 2:
            continue  # killed here
        decide_without_transaction(run, shard)
    runs.finish_run(run_id=run.pk)
    found, expected = outcome(run), clean(today)
    assert len(found["measures"]) == len(expected["measures"])
    assert found["standings"] != expected["standings"]
    assert found["moves"] != expected["moves"]


def test_control_a_shard_outside_a_transaction_is_done_by_halves(today: date) -> None:
    """The comparison sees what is half done when a shard's rows are not written together."""
    run = start_run()
    assert run is not None
    for place, shard in enumerate(Shard.objects.filter(run=run).order_by("pk")):
        settlement = settle(who=Range(shard.first_id, shard.last_id), ladder=ladder(run.scheme), as_of=run.as_of)
        write_measures(settlement)
        if place == SHARDS // 2:
            # Killed after the old standings were closed; begun again, it takes these customers for new ones.
            moved = settlement.known.standing[settlement.decisions.has_moved]
            execute("UPDATE tiers_standing SET valid_until = %s WHERE id = ANY(%s)", run.effective_at, moved.tolist())
    runs.work_run(run_id=run.pk)
    run.refresh_from_db()
    found, expected = outcome(run), clean(today)
    assert found["moves"] != expected["moves"]


def decide_without_transaction(run: Run, shard: Shard) -> None:
    settlement = settle(who=Range(shard.first_id, shard.last_id), ladder=ladder(run.scheme), as_of=run.as_of)
    write_measures(settlement)
    write_standings(settlement)
    write_moves(settlement, run)
