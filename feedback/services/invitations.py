"""Asking: each closed interaction gets a letter, a reason why not, or waits for one of the two."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from feedback.enums import BudgetPer, NotAsked, WaitsFor
from feedback.models import AskingRules
from feedback.selectors.asking import Found, count_asked, heard_lately, judged_new, look_again
from feedback.services.outcomes import MENDING_PAUSE, Looked, Outcome, next_draw, write_again, write_first
from feedback.spreading import allowance, draw
from tiers.days import day_of, end_of

BATCH = 5_000
# New contacts are dealt with in so many lanes at once. A customer has one lane, so that no two workers ask them.
LANES = 2
# Of the locks that say who works on a lane: a word of ours, as a number.
_LANE = 1_634_956_393
# Those who take part in one draw.
_DRAWN_TOGETHER = 50_000
_SHARED = """
    SELECT rules.*, now() AS now FROM feedback_askingrules AS rules
    WHERE is_asking AND pg_try_advisory_xact_lock(%s, %s) FOR SHARE SKIP LOCKED
"""
_TROUBLE = (NotAsked.INCIDENT, NotAsked.RECOVERY)


def invite_due(*, limit: int = 20 * BATCH) -> int:
    """Deal with those that waited and with closed interactions that nobody has looked at; return how many.

    At most `limit` new ones, in sets. While the house does not ask, all of them wait; those that wait too long are
    never asked about.
    """
    return invite_waiting() + invite_new(limit=limit)


def invite_new(*, limit: int = 20 * BATCH) -> int:
    """Deal with closed interactions that nobody has looked at, at most so many, in sets; return how many.

    Workers that do this at once share the lanes: one that is taken is left to who has it.
    """
    done = 0
    lasts: dict[int, tuple[datetime, int] | None] = dict.fromkeys(range(LANES))
    while lasts and done < limit:
        lane, last = next(iter(lasts.items()))
        size = min(BATCH, limit - done)
        looked = _invite_lane(lane=lane, limit=size, after=last)
        done += looked.number
        # The lanes take turns, and one that has no more drops out.
        del lasts[lane]
        if looked.number == size:
            lasts[lane] = looked.last
    return done


@transaction.atomic
def invite(*, interaction_ids: Collection[int] | None = None, limit: int = BATCH) -> int:
    """Deal with one set of closed interactions in one transaction; return how many got a letter, a reason or a wait."""
    rules = _hold_rules()
    if rules is None:
        return 0
    judged, params = judged_new(rules=rules, limit=limit, interaction_ids=interaction_ids)
    return write_first(judged=judged, params=params, rules=rules).number


@transaction.atomic
def _invite_lane(*, lane: int, limit: int, after: tuple[datetime, int] | None) -> Looked:
    rules = _share_rules(lane)
    if rules is None:
        return Looked(0, None)
    judged, params = judged_new(rules=rules, limit=limit, after=after, lane=(LANES, lane))
    return write_first(judged=judged, params=params, rules=rules)


@transaction.atomic
def invite_waiting() -> int:
    """Look again at those that waited long enough for now; return how many got a letter or a reason."""
    rules = _hold_rules()
    if rules is None:
        return 0
    found = look_again(rules=rules, limit=_DRAWN_TOGETHER)
    return write_again(outcomes=_decide(found, rules), rules=rules) if found else 0


def _hold_rules() -> Any:
    """Return the rules with the database's time, held until the transaction ends; None while the house does not ask.

    None also where another worker holds them, or a lane: nobody else asks meanwhile, so that two interactions of one
    customer cannot both lead to a letter at the same moment, and no budget is spent twice.
    """
    held = AskingRules.objects.annotate(now=Now()).select_for_update(skip_locked=True, no_key=True)
    return held.filter(is_asking=True).first()


def _share_rules(lane: int) -> Any:
    """Return the rules with the database's time, held together with those who work on other lanes.

    None while the house does not ask, while somebody works on this lane, and while somebody holds the rules alone.
    """
    return next(iter(AskingRules.objects.raw(_SHARED, [_LANE, lane])), None)


def _decide(found: Sequence[Found], rules: Any) -> list[Outcome]:
    """Return what becomes of each that waited, in which a customer is asked once at most if the rules say so."""
    outcomes, candidates = [], []
    for one in found:
        if one.is_over:
            outcomes.append(Outcome(one, reason=_over(one)))
        elif one.reason in _TROUBLE and rules.mending_days:
            outcomes.append(Outcome(one, waits_for=one.reason, look_again_at=rules.now + MENDING_PAUSE))
        elif one.reason:
            outcomes.append(Outcome(one, reason=one.reason))
        else:
            candidates.append(one)
    if not rules.budget:
        outcomes += _one_each(candidates, rules, NotAsked.TOO_OFTEN)
        return outcomes
    return [*outcomes, *_draw(candidates, rules)]


def _over(one: Found) -> str:
    """Return why nobody was asked about one that has waited for as long as it may."""
    if one.reason in _TROUBLE:
        return one.reason
    return NotAsked.BUDGET if one.waited_for == WaitsFor.BUDGET else NotAsked.TOO_LATE


def _one_each(candidates: Iterable[Found], rules: Any, otherwise: str) -> Iterator[Outcome]:
    """Yield the first of each customer as asked, and the others as not; all as asked if the rules have no days."""
    seen: set[int] = set()
    for one in candidates:
        if one.customer_id in seen:
            yield Outcome(one, reason=otherwise)
            continue
        if rules.days_between:
            seen.add(one.customer_id)
        yield Outcome(one, chance=1.0)


def _draw(candidates: Sequence[Found], rules: Any) -> list[Outcome]:
    """Draw among those whose turn it is, once an hour; the others wait for the next draw.

    A customer takes part once. Where no place is free now, all of them wait on.
    """
    then = next_draw(rules.now)
    present = [one for one in candidates if one.waited_for == WaitsFor.BUDGET]
    outcomes = [
        Outcome(one, waits_for=WaitsFor.BUDGET, look_again_at=then)
        for one in candidates
        if one.waited_for != WaitsFor.BUDGET
    ]
    places = _places(rules, then) if present else 0
    if not places:
        return outcomes + [Outcome(one, waits_for=WaitsFor.BUDGET, look_again_at=then) for one in present]
    outcomes_of_present = list(_one_each(present, rules, NotAsked.BUDGET))
    entered = {one.found.interaction_id: one.found.stratum for one in outcomes_of_present if one.is_asked}
    drawn = draw(entered.items(), heard_lately(), places, seed=then.isoformat())
    for one in outcomes_of_present:
        mine = drawn.get(one.found.interaction_id)
        if mine is None:
            outcomes.append(one)
        else:
            reason = "" if mine.is_chosen else NotAsked.BUDGET
            outcomes.append(Outcome(one.found, reason=reason, chance=mine.chance))
    return outcomes


def _places(rules: Any, until: datetime) -> int:
    """Return how many may be asked now, of the budget of the day or week in the house's own zone."""
    zone = settings.TIME_ZONE
    today = day_of(rules.now, zone)
    first, days = today, 1
    if rules.budget_per == BudgetPer.WEEK:
        first, days = today - timedelta(days=today.weekday()), 7
    begins, ends = end_of(first - timedelta(days=1), zone), end_of(first + timedelta(days=days - 1), zone)
    share = (until - begins) / (ends - begins)
    return allowance(budget=rules.budget, asked=count_asked(since=begins), share=share)
