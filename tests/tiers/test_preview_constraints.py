"""What the database itself refuses about previews, whoever asks."""

from datetime import date
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from tests.factories import make_customer
from tests.refusing import refused
from tiers.models import Preview, PreviewMove, PreviewShard, Scheme, Tier

pytestmark = pytest.mark.django_db


def make_preview(**fields: Any) -> Preview:
    given = {"scheme": Scheme.objects.get(), "as_of": date(2024, 3, 1), "digest": "x" * 64} | fields
    with transaction.atomic():
        return Preview.objects.create(**given)


def test_constraints_of_previews() -> None:
    make_preview()
    now = timezone.now()
    with refused("preview_one_under_way"):
        make_preview(state="deciding")
    with refused("preview_state_known"):
        make_preview(state="lost", ended_at=now)
    for fields in ({"state": "cancelled"}, {"state": "queued", "ended_at": now}):
        with refused("preview_ended_has_a_time"):
            make_preview(**fields)
    with refused("preview_finished_has_results"):
        make_preview(state="finished", ended_at=now)
    for fields in ({"state": "failed"}, {"state": "cancelled", "failure": "It broke."}):
        with refused("preview_failed_says_why"):
            make_preview(ended_at=now, **fields)


def test_constraints_of_ranges_and_moves() -> None:
    preview, tier, customer = make_preview(), Tier.objects.get(rank=1), make_customer()

    def shard(**fields: Any) -> None:
        with transaction.atomic():
            PreviewShard.objects.create(preview=preview, **({"first_id": 1, "last_id": 2} | fields))

    shard()
    with refused("previewshard_once"):
        shard()
    with refused("previewshard_range_in_order"):
        shard(first_id=3)
    with refused("previewshard_done_has_a_tally"):
        shard(first_id=2, done_at=timezone.now())

    def move(**fields: Any) -> None:
        with transaction.atomic():
            PreviewMove.objects.create(preview=preview, customer=customer, to_tier=tier, reason="first", **fields)

    with refused("previewmove_goes_somewhere"):
        move(from_tier=tier)
    move()
    with refused("previewmove_once"):
        move()
