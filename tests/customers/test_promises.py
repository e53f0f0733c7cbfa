"""Promises on their way: kept, handed over, reminded of once before and once after, and passed on by who has left."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import Error, IntegrityError, transaction
from django.utils import timezone

from customers.models import Letter, Promise, PromiseStep
from customers.services.promise_chasing import chase_promises
from customers.services.promises import break_promise, hand_over_promise, keep_promise
from portal.models import User
from portal.roles import Role
from tests.factories import make_customer, make_user

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def promised(owner: User | None, made: timedelta, due: timedelta, **fields: Any) -> Promise:
    """A promise made so long ago and due in so long."""
    now = timezone.now()
    fields.setdefault("customer", make_customer())
    return Promise.objects.create(text="Ring back", made_at=now - made, due_at=now + due, owner=owner, **fields)


def told() -> list[tuple[str, str]]:
    """Letters: to whom, and their first line."""
    letters = Letter.objects.order_by("pk").values_list("to_address", "text")
    return [(address, text.strip().splitlines()[0]) for address, text in letters]


@pytest.mark.parametrize(
    ("made", "due", "steps"),
    [
        (48 * HOUR, 3 * HOUR, ["reminded"]),
        (48 * HOUR, 5 * HOUR, []),
        # Half of its time is to be gone, or a promise for the next hour would be reminded of at once.
        (HOUR, 2 * HOUR, []),
        (2 * HOUR, HOUR, ["reminded"]),
        (48 * HOUR, -HOUR, ["told_late"]),
        # The house came late to it: the desk shows it, and nobody gets a pile of letters.
        (480 * HOUR, -200 * HOUR, []),
    ],
)
def test_each_letter_is_written_once_in_its_time(made: timedelta, due: timedelta, steps: list[str]) -> None:
    promise = promised(make_user(), made, due)
    for _ in range(2):
        chase_promises()
    assert list(promise.steps.values_list("step", flat=True)) == steps
    assert Letter.objects.count() == len(steps)


def test_who_was_reminded_is_told_when_it_is_late() -> None:
    owner, customer = make_user(), make_customer(full_name="Somebody Known")
    promise = promised(owner, 48 * HOUR, HOUR, customer=customer)
    assert chase_promises() == 1
    Promise.objects.update(made_at=timezone.now() - 50 * HOUR, due_at=timezone.now() - HOUR)
    assert chase_promises() == 1
    assert chase_promises() == 0
    (first, before), (second, after) = told()
    assert first == second == owner.email
    assert "Your promise to Somebody Known is due by" in before
    assert "They are still waiting" in after
    letter = Letter.objects.latest("pk")
    assert f"/promises/{promise.pk}/" in letter.text
    assert "Ring back" not in letter.text + letter.html + letter.subject


def test_what_is_settled_or_nobodys_is_left_alone() -> None:
    keep_promise(promise=promised(make_user(), 48 * HOUR, HOUR))
    break_promise(promise=promised(make_user(), 48 * HOUR, -HOUR))
    promised(None, 48 * HOUR, -HOUR)
    assert chase_promises() == 0


def test_it_is_handed_over_with_a_word_and_once() -> None:
    mine, other = make_user(), make_user()
    promise = promised(mine, HOUR, 90 * HOUR)
    assert hand_over_promise(promise=promise, to=other, by=mine, words=" I am  away ")
    assert not hand_over_promise(promise=promise, to=other, by=mine)
    promise.refresh_from_db()
    assert promise.owner == other
    assert list(promise.steps.values_list("step", "by", "to", "words")) == [
        ("handed_over", mine.pk, other.pk, "I am away")
    ]
    ((address, text),) = told()
    assert address == other.email
    assert f"{mine.display_name} has handed it over." in text
    keep_promise(promise=promise, by=other)
    assert not hand_over_promise(promise=promise, to=mine, by=other), "what is settled stays whose it was"
    assert not keep_promise(promise=promise, by=mine)
    assert promise.steps.get(step="kept").by == other


@pytest.mark.parametrize("changes", [{"is_active": False}, {"role": Role.ANALYST}])
def test_it_goes_to_nobody_who_cannot_keep_it(changes: dict[str, Any]) -> None:
    promise = promised(make_user(), HOUR, HOUR)
    with pytest.raises(ValidationError, match="may keep promises"):
        hand_over_promise(promise=promise, to=make_user(**changes), by=None)


def test_whoever_leaves_passes_theirs_on_to_their_lead_or_to_nobody() -> None:
    lead = make_user(Role.LEAD)
    led, alone = make_user(lead=lead), make_user()
    one, other = promised(led, HOUR, 90 * HOUR), promised(alone, HOUR, 90 * HOUR)
    assert chase_promises() == 0
    User.objects.filter(pk__in=[led.pk, alone.pk]).update(is_active=False)
    assert chase_promises() == 1
    assert chase_promises() == 0
    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.owner, other.owner) == (lead, None)
    assert list(one.steps.values_list("step", "to")) == [("owner_left", lead.pk), ("handed_over", lead.pk)]
    assert list(other.steps.values_list("step", "words")) == [("owner_left", alone.display_name)]
    assert told()[0][0] == lead.email


def test_where_the_lead_has_left_too_it_goes_to_the_next_above_who_may_keep_it() -> None:
    manager = make_user(Role.MANAGER)
    analyst = make_user(Role.ANALYST, lead=manager)
    gone = make_user(Role.LEAD, lead=analyst, is_active=False)
    promise = promised(make_user(lead=gone, is_active=False), HOUR, 90 * HOUR)
    # Two who lead each other, and are gone.
    first = make_user(is_active=False)
    second = make_user(lead=first, is_active=False)
    User.objects.filter(pk=first.pk).update(lead=second)
    lost = promised(first, HOUR, 90 * HOUR)
    assert chase_promises() == 1
    promise.refresh_from_db()
    lost.refresh_from_db()
    assert (promise.owner, lost.owner) == (manager, None)
    assert list(promise.steps.values_list("step", "to")) == [("owner_left", manager.pk), ("handed_over", manager.pk)]
    assert list(lost.steps.values_list("step", "to")) == [("owner_left", None)]


def test_the_database_tells_once_and_keeps_the_way() -> None:
    promise = promised(make_user(), HOUR, HOUR)
    step = PromiseStep.objects.create(promise=promise, step="reminded")
    for kind, name in (("reminded", "promisestep_told_once"), ("dreamt", "promisestep_known")):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            PromiseStep.objects.create(promise=promise, step=kind)
    for change in (lambda: PromiseStep.objects.update(words="x"), step.delete):
        with pytest.raises(Error, match="Cannot"), transaction.atomic():
            change()
