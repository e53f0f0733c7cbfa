"""The tier of two customers who turn out to be one, and what is told of it later."""

import pytest

from customers.services.merges import undo_merge
from tests.customers.merging import merge
from tests.tiers.customers_in_tiers import at, make_buyer, present, tier_of
from tests.tiers.test_explanation_at_dates import ago, line, on
from tests.tiers.test_overrides import decide, make_in
from tiers.enums import SchemeState
from tiers.models import Bar, Move, Override, Run, Scheme
from tiers.selectors.measures import inputs_of
from tiers.services.drafts import copy_scheme
from tiers.services.runs import retier, retier_touched
from tiers.services.schemes import publish_scheme

pytestmark = pytest.mark.django_db


def test_a_merging_keeps_no_numbers_of_long_ago_as_its_own() -> None:
    rich = make_buyer(ago(300), "2500.00", orders=10)
    retier(as_of=ago(290))
    poor = make_buyer(ago(5), "10.00")
    retier(as_of=ago(3))
    merge(poor, rich)
    # The move of today says "the last order was 10 days ago": that was so 290 days ago.
    assert inputs_of(Move.objects.filter(customer=poor).latest("moved_at")).get("recency") in (None, 5)


def test_a_merging_is_put_down_to_the_scheme_that_is_published() -> None:
    first = Scheme.objects.get(state=SchemeState.PUBLISHED)
    earlier, later = copy_scheme(scheme=first), copy_scheme(scheme=first)
    Bar.objects.filter(scheme=later, tier__slug="house-guest", rule="entry", measure="margin").update(value=650)
    publish_scheme(scheme=later, by=None)
    published = publish_scheme(scheme=earlier, by=None)
    customer = make_buyer(ago(5), "300.00", orders=2)
    retier(as_of=ago(3))
    merge(make_in("guest"), make_in("family"))
    merging = Run.objects.latest("pk")
    Run.objects.filter(kind="touched").update(effective_at=at(ago(2)))
    assert line(on(customer, ago(1)), "margin").bar_enter == "at least £700"
    assert merging.scheme == published


@pytest.mark.parametrize(("mine", "theirs"), [("guest", "guest"), ("guest", "regular"), ("regular", "guest")])
@pytest.mark.parametrize("longer", [0, 1])
def test_the_hold_that_lasts_longer_goes_on(mine: str, theirs: str, longer: int) -> None:
    one, other = make_in(mine), make_in(theirs)
    for place, who in enumerate((one, other)):
        who.standings.filter(valid_until=None).update(held_until=ago(-20 if place == longer else -10))
    merge(one, other)
    held = {("guest", "guest"): -20, ("guest", "regular"): -20, ("regular", "guest"): -10 if longer else -20}
    assert present(one).held_until == ago(held[mine, theirs])


@pytest.mark.parametrize(
    ("mine", "theirs", "joined"), [(None, None, None), (5, None, None), (None, 5, None), (5, 9, 5), (9, 5, 5)]
)
def test_of_two_graces_the_shorter_one_goes_on(mine: int | None, theirs: int | None, joined: int | None) -> None:
    one, other = make_in("guest"), make_in("guest")
    for who, days in ((one, mine), (other, theirs)):
        who.standings.filter(valid_until=None).update(below_since=days and ago(days))
    merge(one, other)
    assert present(one).below_since == (joined and ago(joined))


@pytest.mark.parametrize("theirs", ["500.00", "300.00", None])
def test_what_only_both_together_reached_goes_when_they_part(theirs: str | None) -> None:
    one = make_buyer(ago(1), "500.00", orders=4)
    if not theirs:
        # Nobody has looked at the other one yet.
        retier_touched()
    other = make_buyer(ago(1), theirs or "500.00", orders=4)
    if theirs:
        retier_touched()
    assert tier_of(one) == "regular"
    merged = merge(one, other)
    retier_touched()
    assert tier_of(one) == "house-guest"
    assert undo_merge(merge=merged, by=None)
    retier_touched()
    assert {who: tier_of(who) for who in (one, other)} == dict.fromkeys((one, other), "regular")
    assert Move.objects.filter(customer=one).latest("moved_at").reason == "parted"


def test_what_one_reached_alone_since_the_merging_stays_when_they_part() -> None:
    one, other = (make_buyer(ago(1), "500.00", orders=4) for _ in "12")
    retier_touched()
    merged = merge(one, other)
    make_buyer(ago(1), "400.00", orders=2, customer=one)
    retier_touched()
    assert undo_merge(merge=merged, by=None)
    retier_touched()
    assert (tier_of(one), tier_of(other)) == ("house-guest", "regular")


def test_what_a_colleague_decided_since_the_merging_stays_when_they_part() -> None:
    one, other = make_in("guest"), make_in("guest")
    merged = merge(one, other)
    decide(one, "floor", "family")
    before = present(one)
    assert undo_merge(merge=merged, by=None)
    assert present(one) == before


def test_an_override_that_is_over_does_not_end_one_in_force() -> None:
    one, other = make_in("guest"), make_in("guest")
    mine = decide(one, "floor", "regular")
    theirs = decide(other, "floor", "family")
    Override.objects.filter(pk=theirs.pk).update(ends_on=ago(1))
    merge(one, other)
    assert Override.objects.live().get() == mine
