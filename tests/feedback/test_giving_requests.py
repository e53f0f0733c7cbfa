"""Asking a lead for more than one may give: granted once, declined, withdrawn, lapsed."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db.models import F
from django.db.models.functions import Now

from customers.models import Gesture, Letter
from customers.services.merges import undo_merge
from feedback.enums import Confirming, RequestState
from feedback.models import GestureKind, GestureRequest, GivingEntry
from feedback.selectors.giving import on_desk
from feedback.services.giving import give_gesture
from feedback.services.giving_budgets import TooMuch
from feedback.services.giving_requests import (
    ask_for_gesture,
    decline_request,
    grant_request,
    lapse_requests,
    withdraw_request,
)
from portal.models import User
from portal.roles import Role
from tests.customers.merging import merge
from tests.factories import make_customer, make_email, make_interaction, make_user
from tests.feedback.giving_makers import SENTENCE, allow, ask, make_giver, make_kind, make_lead, spent

pytestmark = pytest.mark.django_db


def test_a_lead_grants_out_of_their_own_month_and_once(agent: User) -> None:
    lead = make_lead()
    User.objects.filter(pk=agent.pk).update(lead=lead)
    customer = make_customer()
    make_email(customer)
    kind = make_kind(cost=60, confirming=Confirming.SERVICE, words=SENTENCE)
    request = ask(agent, customer=customer, kind=kind, writes_letter=True)
    again, is_new = ask_for_gesture(customer=customer, kind=kind, by=agent, words="Please")
    assert (again, is_new) == (request, False)
    assert list(on_desk(lead)) == [request]
    given = grant_request(request=request, by=lead, words="Of course")
    assert given is not None
    assert grant_request(request=request, by=make_user(Role.MANAGER)) is None
    assert not decline_request(request=request, by=lead)
    assert not withdraw_request(request=request, by=agent)
    request.refresh_from_db()
    assert (request.state, request.answered_by, request.answer) == ("granted", lead, "Of course")
    assert request.gesture == given.gesture == Gesture.objects.get()
    assert (given.gesture.given_by, given.gesture.what, given.gesture.cost) == (agent, "Flowers: A hard week", 60)
    assert (spent(lead), spent(agent)) == (60, None)
    assert GivingEntry.objects.get().request == request
    assert Letter.objects.get().subject_key == str(given.gesture.pk)
    assert list(on_desk(agent)) == [request], "the answer stands on the desk for a while"
    assert list(on_desk(lead)) == []


def test_a_lead_has_limits_too_and_the_request_waits_on(agent: User) -> None:
    lead = make_lead(per_gesture=50)
    User.objects.filter(pk=agent.pk).update(lead=lead)
    request = ask(agent)
    with pytest.raises(TooMuch):
        grant_request(request=request, by=lead)
    request.refresh_from_db()
    assert request.state == "open"
    assert not Gesture.objects.exists()
    manager = make_user(Role.MANAGER)
    allow(manager, 100, 100)
    assert grant_request(request=request, by=manager)


def test_who_may_answer() -> None:
    above = make_lead()
    lead = make_lead(lead=above)
    agent, alone = make_giver(lead=lead), make_giver()
    manager = make_user(Role.MANAGER)
    request, of_nobody, own = ask(agent), ask(alone), ask(lead)
    other = make_lead()

    def may(user: User) -> set[GestureRequest]:
        return set(GestureRequest.objects.answerable_by(user))

    assert may(lead) == {request, of_nobody}
    assert may(above) == {request, of_nobody, own}
    assert may(other) == {of_nobody}
    assert may(manager) == {request, of_nobody, own}
    assert may(agent) == may(make_user(Role.ANALYST)) == set()
    for user in (agent, other):
        with pytest.raises(ValidationError, match="somebody else"):
            decline_request(request=request, by=user)
    with pytest.raises(ValidationError, match="Only they"):
        withdraw_request(request=request, by=lead)
    # A lead who has left leads nobody.
    User.objects.filter(pk=lead.pk).update(is_active=False)
    assert may(User.objects.get(pk=lead.pk)) == set()
    User.objects.filter(pk=above.pk).update(is_active=False)
    assert request in may(other), "nobody leads them any more"


def test_it_is_asked_in_a_contact_of_theirs(agent: User) -> None:
    customer = make_customer()
    with pytest.raises(ValidationError, match="another customer"):
        ask(agent, customer=customer, interaction=make_interaction(agent=agent))
    talk = make_interaction(customer, agent=agent)
    assert ask(agent, customer=customer, interaction=talk).interaction == talk


@pytest.mark.parametrize("how", ["decline", "withdraw", "lapse"])
def test_a_request_ends_without_a_gesture(agent: User, how: str) -> None:
    manager, request = make_user(Role.MANAGER), ask(agent)
    if how == "decline":
        assert decline_request(request=request, by=manager, words="Not this time")
    elif how == "withdraw":
        assert withdraw_request(request=request, by=agent)
    else:
        assert lapse_requests() == 0
        GestureRequest.objects.update(asked_at=Now() - timedelta(days=3), lapses_at=F("asked_at"))
        assert lapse_requests() == 1
        assert lapse_requests() == 0
    assert grant_request(request=request, by=manager) is None
    request.refresh_from_db()
    by = {"decline": manager, "withdraw": agent, "lapse": None}[how]
    assert (request.answered_by, bool(request.answered_at)) == (by, True)
    assert request.state == {"decline": "declined", "withdraw": "withdrawn", "lapse": "lapsed"}[how]
    assert not Gesture.objects.exists()
    # It may be asked anew.
    assert ask(agent, customer=request.customer, kind=request.kind).state == RequestState.OPEN


@pytest.mark.parametrize("is_survivor_first", [False, True])
def test_what_was_asked_for_two_who_are_one_is_given_once(agent: User, is_survivor_first: bool) -> None:
    kind, manager = make_kind(cost=60), make_user(Role.MANAGER)
    allow(manager, 100, 500)
    first, second, other_kind = ask(agent, kind=kind), ask(make_giver(), kind=kind), make_kind("Tea", 60)
    tea = ask(agent, customer=second.customer, kind=other_kind)
    pair = [first.customer, second.customer]
    survivor, absorbed = pair if is_survivor_first else pair[::-1]
    before = list(GestureRequest.objects.order_by("pk").values())
    merged = merge(survivor, absorbed)
    assert grant_request(request=second, by=manager) is None
    assert set(GestureRequest.objects.values_list("customer", flat=True)) == {survivor.pk}
    assert set(GestureRequest.objects.open()) == {first, tea}
    assert second in on_desk(second.agent), "whoever asked is told"
    second.refresh_from_db()
    assert second.answer == "This customer is here only once now, and the other request stands."
    # They come apart again, and both wait on.
    assert undo_merge(merge=merged, by=None)
    assert list(GestureRequest.objects.order_by("pk").values()) == before
    for request in (first, second):
        assert grant_request(request=request, by=manager) is not None


def test_whoever_asks_for_a_customer_who_was_merged_meanwhile_is_told_of_the_request_that_waits(agent: User) -> None:
    waits, meanwhile = ask(agent, kind=make_kind(cost=60)), make_customer()
    merge(waits.customer, meanwhile)
    # Their page had been drawn before.
    asked = ask_for_gesture(customer=meanwhile, kind=waits.kind, by=make_giver(), words="Late again")
    assert asked == (waits, False)


def test_asking_says_what_for(agent: User) -> None:
    with pytest.raises(ValidationError, match="what it is for"):
        ask_for_gesture(customer=make_customer(), kind=make_kind(cost=60), by=agent, words=" ")


def test_an_agent_who_leaves_gives_nothing_and_their_requests_are_still_answered(kind: GestureKind) -> None:
    agent, manager = make_giver(), make_user(Role.MANAGER)
    allow(manager, 100, 100)
    request = ask(agent)
    give_gesture(customer=make_customer(), kind=make_kind("Tea", 1), by=agent)
    User.objects.filter(pk=agent.pk).update(is_active=False)
    gone = User.objects.get(pk=agent.pk)
    with pytest.raises(ValidationError, match="gives no gestures"):
        give_gesture(customer=make_customer(), kind=kind, by=gone)
    with pytest.raises(ValidationError, match="gives no gestures"):
        ask(gone)
    given = grant_request(request=request, by=manager)
    assert given is not None
    assert given.gesture.given_by == manager
    assert spent(agent) == 1, "what they gave stays in the ledger"
