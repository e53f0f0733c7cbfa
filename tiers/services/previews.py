"""Previewing a scheme on everybody: worked range by range by whoever has time, by the engine that runs decide with.

Nothing is written but the preview's own rows, and nobody's lock is taken: a preview keeps no run waiting.
"""

import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from customers.selectors.clock import database_now
from tiers import days, engine, previewing
from tiers.engine import NEVER, Whole
from tiers.enums import PreviewState, Reason, SchemeState
from tiers.models import Perk, Preview, PreviewMove, PreviewShard, Scheme
from tiers.models.references import BUCKET
from tiers.previewing import Tally
from tiers.selectors.cutoffs import cut_offs_of
from tiers.selectors.faults import faults_of
from tiers.selectors.population import Range
from tiers.selectors.previews import countries_of, country_of, mark_of, members_of, segment_names
from tiers.selectors.rules import Ladder, ladder
from tiers.selectors.value import latest_fit
from tiers.services.claiming import claim
from tiers.services.copying import Column, write_rows
from tiers.services.settling import Settlement, settle

if TYPE_CHECKING:
    from portal.models import User

KEPT_FOR = timedelta(days=30)
# The engine's reasons are places in this list.
_LABELS = ["", *Reason.values]


def request_preview(*, scheme: Scheme, by: "User | None") -> Preview:
    """Begin a preview of a scheme as of today, or return the one of it that is under way.

    Raises `ValidationError` for a retired scheme, and with a sentence for each fault that would keep a draft from
    being published.
    """
    if scheme.state == SchemeState.RETIRED:
        raise ValidationError(_("This scheme has been retired. Copy it as a draft to preview its rules."))
    if scheme.state == SchemeState.DRAFT and (faults := faults_of(scheme)):
        raise ValidationError(faults)
    try:
        with transaction.atomic():
            preview = Preview.objects.create(
                scheme=scheme,
                as_of=days.day_of(database_now(), settings.TIME_ZONE),
                digest=mark_of(scheme),
                value_fit=latest_fit(),
                requested_by=by,
            )
            _cut_shards(preview)
    except IntegrityError as error:
        if "preview_one_under_way" not in str(error):
            raise
        return Preview.objects.under_way().get(scheme=scheme)
    preview.refresh_from_db()
    return preview


def work_preview(*, preview_id: int, seconds: float | None = None) -> bool:
    """Work on a preview until nothing is left to claim or the time is up; return whether something is left.

    Any number of workers may do this at once. What goes wrong ends the preview with a sentence; a database that went
    away does not: whoever comes next goes on.
    """
    until = None if seconds is None else time.monotonic() + seconds
    try:
        while _step(preview_id):
            if until is not None and time.monotonic() > until:
                return True
    except ValidationError as refusal:
        _end(preview_id, PreviewState.FAILED, failure=" ".join(refusal.messages)[:300])
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        _end(preview_id, PreviewState.FAILED, failure=_("Something broke on our side. Please start it anew."))
        raise
    return False


def end_preview(*, preview: Preview) -> Preview:
    """Work a preview in this process until it has ended, waiting for ranges that others have claimed."""
    while preview.is_under_way:
        work_preview(preview_id=preview.pk)
        preview.refresh_from_db()
        if preview.is_under_way:
            time.sleep(0.1)
    return preview


def cancel_preview(*, preview: Preview) -> bool:
    """Stop a preview and forget what it has counted; return False where it had ended already."""
    return _end(preview.pk, PreviewState.CANCELLED)


def drop_old_previews() -> int:
    """Delete previews that ended more than `KEPT_FOR` ago; return how many."""
    old = Preview.objects.filter(ended_at__lt=Now() - KEPT_FOR)
    gone = 0
    for pk in list(old.values_list("pk", flat=True)):
        gone += Preview.objects.filter(pk=pk).delete()[1].get("tiers.Preview", 0)
    return gone


def _step(preview_id: int) -> bool:
    """Do the next piece of a preview, each in one transaction; return False where there is none for us."""
    with transaction.atomic():
        preview = Preview.objects.under_way().select_related("scheme", "value_fit").filter(pk=preview_id).first()
        if preview is None:
            return False
        if preview.state == PreviewState.QUEUED:
            return _begin(preview)
        deciding = preview.state == PreviewState.DECIDING
        shard = _claim(preview, "done_at" if deciding else "measured_at")
        if shard is not None:
            rules = _rules(preview)
            _decide(preview, shard, rules) if deciding else _measure(preview, shard, rules)
            return True
    # Anew: the look may have locked a range that somebody finished meanwhile, and who ends a pass waits for all.
    with transaction.atomic():
        return _close(preview, "done_at", _finish) if deciding else _close(preview, "measured_at", _take_cutoffs)


def _begin(preview: Preview) -> bool:
    """Measure first where bars are shares of all customers; else decide at once."""
    # Nobody else begins it meanwhile; without standing in the way of rows that name it.
    if _of(preview).select_for_update(no_key=True).first() is None:
        return True
    if ladder(preview.scheme).shares:
        _of(preview).update(state=PreviewState.MEASURING)
    else:
        PreviewShard.objects.filter(preview=preview).update(measured_at=Now())
        _of(preview).update(state=PreviewState.DECIDING, cutoffs={})
    return True


def _claim(preview: Preview, passed: str) -> PreviewShard | None:
    """Lock a range that is still to be done and that nobody holds, if its preview is in the same state after that."""
    shards = PreviewShard.objects.filter(preview=preview, **{passed: None})
    return claim(shards.defer("measured"), still=_of(preview))


def _close(preview: Preview, passed: str, close: Callable[[Preview], None]) -> bool:
    """End a pass when all ranges are through it; return False where others still work on some, or have ended it."""
    if PreviewShard.objects.filter(preview=preview, **{passed: None}).exists():
        return False
    if _of(preview).select_for_update(no_key=True).first() is None:
        return Preview.objects.under_way().filter(pk=preview.pk).exists()
    close(preview)
    return True


def _of(preview: Preview) -> QuerySet[Preview]:
    """The preview, if it is still in the state in which we know it."""
    return Preview.objects.filter(pk=preview.pk, state=preview.state)


def _rules(preview: Preview) -> Ladder:
    """Return the rules of a preview, and refuse to go on when they are not those that it began with."""
    found = ladder(preview.scheme, preview.cutoffs or {})
    # Looked at after the rules were read: what was read is what the mark is of.
    if mark_of(preview.scheme) != preview.digest:
        raise ValidationError(_("The rules were changed while this was being worked out. Please start it anew."))
    return found


def _measured(rules: Ladder) -> list[str]:
    """The measures that bars by share are on, in the order in which a range keeps them."""
    wanted = {share.measure for share in rules.shares}
    return [name for name in engine.MEASURES if name in wanted]


def _measure(preview: Preview, shard: PreviewShard, rules: Ladder) -> None:
    who = Range(shard.first_id, shard.last_id)
    measures = settle(who=who, ladder=rules, as_of=preview.as_of, fit=preview.value_fit).measures
    packed = b"".join(measures[name].astype("<i8").tobytes() for name in _measured(rules))
    PreviewShard.objects.filter(pk=shard.pk).update(measured=packed, measured_at=Now())


def _take_cutoffs(preview: Preview) -> None:
    """Work out what each bar by share comes to on everybody, freeze it, and let the deciding begin."""
    rules = _rules(preview)
    names = _measured(rules)
    packed = PreviewShard.objects.filter(preview=preview).values_list("measured", flat=True).iterator()
    cutoffs = cut_offs_of(rules, (_unpacked(part, names) for part in packed))
    PreviewShard.objects.filter(preview=preview).update(measured=None)
    _of(preview).update(state=PreviewState.DECIDING, cutoffs=cutoffs)


def _unpacked(packed: bytes | memoryview | None, names: list[str]) -> dict[str, Whole]:
    """Return the measures that a range keeps, by name."""
    columns = np.frombuffer(bytes(packed or b""), dtype="<i8").reshape(len(names), -1)
    return dict(zip(names, columns, strict=True))


def _decide(preview: Preview, shard: PreviewShard, rules: Ladder) -> None:
    who = Range(shard.first_id, shard.last_id)
    settlement = settle(who=who, ladder=rules, as_of=preview.as_of, fit=preview.value_fit)
    _write_moves(preview, settlement)
    tally = _tally(who, settlement).as_json()
    PreviewShard.objects.filter(pk=shard.pk).update(customers=settlement.customers, tally=tally, done_at=Now())


def _tally(who: Range, settlement: Settlement) -> Tally:
    """Count what was decided about a range."""
    rules, ids = settlement.ladder, settlement.known.ids
    before, after = rules.levels(settlement.known.tier), settlement.decisions.level
    tally = Tally(matrix=previewing.count_moves(before, after, len(rules.tiers)))
    tally.groups["country"] = previewing.count_groups(countries_of(who, ids), before, after)
    places, segments = members_of(who, ids)
    tally.groups["segment"] = previewing.count_groups(segments, before[places], after[places])
    tally.graces = previewing.count_graces(
        before, settlement.known.below_since, settlement.decisions, _goes_on(settlement)
    )
    for bar in previewing.entry_bars(rules.rules):
        tally.above[bar.key], tally.below[bar.key] = previewing.nearest(ids, settlement.measures, rules.rules, bar)
    return tally


def _goes_on(settlement: Settlement) -> Whole:
    """Return the first day on which each may go down without any new fact, or `NEVER`; a floor holds to its end."""
    decided, bound = settlement.decisions, settlement.bounds
    days = engine.grace_ends(settlement.measures, settlement.ladder.rules, decided, settlement.as_of.toordinal())
    after = np.where(bound.ends_on == NEVER, NEVER, np.maximum(days, bound.ends_on + 1))
    return np.where((days != NEVER) & (bound.floor >= decided.level), after, days)


def _write_moves(preview: Preview, settlement: Settlement) -> None:
    moved = settlement.decisions.has_moved
    before = settlement.known.tier[moved]
    write_rows(
        "tiers_previewmove",
        {
            "preview_id": Column(np.full(len(before), preview.pk, dtype=np.int64)),
            "customer_id": Column(settlement.known.ids[moved]),
            "from_tier_id": Column(before, nulls=before == 0),
            "to_tier_id": Column(settlement.ladder.keys(settlement.decisions.level[moved])),
            "reason": Column(settlement.decisions.reason[moved].astype(np.int64), "label", labels=_LABELS),
        },
    )


def _finish(preview: Preview) -> None:
    """Add the ranges up and keep what they come to."""
    rules = _rules(preview)
    shards = PreviewShard.objects.filter(preview=preview)
    tallies = shards.values_list("tally", flat=True).iterator()
    tally = previewing.add((part or {} for part in tallies), len(rules.tiers))
    shards.delete()
    _of(preview).update(
        state=PreviewState.FINISHED,
        results=_results(rules, tally),
        customers=sum(previewing.after_of(tally.matrix)),
        ended_at=Now(),
    )


def _results(rules: Ladder, tally: Tally) -> dict[str, Any]:
    """Return all that is told of a preview: money in cents, time in minutes, both for a year."""
    bars = previewing.entry_bars(rules.rules)
    return {
        "tiers": [{"pk": tier.pk, "name": tier.name, "shape": tier.shape} for tier in rules.tiers],
        "matrix": tally.matrix,
        **_perks(rules, previewing.before_of(tally.matrix), previewing.after_of(tally.matrix)),
        "bars": [
            {
                "level": bar.level,
                "measure": bar.measure,
                "cut": bar.cut,
                "above": tally.above.get(bar.key, []),
                "below": tally.below.get(bar.key, []),
            }
            for bar in bars
        ],
        "groups": _groups(tally),
        "grace": {"days": max(rules.rules.grace_days, 1), "tiers": _graces(rules, tally)},
    }


def _graces(rules: Ladder, tally: Tally) -> list[dict[str, Any]]:
    """Return by tier how many begin to be below the bars for staying and how many end it, and what may follow.

    `to`: the level to which they would go down. `first_on`: the first day on which any of them may, None where none is
    known; `first`: how many may on that day.
    """
    found = []
    for level in range(len(rules.tiers)):
        begins, stops, day, first = tally.graces.get(str(level), (0, 0, NEVER, 0))
        first_on = date.fromordinal(day).isoformat() if day != NEVER else None
        found.append(
            {"begins": begins, "stops": stops, "to": rules.rules.below(level), "first_on": first_on, "first": first}
        )
    return found


def _perks(rules: Ladder, before: list[int], after: list[int]) -> dict[str, Any]:
    """Return what the perks cost by tier, and the colleagues' time that they take by skill, before and after."""
    levels = {tier.pk: level for level, tier in enumerate(rules.tiers)}
    each = [0] * len(levels)
    load: dict[str, list[int]] = {}
    for perk in Perk.objects.select_related("skill").order_by("skill__name"):
        level = levels[perk.tier_id]
        each[level] += int(perk.yearly_cost * 100)
        if perk.skill is not None:
            minutes = load.setdefault(perk.skill.name, [0, 0])
            minutes[0] += perk.yearly_minutes * before[level]
            minutes[1] += perk.yearly_minutes * after[level]
    return {
        "perks": [{"each": cost, "before": before[level], "after": after[level]} for level, cost in enumerate(each)],
        "load": [{"skill": skill, "before": one, "after": other} for skill, (one, other) in load.items()],
    }


def _groups(tally: Tally) -> list[dict[str, Any]]:
    """Return the groups by name, the largest of each kind first."""
    segments = segment_names([int(key) for key in tally.groups.get("segment", {})])
    found = []
    for kind, groups in tally.groups.items():
        for key, (customers, up, down) in sorted(groups.items(), key=lambda item: -item[1][0]):
            name = country_of(int(key)) if kind == "country" else segments.get(int(key), key)
            found.append({"kind": kind, "name": name, "customers": customers, "up": up, "down": down})
    return found


def _end(preview_id: int, state: PreviewState, failure: str = "") -> bool:
    """End a preview that is under way before it is finished, and drop its parts; return whether this call did."""
    # Committed first, so that no new range is claimed while this waits for those being done.
    found = Preview.objects.under_way().filter(pk=preview_id)
    if not found.update(state=state, failure=failure, ended_at=Now()):
        return False
    with transaction.atomic():
        list(PreviewShard.objects.select_for_update().filter(preview=preview_id).values_list("pk"))
        PreviewShard.objects.filter(preview=preview_id).delete()
        PreviewMove.objects.filter(preview=preview_id).delete()
    return True


def _cut_shards(preview: Preview) -> None:
    """Open a range for each bucket that has customers, with how many they are."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO tiers_previewshard (preview_id, first_id, last_id, customers)
            SELECT %s, bucket * %s, (bucket + 1) * %s - 1, customers
            FROM (SELECT id / %s AS bucket, count(*) AS customers FROM customers_customer GROUP BY 1) AS buckets
            ORDER BY bucket
            """,
            [preview.pk, BUCKET, BUCKET, BUCKET],
        )
        cursor.execute(
            """
            UPDATE tiers_preview SET customers =
                coalesce((SELECT sum(customers) FROM tiers_previewshard WHERE preview_id = %s), 0)
            WHERE id = %s
            """,
            [preview.pk, preview.pk],
        )
