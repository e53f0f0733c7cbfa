"""The tier of two customers who turn out to be one: the higher of the two, and what was decided about them.

The survivor takes over the higher standing as it is, with the later end of its hold; a grace that was running ends,
and begins anew on the day on which an ordinary look finds the joined numbers below the bar. That look comes within
seconds: the facts that were moved touch the survivor.
"""

from datetime import date, datetime, timedelta

from django.conf import settings

from customers.enums import MergeDeed
from customers.models import Merge, MergeStep
from customers.selectors.clock import database_now
from customers.services.merges import Settler
from customers.services.moving import change_row
from tiers import days
from tiers.enums import OverrideKind, Reason, RunKind, RunState, SchemeState
from tiers.models import Measures, Move, Override, Run, Scheme, Standing, Tier
from tiers.selectors.population import Handful
from tiers.services.runs import present_rules
from tiers.services.settling import lock

STAYING = {
    "tiers.measures": "derived: reckoned anew from the facts",
    "tiers.standing": "periods of one customer cannot overlap: each keeps its past, the survivor gets the higher tier",
    "tiers.move": "append-only, and explains the standings of whom it moved",
    "tiers.previewmove": "what a preview said of the two",
}
_STANDING = Standing._meta.label_lower


def _lock(ids: list[int]) -> None:
    lock(Handful(ids))


def settle_deciding(merge: Merge) -> None:
    """Keep one override in force and the higher of the two standings."""
    _keep_one_override(merge)
    Measures.objects.filter(customer=merge.absorbed_id).delete()
    present = Standing.objects.present().select_related("tier")
    theirs = present.filter(customer=merge.absorbed_id).first()
    mine = present.filter(customer=merge.survivor_id).first()
    if mine is not None:
        _note(merge, MergeDeed.LEFT, mine)
    if theirs is None:
        return
    change_row(merge=merge, row=theirs, valid_until=_after(theirs))
    if mine is None or theirs.tier.rank > mine.tier.rank:
        added = _stand(
            customer_id=merge.survivor_id,
            before=mine,
            tier=theirs.tier,
            earned_id=theirs.earned_tier_id,
            reason=Reason.MERGED,
            held_until=_later(theirs.held_until, mine.held_until if mine else None),
        )
        _note(merge, MergeDeed.ADDED, added)
    elif theirs.tier_id == mine.tier_id:
        both = (mine.below_since, theirs.below_since)
        below = None if None in both else max(day for day in both if day)
        change_row(merge=merge, row=mine, held_until=_later(mine.held_until, theirs.held_until), below_since=below)


def restore_deciding(merge: Merge) -> None:
    """Give the survivor back the tier of before, where they have a higher one by what the two had together.

    What a colleague decided since stays. What their own numbers reach by now the next look finds, within seconds.
    """
    noted = dict(
        merge.steps.filter(table=_STANDING, deed__in=(MergeDeed.LEFT, MergeDeed.ADDED)).values_list("deed", "rows")
    )
    given = Standing.objects.present().filter(customer=merge.survivor_id).select_related("tier").first()
    if given is None or not noted:
        return
    earlier = _stood_before(merge, noted)
    is_merged = [str(given.pk)] == noted.get(MergeDeed.ADDED)
    is_higher = earlier is None or given.tier.rank > earlier.tier.rank
    if not is_merged and (given.reason == Reason.RAISED or not is_higher):
        return
    if earlier is None:
        # Nobody knew their tier: the next look finds it.
        Standing.objects.filter(pk=given.pk).update(valid_until=_after(given))
        return
    restored = _stand(
        customer_id=merge.survivor_id,
        before=given,
        tier=earlier.tier,
        earned_id=earlier.earned_tier_id,
        reason=Reason.PARTED,
        held_until=earlier.held_until,
    )
    Standing.objects.filter(pk=restored.pk).update(below_since=earlier.below_since)


def _note(merge: Merge, deed: MergeDeed, standing: Standing) -> None:
    MergeStep.objects.create(merge=merge, deed=deed, table=_STANDING, rows=[str(standing.pk)])


def _stood_before(merge: Merge, noted: dict[str, list[str]]) -> Standing | None:
    """Return the survivor's standing of before the merging; None where nobody knew their tier."""
    mine = Standing.objects.filter(customer=merge.survivor_id).select_related("tier")
    if left := noted.get(MergeDeed.LEFT):
        return mine.filter(pk__in=left).first()
    # A merging of long ago noted only what it added.
    added = mine.filter(pk__in=noted[MergeDeed.ADDED]).values("valid_from")
    return mine.filter(valid_until__in=added).first()


def _keep_one_override(merge: Merge) -> None:
    """Of two in force the kinder one stands: a floor or a lock before a ceiling, a higher tier before a lower."""
    theirs = Override.objects.filter(customer__in=(merge.survivor_id, merge.absorbed_id))
    # One whose last day is over stands in nobody's way, even where nobody has noticed yet.
    for over in theirs.overdue(days.day_of(database_now(), settings.TIME_ZONE)):
        change_row(merge=merge, row=over, ended_at=database_now())
    live = theirs.live().select_related("tier")
    found = sorted(
        live, key=lambda one: (one.kind != OverrideKind.CEILING, one.tier.rank, one.customer_id == merge.survivor_id)
    )
    for ended in found[:-1]:
        change_row(merge=merge, row=ended, ended_at=max(database_now(), ended.created_at), ended_by=merge.by)


def _stand(
    *,
    customer_id: int,
    before: Standing | None,
    tier: Tier,
    earned_id: int,
    reason: Reason,
    held_until: date | None,
) -> Standing:
    """Close a standing, if there is one, and open the next, with the move between them and the run that made it.

    The move keeps no numbers: nobody has counted on this day what the two have together.
    """
    moment = _after(before) if before else database_now()
    if before is not None:
        Standing.objects.filter(pk=before.pk).update(valid_until=moment)
    rules = present_rules()
    run = Run.objects.create(
        kind=RunKind.TOUCHED,
        scheme=rules.scheme if rules else _newest_scheme(),
        cutoffs=rules.cutoffs if rules else None,
        value_fit=rules.fit if rules else None,
        as_of=days.day_of(moment, settings.TIME_ZONE),
        effective_at=moment,
        state=RunState.FINISHED,
        customers=1,
        moves=1,
        ended_at=database_now(),
    )
    Move.objects.create(
        customer_id=customer_id,
        run=run,
        from_tier=before.tier if before else None,
        to_tier=tier,
        reason=reason,
        numbers=[],
        moved_at=moment,
    )
    return Standing.objects.create(
        customer_id=customer_id,
        tier=tier,
        earned_tier_id=earned_id,
        reason=reason,
        valid_from=moment,
        held_until=held_until,
    )


def _newest_scheme() -> Scheme:
    """Return the scheme that was published last: whoever has a tier has it by one. Else the newest draft."""
    published = Scheme.objects.exclude(state=SchemeState.DRAFT).order_by("published_at").last()
    return published or Scheme.objects.latest("version")


def _after(standing: Standing) -> datetime:
    return max(database_now(), standing.valid_from + timedelta(microseconds=1))


def _later(one: date | None, other: date | None) -> date | None:
    return max((day for day in (one, other) if day), default=None)


SETTLER = Settler(lock=_lock, settle=settle_deciding, restore=restore_deciding)
