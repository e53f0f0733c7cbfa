"""An override that races a run wins, whatever the order of their statements; and without the lock it does not."""

from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from customers.models import Currency, Customer, Order
from portal.models import User
from portal.roles import Role
from tests.factories import make_user
from tests.tiers.interleaving import Stage, Work, play_all
from tiers.models import Move, Override, Run, Scheme, Shard, Standing, Tier
from tiers.services import overrides, runs
from tiers.services.overrides import end_override, set_override
from tiers.services.runs import finish_run
from tiers.services.shards import do_shard

pytestmark = pytest.mark.django_db(transaction=True)

FIRST = 50_000_000
# What is decided, of whom: (kind, tier), the tier that they have, what their numbers say, the tier that must come out.
STORIES = (
    ("set", "ceiling", "regular", "guest", "family", "regular"),
    ("set", "floor", "house-guest", "house-guest", "guest", "house-guest"),
    ("set", "lock", "regular", "guest", "family", "regular"),
    ("set", "lock", "family", "house-guest", "guest", "family"),
    ("end", "ceiling", "regular", "regular", "family", "family"),
)


class World:
    """A run under way with a shard for each customer, and a colleague who decides about each."""

    def __init__(self, count: int) -> None:
        self.now = timezone.now()
        self.owner: User = make_user(Role.MANAGER)
        self.tiers = {tier.slug: tier for tier in Tier.objects.all()}
        self.stories = [STORIES[place % len(STORIES)] for place in range(count)]
        self.customers = [Customer(pk=FIRST + place, full_name=f"Customer {place}") for place in range(count)]
        Customer.objects.bulk_create(self.customers)
        Currency.objects.get_or_create(code="GBP", defaults={"rate": 1})
        Order.objects.bulk_create(
            self._order(customer, number)
            for customer, story in zip(self.customers, self.stories, strict=True)
            for number in range(10 if story[4] == "family" else 0)
        )
        began = self.now - timedelta(days=400)
        Standing.objects.bulk_create(
            self._standing(customer, self.tiers[story[3]], began)
            for customer, story in zip(self.customers, self.stories, strict=True)
        )
        Override.objects.bulk_create(
            Override(customer=customer, kind=story[1], tier=self.tiers[story[2]], reason="So", owner=self.owner)
            for customer, story in zip(self.customers, self.stories, strict=True)
            if story[0] == "end"
        )
        self.run = Run.objects.create(
            kind="full", scheme=Scheme.objects.get(), as_of=timezone.localdate(), effective_at=self.now
        )
        Shard.objects.bulk_create(Shard(run=self.run, first_id=c.pk, last_id=c.pk) for c in self.customers)

    def _order(self, customer: Customer, number: int) -> Order:
        money, margin = Decimal(1000), Decimal(250)
        return Order(
            customer=customer,
            kind="purchase",
            source="test",
            external_id=f"{customer.pk}-{number}",
            placed_at=self.now - timedelta(days=number % 6, hours=1),
            amount=money,
            margin=margin,
            currency_id="GBP",
            house_amount=money,
            house_margin=margin,
        )

    def _standing(self, customer: Customer, tier: Tier, began: datetime) -> Standing:
        below: date | None = timezone.localdate() - timedelta(days=300)
        return Standing(
            customer=customer,
            tier=tier,
            earned_tier=self.tiers["guest"],
            reason="first",
            valid_from=began,
            below_since=below if tier.slug == "house-guest" else None,
        )

    def decide(self, place: int) -> Work:
        """What the colleague does about the customer of this place."""
        customer, story = self.customers[place], self.stories[place]
        if story[0] == "end":
            return partial(end_override, override=Override.objects.get(customer=customer), by=self.owner)
        return partial(
            set_override,
            customer=customer,
            kind=story[1],
            tier=self.tiers[story[2]],
            reason="So",
            owner=self.owner,
            ends_on=None,
        )

    def race(self, seed: int) -> tuple[list[list[Any]], Stage]:
        """Have each customer's shard meet the colleague."""
        work = partial(do_shard, run_id=self.run.pk)
        rounds: list[list[Work]] = [[work, self.decide(place)] for place in range(len(self.customers))]
        # A shard has more statements before its lock than the colleague: with less weight it is hardly ever the first.
        return play_all(rounds, seed, weights=(4, 1))

    def wrong(self) -> Counter[str]:
        """What is not as it must be, by what is wrong."""
        found: Counter[str] = Counter()
        standings: dict[int, list[Standing]] = {customer.pk: [] for customer in self.customers}
        for standing in Standing.objects.filter(valid_until=None).select_related("tier"):
            standings[standing.customer_id].append(standing)
        moves: dict[int, list[Move]] = {customer.pk: [] for customer in self.customers}
        for move in Move.objects.select_related("from_tier", "to_tier").order_by("moved_at"):
            moves[move.customer_id].append(move)
        for customer, story in zip(self.customers, self.stories, strict=True):
            present = standings[customer.pk]
            found["not one present standing"] += len(present) != 1
            found["another tier"] += any(standing.tier.slug != story[5] for standing in present)
            at = story[3]
            for move in moves[customer.pk]:
                found["a move from elsewhere"] += move.from_tier is None or move.from_tier.slug != at
                at = move.to_tier.slug
            found["moves end elsewhere"] += at != story[5]
            found["past and moves differ"] += (
                Standing.objects.filter(customer=customer).count() != len(moves[customer.pk]) + 1
            )
        return +found


def errors(results: list[list[Any]]) -> list[BaseException]:
    return [one for results_ in results for one in results_ if isinstance(one, BaseException)]


# Four worlds of 250, so that several processes can share them.
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2, 3))])
def test_an_override_wins_in_a_thousand_orders(seed: int) -> None:
    world = World(250)
    results, stage = world.race(seed)
    assert not errors(results)
    assert world.wrong() == Counter()
    # They did meet in many ways, and both ways round.
    assert len(stage.orders) > 100
    moves = Counter(Move.objects.values_list("customer", flat=True))
    ways = Counter(moves[customer.pk] for customer in world.customers)
    assert ways[0] > 10
    assert ways[2] > 10
    assert finish_run(run_id=world.run.pk)


def test_without_the_lock_it_loses_sometimes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the same world and the same comparison, and nobody waits for anybody."""
    for module in (runs, overrides):
        monkeypatch.setattr(module, "lock", lambda _who: None)
    world = World(100)
    results, _stage = world.race(seed=1)
    assert errors(results) or world.wrong()
    assert world.wrong()["another tier"] > 0


def test_of_two_who_decide_at_once_one_is_told_that_there_is_one() -> None:
    world = World(50)
    Override.objects.all().delete()
    tier = world.tiers["family"]

    def decide(customer: Customer, kind: str) -> Work:
        return partial(
            set_override, customer=customer, kind=kind, tier=tier, reason="So", owner=world.owner, ends_on=None
        )

    rounds = [[decide(customer, "lock"), decide(customer, "floor")] for customer in world.customers]
    results, _stage = play_all(rounds, seed=1)
    for pair in results:
        (refusal,) = [one for one in pair if isinstance(one, BaseException)]
        assert isinstance(refusal, ValidationError), refusal
        assert "End that one first" in refusal.messages[0]
    assert {isinstance(pair[0], Override) for pair in results} == {True, False}
    assert Override.objects.count() == 50
    assert set(Standing.objects.filter(valid_until=None).values_list("tier__slug", flat=True)) == {"family"}
    assert Move.objects.count() == 50


def test_of_two_who_end_it_at_once_one_has_ended_it() -> None:
    world = World(50)
    places = [place for place in range(50) if world.stories[place][0] == "end"]
    results, _stage = play_all([[world.decide(place), world.decide(place)] for place in places], seed=2)
    assert [sorted(pair) for pair in results] == [[False, True]] * len(places)
    assert Move.objects.count() == len(places)


def test_a_run_and_two_colleagues() -> None:
    """One sets, another ends what was there, and a shard is being done: all three meet."""
    world = World(100)
    places = [place for place in range(100) if world.stories[place][0] == "end"]
    Shard.objects.exclude(first_id__in=[world.customers[place].pk for place in places]).delete()
    work = partial(do_shard, run_id=world.run.pk)
    rounds: list[list[Work]] = []
    for place in places:
        again = partial(
            set_override,
            customer=world.customers[place],
            kind="lock",
            tier=world.tiers["house-guest"],
            reason="So",
            owner=world.owner,
            ends_on=None,
        )
        rounds.append([work, world.decide(place), again])
    results, _stage = play_all(rounds, seed=3)
    for place, (_done, ended, is_set) in zip(places, results, strict=True):
        assert ended is True
        tier = Standing.objects.get(customer=world.customers[place], valid_until=None).tier.slug
        # Refused where the old one still stood; then the numbers decide.
        assert tier == ("house-guest" if isinstance(is_set, Override) else "family")
    assert {isinstance(three[2], Override) for three in results} == {True, False}
