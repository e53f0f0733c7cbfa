"""What the database itself refuses about gestures, budgets and requests, whoever asks."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pgtrigger
import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.db.models import Model
from django.db.models.functions import Now

from customers.models import Gesture
from feedback.models import GestureKind, GestureRequest, GivingAllowance, GivingEntry, GivingMonth
from portal.models import User
from portal.roles import Role
from tests.factories import make_customer, make_user
from tests.feedback.giving_makers import make_kind
from tests.portal.worlds import make_tiers
from tests.refusing import refused

pytestmark = pytest.mark.django_db

MONTH = date(2026, 5, 1)


def kind(**fields: Any) -> GestureKind:
    return GestureKind.objects.create(**{"name": "A kind", "usual_cost": 1, "highest_cost": 2} | fields)


def allowance(**fields: Any) -> GivingAllowance:
    return GivingAllowance.objects.create(**{"per_month": 10} | fields)


def month(**fields: Any) -> GivingMonth:
    return GivingMonth.objects.create(**{"month": MONTH, "allowed": 10} | fields)


def entry(amount: int = 4, **fields: Any) -> GivingEntry:
    """A line that is right in everything that is not given."""
    if "agent_month" not in fields:
        fields |= {"agent_month": month(agent=make_user()), "house_month": month(allowed=None)}
    fields.setdefault("gesture", Gesture.objects.create(customer=make_customer(), what="Flowers", cost=max(amount, 0)))
    fields.setdefault("kind", make_kind())
    return GivingEntry.objects.create(**{"entry": "given", "amount": amount, "by": make_user()} | fields)


def back(**fields: Any) -> GivingEntry:
    """The reverse of a line of 4."""
    given = entry()
    same = {name: getattr(given, name) for name in ("gesture", "kind", "agent_month", "house_month")}
    return entry(**same | {"entry": "taken_back", "amount": -4} | fields)


def request(**fields: Any) -> GestureRequest:
    known = {"customer": make_customer(), "kind": make_kind(), "cost": 60, "reason": "So", "agent": make_user()}
    return GestureRequest.objects.create(**known | {"lapses_at": Now() + timedelta(days=1)} | fields)


def twice(make: Callable[..., Model], **fields: Any) -> None:
    make(**fields)
    make(**fields)


def own_answer() -> None:
    agent = make_user()
    request(agent=agent, state="declined", answered_by=agent, answered_at=Now())


def answered_again() -> None:
    one = request(state="declined", answered_by=make_user(), answered_at=Now())
    GestureRequest.objects.filter(pk=one.pk).update(state="lapsed", answered_by=None)


def same_customer_and_kind() -> None:
    one = request()
    request(customer=one.customer)


def overspend() -> None:
    both: dict[str, Any] = {"agent_month": month(agent=make_user()), "house_month": month(allowed=None)}
    for _ in range(3):
        entry(**both)


CASES: dict[str, list[Callable[[], object]]] = {
    "gesturekind_has_a_name": [lambda: kind(name="")],
    "gesturekind_confirming_known": [lambda: kind(confirming="perhaps", words={"en": "So"})],
    "gesturekind_letter_has_words": [lambda: kind(confirming="service")],
    "gesturekind_costs_in_order": [lambda: kind(usual_cost=3), lambda: kind(usual_cost=-1)],
    "givingallowance_for_one": [
        lambda: allowance(role="x", tier=make_tiers()[0], per_gesture=1),
        lambda: allowance(role="x", person=make_user(), per_gesture=1),
        lambda: allowance(person=make_user(), tier=make_tiers()[0], per_gesture=1),
    ],
    "givingallowance_gesture_by_whom": [
        lambda: allowance(role="x"),
        lambda: allowance(person=make_user()),
        lambda: allowance(per_gesture=1),
        lambda: allowance(tier=make_tiers()[0], per_gesture=1),
    ],
    "givingallowance_not_negative": [
        lambda: allowance(per_month=-1),
        lambda: allowance(role="x", per_gesture=-1),
    ],
    "givingallowance_once": [
        lambda: twice(allowance),
        lambda: twice(allowance, role="x", per_gesture=1),
    ],
    "givingmonth_once": [lambda: twice(month), lambda: twice(month, tier=make_tiers()[0])],
    "givingmonth_begins_on_the_first": [lambda: month(month=date(2026, 5, 2))],
    "givingmonth_of_one": [lambda: month(agent=make_user(), tier=make_tiers()[0])],
    "givingmonth_agent_has_a_limit": [lambda: month(agent=make_user(), allowed=None)],
    # What is spent can only be written by the ledger; a line below zero is refused sooner.
    "givingmonth_spent_not_negative": [lambda: negative()],
    "givingmonth_never_overspent": [
        overspend,
        lambda: GivingMonth.objects.filter(pk=entry().agent_month_id).update(allowed=3),
    ],
    "givingmonth_spent_is_the_ledgers": [
        lambda: month(spent=1),
        lambda: GivingMonth.objects.filter(pk=entry().agent_month_id).update(spent=0),
        lambda: GivingMonth.objects.filter(pk=entry().house_month_id).update(spent=5),
        lambda: GivingMonth.objects.filter(pk=month(tier=make_tiers()[0]).pk).update(spent=5),
    ],
    "givingentry_once": [lambda: entry(**same_again())],
    "givingentry_sign_fits": [lambda: entry(-1), lambda: entry(entry="other")],
    "givingentry_months_agree": [
        lambda: entry(agent_month=month(), house_month=month(month=date(2026, 6, 1))),
        lambda: entry(agent_month=month(agent=make_user()), house_month=month(month=date(2026, 6, 1))),
        lambda: entry(agent_month=month(agent=make_user()), house_month=month(tier=make_tiers()[0])),
        lambda: entry(agent_month=month(agent=make_user()), house_month=month(), tier_month=month(agent=make_user())),
    ],
    "givingentry_mirrors_what_was_given": [
        lambda: back(amount=-3),
        lambda: back(kind=make_kind("Another")),
        lambda: back(agent_month=month(agent=make_user())),
        lambda: back(tier_month=month(tier=make_tiers()[0])),
        lambda: entry(-4, entry="taken_back"),
    ],
    "gesturerequest_answer_fits_state": [
        lambda: request(state="granted", answered_by=make_user(), answered_at=Now()),
        lambda: request(state="declined", answered_by=make_user()),
        lambda: request(state="declined", answered_at=Now()),
        lambda: request(state="lapsed"),
        lambda: request(state="elsewhere"),
        lambda: request(answered_at=Now()),
    ],
    "gesturerequest_nobody_answers_themselves": [
        own_answer,
        lambda: request(state="withdrawn", answered_by=make_user(), answered_at=Now()),
    ],
    "gesturerequest_cost_not_negative": [lambda: request(cost=-1)],
    "gesturerequest_says_what_for": [lambda: request(reason="")],
    "gesturerequest_lapses_later": [lambda: request(lapses_at=Now() - timedelta(days=1))],
    "gesturerequest_one_open": [same_customer_and_kind],
    "gesturerequest_answered_stays": [answered_again],
    "gesture_taken_back_costs_nothing": [
        lambda: Gesture.objects.create(customer=make_customer(), what="x", cost=1, taken_back_at=Now())
    ],
}


def same_again() -> dict[str, Any]:
    given = entry()
    return {name: getattr(given, name) for name in ("gesture", "kind", "agent_month", "house_month")}


def negative() -> None:
    with pgtrigger.ignore("feedback.GivingMonth:givingmonth_spent_is_the_ledgers"), transaction.atomic():
        month(spent=-1)


@pytest.fixture(autouse=True)
def clean() -> None:
    GivingAllowance.objects.all().delete()


@pytest.mark.parametrize(
    ("name", "act"),
    [pytest.param(name, act, id=f"{name}-{n}") for name, acts in CASES.items() for n, act in enumerate(acts, 1)],
)
def test_the_database_refuses(name: str, act: Callable[[], object]) -> None:
    with refused(name):
        act()


def test_every_named_constraint_is_tried_here() -> None:
    models = (GestureKind, GivingAllowance, GivingMonth, GivingEntry, GestureRequest)
    named = {constraint.name for model in models for constraint in model._meta.constraints}
    assert named <= set(CASES)


@pytest.mark.parametrize("change", [lambda rows: rows.update(words="x"), lambda rows: rows.delete()])
def test_the_ledger_is_only_added_to(change: Callable[[Any], object]) -> None:
    entry()
    with pytest.raises((ProgrammingError, IntegrityError), match="Cannot update or delete"), transaction.atomic():
        change(GivingEntry.objects.all())


def test_a_request_may_become_the_same_persons() -> None:
    """When two records of one customer are merged, an answered request moves with them."""
    one = request(state="declined", answered_by=make_user(Role.LEAD), answered_at=Now())
    other = make_customer()
    GestureRequest.objects.filter(pk=one.pk).update(customer=other)
    assert GestureRequest.objects.get().customer == other


def test_an_entry_is_counted_for_all_three_months_and_what_comes_back_leaves_none() -> None:
    agent: User = make_user()
    months: dict[str, Any] = {
        "agent_month": month(agent=agent),
        "house_month": month(allowed=None),
        "tier_month": month(tier=make_tiers()[0]),
    }
    given = entry(**months)
    assert set(GivingMonth.objects.values_list("spent", flat=True)) == {Decimal(4)}
    entry(-4, entry="taken_back", gesture=given.gesture, **months)
    assert set(GivingMonth.objects.values_list("spent", flat=True)) == {Decimal(0)}
