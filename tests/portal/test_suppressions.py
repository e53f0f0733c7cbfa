"""Addresses that get no letters: what colleagues are told of them, and the manager who has them written to again."""

import html
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from customers.enums import LetterState
from customers.models import Customer, Letter, LiftedSuppression, Suppression
from customers.services import mailing
from customers.services.contact_points import erased_form, lift_suppression, suppress_address
from customers.services.letters import queue_letter
from portal import roles
from portal.models import User
from portal.roles import Role
from tests.factories import make_customer, make_email, make_user, signed_in

pytestmark = pytest.mark.django_db

ADDRESS = "wren@mail.example"
LIST = reverse("admin:customers_suppression_changelist")
ENTER = reverse("admin:customers_suppression_enter")


def make_held(reason: str = "refused", **fields: Any) -> Suppression:
    return Suppression.objects.create(address=ADDRESS, reason=reason, **fields)


def lift_door(held: Suppression) -> str:
    return reverse("admin:customers_suppression_lift", args=[held.pk])


def write(customer: Customer, key: str) -> Letter:
    words = f"How was it? {key}"
    return queue_letter(
        customer=customer,
        kind="k",
        subject_key=key,
        to_address="Wren@Mail.Example",
        language="en",
        subject=words,
        text=words,
        html="",
    )[0]


def told(response: Any) -> str:
    return html.unescape(response.content.decode())


# --- lifting ---


def test_a_letter_leaves_again_and_who_said_so_is_kept() -> None:
    customer = make_customer()
    held, manager = make_held(detail="550 5.1.1 no such user"), signed_in()
    first = write(customer, "1")
    assert mailing.claim_letter() is None
    page = told(manager.get(reverse("admin:customers_suppression_change", args=[held.pk])))
    assert "comes back here by itself" in page
    answer = manager.post(lift_door(held), {"why": " Their server  was away for a day "}, follow=True)
    assert "Letters go there again." in told(answer)
    lifted = LiftedSuppression.objects.get()
    assert (lifted.address, lifted.reason, lifted.detail) == (ADDRESS, "refused", "550 5.1.1 no such user")
    assert (lifted.suppressed_at, lifted.why) == (held.created_at, "Their server was away for a day")
    assert lifted.by == User.objects.get(role=Role.MANAGER)
    second = write(customer, "2")
    claimed = mailing.claim_letter()
    assert claimed is not None
    assert claimed.letter == second
    first.refresh_from_db()
    assert first.state == LetterState.SUPPRESSED, "what was held back then is old news"
    assert ADDRESS in told(manager.get(reverse("admin:customers_liftedsuppression_changelist")))


def test_a_second_press_lifts_nothing_twice() -> None:
    held, manager = make_held(), signed_in()
    manager.post(lift_door(held), {"why": "They called"})
    assert "Somebody has said so already." in told(manager.post(lift_door(held), {"why": "They called"}, follow=True))
    assert LiftedSuppression.objects.count() == 1
    assert not lift_suppression(suppression=held, why="They called")


@pytest.mark.parametrize("why", ["", "   ", "x" * 501, "a\x00b"])
def test_without_a_reason_it_stays(why: str) -> None:
    held = make_held()
    with pytest.raises(ValidationError):
        lift_suppression(suppression=held, why=why)
    signed_in().post(lift_door(held), {"why": why})
    assert Suppression.objects.get() == held
    assert not LiftedSuppression.objects.exists()


def test_what_comes_back_once_more_is_suppressed_once_more() -> None:
    lift_suppression(suppression=make_held(), why="They called")
    assert suppress_address(address=ADDRESS, reason="bounced")
    assert Suppression.objects.get().reason == "bounced"
    lift_suppression(suppression=Suppression.objects.get(), why="And again")
    assert LiftedSuppression.objects.count() == 2


@pytest.mark.parametrize("reason", ["unsubscribed", "complained"])
def test_a_wish_of_theirs_is_called_one(reason: str) -> None:
    held = make_held(reason)
    page = told(signed_in().get(reverse("admin:customers_suppression_change", args=[held.pk])))
    assert "wanted no more of them" in page


# --- entering ---


def test_an_address_is_entered_by_hand_once() -> None:
    manager = signed_in()
    for said in (f"No more letters go to {ADDRESS}.", f"{ADDRESS} gets no letters already."):
        assert said in told(manager.post(ENTER, {"address": f" {ADDRESS} "}, follow=True))
    assert Suppression.objects.get().reason == "by_hand"
    assert LogEntry.objects.get().user == User.objects.get(role=Role.MANAGER)
    assert "nobody: " in told(manager.post(ENTER, {"address": "nobody"}, follow=True))
    assert Suppression.objects.count() == 1


# --- who may ---


def test_only_who_decides_is_offered_it_and_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    held = make_held()
    page = reverse("admin:customers_suppression_change", args=[held.pk])
    analyst, lead = signed_in(Role.ANALYST), signed_in(Role.LEAD)
    for client in (analyst, lead, Client()):
        for door, words in ((lift_door(held), {"why": "x"}), (ENTER, {"address": "other@mail.example"})):
            assert client.post(door, words).status_code in (302, 403)
    for path in (LIST, page):
        shown = told(analyst.get(path))
        assert "Write there" not in shown
        assert ADDRESS not in shown
    manager = signed_in()
    assert "Write there no more" in told(manager.get(LIST))
    assert manager.get(ENTER).status_code == manager.get(lift_door(held)).status_code == 405
    # To lift what one may not see would be to guess.
    hidden = roles.PERMISSIONS[Role.MANAGER] - {"customers.view_contact_points"}
    monkeypatch.setitem(roles.PERMISSIONS, Role.MANAGER, hidden)
    assert manager.post(lift_door(held), {"why": "x"}).status_code == 403
    assert manager.post(ENTER, {"address": "other@mail.example"}).status_code == 403
    assert list(Suppression.objects.all()) == [held]


def test_an_address_is_found_in_any_notation_and_forgotten_or_not() -> None:
    held, manager = make_held(), signed_in()
    found = manager.get(LIST, {"q": "Wren@MAIL.example"}).context["cl"].result_list
    assert list(found) == [held]
    Suppression.objects.update(address=erased_form(ADDRESS))
    assert list(manager.get(LIST, {"q": ADDRESS}).context["cl"].result_list) == [held]
    assert not list(manager.get(LIST, {"q": "wren"}).context["cl"].result_list)
    # Who sees no addresses finds none by them.
    assert list(signed_in(Role.ANALYST).get(LIST, {"q": "other@mail.example"}).context["cl"].result_list) == [held]


# --- what colleagues are told ---


@pytest.mark.parametrize(
    ("reason", "said"),
    [("refused", "Their server refused for good"), ("unsubscribed", "They asked us not to write"), ("", "")],
)
def test_the_contact_view_and_the_profile_say_that_an_address_gets_no_letters(
    client: Client, reason: str, said: str
) -> None:
    customer = make_customer()
    make_email(customer, ADDRESS)
    if reason:
        make_held(reason)
    client.force_login(make_user())
    for door in ("contact", "profile"):
        page = told(client.get(reverse(door, args=[customer.public_id])))
        assert ("No letters go there. " + said + "." in page) is bool(reason)
