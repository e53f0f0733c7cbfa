"""What customers are to each other: noted once, ended, moved by a merging, forgotten."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from customers.models import Customer, Relationship
from customers.selectors.selves import relation_words, relationships_of
from customers.services.erasing import erase_customer
from customers.services.merges import merge_customers, undo_merge
from customers.services.relationships import end_relationship, note_relationship
from customers.services.selves import link_selves
from portal.roles import Role
from tests.factories import make_customer, make_user

pytestmark = pytest.mark.django_db


def note(customer: Customer, other: Customer, kind: str = "household", **more: Any) -> Relationship:
    return note_relationship(customer=customer, other=other, kind=kind, **more)[0]


@pytest.mark.parametrize(
    ("name", "sides", "fields"),
    [
        ("relationship_kind_known", "ab", {"kind": "friend"}),
        ("relationship_of_two", "aa", {}),
        ("relationship_open_once", "ab", {}),
        ("relationship_both_ways_once", "ba", {}),
        ("relationship_ended_after_noting", "ab", {"ended_at": timezone.now() - timedelta(days=1)}),
        ("relationship_ended_by_wants_a_time", "ab", {"kind": "carer", "ended_by_id": 1}),
    ],
)
def test_the_database_holds_what_a_relationship_is(name: str, sides: str, fields: dict[str, Any]) -> None:
    who = {"a": make_customer(), "b": make_customer()}
    note(who["a"], who["b"])
    row = {"customer": who[sides[0]], "other": who[sides[1]], "kind": "household", "noted_at": timezone.now()}
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        Relationship.objects.bulk_create([Relationship(**row | fields)])
    assert getattr(error.value.__cause__, "diag").constraint_name == name  # noqa: B009


def test_noted_once_whichever_way_round_and_brought_up_to_date() -> None:
    one, other, agent = make_customer(), make_customer(), make_user()
    first, is_new = note_relationship(customer=one, other=other, kind="household", source=" She said so ")
    assert (is_new, first.source) == (True, "She said so")
    again, is_new = note_relationship(customer=other, other=one, kind="household", may_act=True, noted_by=agent)
    assert (is_new, again.pk, again.may_act, again.source) == (False, first.pk, True, "She said so")
    # Not so where it does not hold both ways.
    note(one, other, "assistant")
    assert note(other, one, "assistant").customer == other
    assert relationships_of(user=agent, customer=other).count() == 3
    assert not relationships_of(user=make_user(is_active=False), customer=other).exists()
    assert relation_words("assistant", is_theirs=True) == "Assisted by"


def test_ended_once_and_noted_anew() -> None:
    one, other, agent = make_customer(), make_customer(), make_user(Role.LEAD)
    first = note(one, other)
    assert end_relationship(relationship=first, by=agent)
    assert not end_relationship(relationship=first, by=agent)
    first.refresh_from_db()
    assert first.ended_by == agent
    assert note(one, other).pk != first.pk


def test_what_cannot_be_is_refused() -> None:
    one, other, gone, forgotten = (make_customer() for _ in range(4))
    merge_customers(survivor=make_customer(), absorbed=gone, by=None)
    erase_customer(customer=forgotten)
    self_of_one = make_customer()
    link_selves(customer=one, other=self_of_one, capacity="other")
    for who, sentence in (
        (one, "somebody else"),
        (self_of_one, "one person in two roles"),
        (gone, "merged"),
        (forgotten, "forgotten"),
    ):
        with pytest.raises(ValidationError, match=sentence):
            note(one, who)
    for field, fields in (
        ("kind", {"kind": "friend"}),
        ("source", {"source": "x" * 121}),
        ("since", {"since": timezone.localdate() + timedelta(days=9)}),
    ):
        with pytest.raises(ValidationError) as error:
            note(one, other, **fields)
        assert list(error.value.message_dict) == [field]
    assert not Relationship.objects.exists()


def test_a_merging_moves_them_and_undoing_gives_them_back() -> None:
    survivor, absorbed, partner, chief = (make_customer() for _ in range(4))
    note(absorbed, partner)
    note(partner, survivor)
    note(chief, absorbed, "assistant")
    note(survivor, absorbed, "family")
    before = list(Relationship.objects.order_by("pk").values())
    merge, _ = merge_customers(survivor=survivor, absorbed=absorbed, by=None)
    held = Relationship.objects.open().about(survivor.pk)
    assert sorted(held.values_list("kind", flat=True)) == ["assistant", "household"]
    assert undo_merge(merge=merge, by=None)
    assert list(Relationship.objects.order_by("pk").values()) == before


def test_forgetting_one_forgets_what_they_were_to_others() -> None:
    one, other, third = (make_customer() for _ in range(3))
    note(one, other, source="Her words")
    note(other, third)
    erase_customer(customer=one)
    assert Relationship.objects.get().other == third
