"""What arrives while two customers are merged lands with the survivor exactly once, whatever the order of statements.

The control has no lock on the two: then something is left behind with the one that went in.
"""

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from functools import partial
from io import StringIO
from typing import Any

import pytest
from django.utils import timezone

from customers.imports.run import import_rows
from customers.models import ContactPoint, Currency, Customer, Interaction, Letter, Merge, Order, TouchPoint
from customers.services import merges
from customers.services.contact_points import add_contact_point
from customers.services.conversations import close_interaction, open_interaction
from customers.services.letters import queue_letter
from customers.services.mailing import claim_letter
from customers.services.merges import merge_customers, undo_merge
from customers.services.moving import columns
from feedback.models import Answer, Invitation, Link, Recovery, Visit
from feedback.services.answers import record_answer
from feedback.services.invitations import invite
from portal.models import User
from portal.roles import Role
from tests.factories import make_touch_point, make_user
from tests.feedback.makers import make_link
from tests.tiers.interleaving import Stage, Work, play_all

pytestmark = pytest.mark.django_db(transaction=True)

STORIES = ("answer", "import", "close", "letter", "open", "phone", "invite", "send")


class World:
    """Pairs of customers who are one, and for each something that arrives for the one that goes in."""

    def __init__(self, count: int) -> None:
        self.by: User = make_user(Role.LEAD)
        self.agent: User = make_user()
        self.place: TouchPoint = make_touch_point()
        Currency.objects.get_or_create(code="GBP", defaults={"rate": 1})
        self.stories = [STORIES[place % len(STORIES)] for place in range(count)]
        made = [
            Customer(full_name=f"Customer {place}", source="shop", external_id=str(place)) for place in range(2 * count)
        ]
        Customer.objects.bulk_create(made)
        self.pairs = list(zip(made[:count], made[count:], strict=True))
        self.arriving = [self._prepare(place) for place in range(count)]

    def _prepare(self, place: int) -> Work:
        """Make what has to be there before, and return what arrives."""
        customer, story = self.pairs[place][1], self.stories[place]
        if story == "answer":
            return partial(record_answer, link=self._link(customer), enjoyed="no")
        if story == "import":
            return partial(_take_orders, str(customer.external_id))
        if story in ("close", "invite"):
            talk = Interaction.objects.create(
                customer=customer, channel="phone", touch_point=self.place, agent=self.agent, closed_at=None
            )
            if story == "close":
                return partial(close_interaction, interaction=talk, note="A note")
            ContactPoint.objects.create(
                customer=customer, kind="email", value=f"i{place}@mail.example", normalised=f"i{place}@mail.example"
            )
            close_interaction(interaction=talk)
            return partial(invite, interaction_ids=[talk.pk])
        if story == "send":
            self._letter(customer, place)
            return claim_letter
        if story == "letter":
            return partial(self._letter, customer, place)
        if story == "open":
            return partial(
                open_interaction, customer=customer, channel="phone", touch_point=self.place, agent=self.agent
            )
        return partial(add_contact_point, customer=customer, kind="phone", value=f"+4420794{place:05}")

    def _link(self, customer: Customer) -> Link:
        hour = timezone.now() - timedelta(hours=1)
        talk = Interaction.objects.create(
            customer=customer, channel="phone", touch_point=self.place, opened_at=hour, closed_at=hour
        )
        letter = self._letter(customer, f"of {talk.pk}")[0]
        Letter.objects.filter(pk=letter.pk).update(state="sent", sent_at=hour)
        invitation = Invitation.objects.create(interaction=talk, customer=customer, letter=letter)
        return make_link(invitation)[0]

    def _letter(self, customer: Customer, key: object) -> tuple[Letter, bool]:
        return queue_letter(
            customer=customer,
            kind="test",
            subject_key=str(key),
            to_address="letters@mail.example",
            language="en",
            subject="Hello",
            text="Hello",
            html="",
        )

    def race(self, seed: int) -> tuple[list[list[Any]], Stage]:
        """Have each merging meet what arrives."""
        works: list[list[Work]] = [
            [partial(merge_customers, survivor=one, absorbed=other, by=self.by), arriving]
            for (one, other), arriving in zip(self.pairs, self.arriving, strict=True)
        ]
        # A merging has some ten times the statements of what arrives: so they meet in the midst of it.
        return play_all(works, seed, weights=(10, 1))

    def wrong(self) -> Counter[str]:
        """What is not as it must be, by what is wrong."""
        found: Counter[str] = Counter()
        merged = {other.pk for _one, other in self.pairs}
        for column in columns():
            left = column.model._base_manager.filter(**{f"{column.field.name}__in": merged})
            found[f"left behind: {column.table}"] += left.count()
        for (one, _other), story in zip(self.pairs, self.stories, strict=True):
            found[f"not once: {story}"] += self._landed(one, story) != 1
        found["not merged"] += Merge.objects.count() != len(self.pairs)
        return +found

    def _landed(self, one: Customer, story: str) -> int:
        """How often what arrived is with the survivor, whole."""
        if story == "answer":
            answers = Answer.objects.filter(invitation__customer=one, is_counted=True)
            pressed = Visit.objects.filter(link__invitation__customer=one, outcome="counted").count()
            return answers.count() if pressed == Recovery.objects.filter(customer=one).count() == 1 else -1
        if story == "import":
            return Order.objects.filter(customer=one).count()
        if story == "close":
            return Interaction.objects.filter(customer=one, closed_at__isnull=False, note="A note").count()
        if story == "open":
            return Interaction.objects.open().filter(customer=one).count()
        if story == "phone":
            return ContactPoint.objects.filter(customer=one, kind="phone").count()
        if story == "invite":
            # Asked after the merging had moved the contact it is refused whole, and asked again by the clock.
            invite(interaction_ids=list(Interaction.objects.filter(customer=one).values_list("pk", flat=True)))
            return Invitation.objects.filter(customer=one, interaction__customer=one).count()
        return Letter.objects.filter(customer=one).count()


def _take_orders(number: str) -> object:
    file = StringIO(
        "external_id,customer_external_id,placed_at,amount,currency\n"
        f"o{number},{number},2026-01-01T00:00:00Z,{Decimal(10)},GBP\n"
    )
    return import_rows(kind="orders", file=file, source="shop")


def errors(results: list[list[Any]]) -> list[BaseException]:
    return [one for results_ in results for one in results_ if isinstance(one, BaseException)]


# With four worlds of 250, so that several processes can share them, they are a thousand.
@pytest.mark.parametrize(
    ("seed", "count"), [(0, 56), *(pytest.param(seed, 250, marks=pytest.mark.slow) for seed in (1, 2, 3, 4))]
)
def test_what_arrives_meanwhile_lands_once_in_a_thousand_orders(seed: int, count: int) -> None:
    world = World(count)
    results, stage = world.race(seed)
    refused = [one for one in errors(results) if "invitation names" not in str(one)]
    assert not refused
    assert world.wrong() == Counter()
    # They did meet in many ways.
    assert len(stage.orders) > 0.6 * count


def test_without_the_lock_something_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the same world and the same comparison, and nobody waits for the merging."""
    monkeypatch.setattr(merges, "lock_pair", lambda ids: Customer.objects.in_bulk(ids))
    world = World(104)
    world.race(seed=1)
    wrong = world.wrong()
    assert any(name.startswith("left behind") for name in wrong), wrong


def test_two_press_at_once_in_both_directions() -> None:
    world = World(40)
    rounds = [
        [
            partial(merge_customers, survivor=one, absorbed=other, by=world.by),
            partial(merge_customers, survivor=other, absorbed=one, by=world.agent),
        ]
        for one, other in world.pairs
    ]
    results, _stage = play_all(rounds, seed=3)
    assert not errors(results)
    assert [sorted(is_new for _merge, is_new in pair) for pair in results] == [[False, True]] * 40
    assert Merge.objects.count() == 40
    assert Customer.objects.present().count() == 40


def test_two_undo_at_once() -> None:
    world = World(20)
    made = [merge_customers(survivor=one, absorbed=other, by=world.by)[0] for one, other in world.pairs]
    results, _stage = play_all([[partial(undo_merge, merge=merge, by=world.by)] * 2 for merge in made], seed=4)
    assert [sorted(pair) for pair in results] == [[False, True]] * 20
    assert Customer.objects.present().count() == 40
