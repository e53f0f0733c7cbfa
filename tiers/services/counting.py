"""Counting runs whose end was noted, and whose counts were not: whoever cancelled them died in between."""

from django.db import transaction

from tiers.models import Run, Shard
from tiers.selectors.progress import counts, miscounted_runs


def settle_counts() -> int:
    """Give cancelled runs the counts of their shards, where they differ; return how many runs."""
    return sum(_count(run_id) for run_id in list(miscounted_runs().values_list("pk", flat=True)))


@transaction.atomic
def _count(run_id: int) -> int:
    # In step with shards that are being done as the run is cancelled: what they move counts too.
    list(Shard.objects.select_for_update().filter(run=run_id).order_by("pk").values_list("pk"))
    return Run.objects.filter(pk=run_id).update(**counts())
