"""Calls by video: the customer's link attacked from outside, the host's door, and the presses on the contact view."""

import logging
import runpy
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from customers.enums import LetterState
from customers.models import Interaction, Letter
from customers.services import mailing
from customers.services.contact_points import suppress_address
from feedback.models import Link
from portal import settings as settings_file
from portal.logs import HideTokens
from portal.roles import Role
from portal.video.inviting import Sent, send_link
from tests.factories import make_customer, make_email, make_interaction, make_user
from tests.feedback.makers import make_invitation
from tests.feedback.makers import make_link as make_feedback_link
from tests.portal.worlds import give_tier, make_tiers
from tests.tiers.rooms import give_way, make_link, make_opening_tier, make_talk
from tiers.models import PerkUse, VideoRoom
from tiers.services.rooms import enter_room, token_of

pytestmark = pytest.mark.django_db
SECRET = "a secret of the tests alone, long enough"
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def server(settings: Any) -> None:
    """A video server; nothing here asks it anything."""
    settings.JITSI_URL, settings.JITSI_APP_ID, settings.JITSI_APP_SECRET = "https://Meet.example", "house", SECRET


def claims_of(address: str) -> dict[str, Any]:
    """What a pass says, read as the video server reads it: signed by us, for it, and in time."""
    token = parse_qs(urlsplit(address).query)["jwt"][0]
    return jwt.decode(
        token,
        SECRET,
        algorithms=["HS256"],
        audience="house",
        issuer="house",
        options={"require": ["aud", "iss", "sub", "room", "exp", "nbf"], "verify_sub": False},
    )


def facts() -> list[Any]:
    return [*VideoRoom.objects.values_list(), *PerkUse.objects.values_list(), *Link.objects.values_list("pk")]


# --- the customer's link -----------------------------------------------------------------------------


def test_looking_changes_nothing_however_often_and_one_press_opens_the_call() -> None:
    room, token = make_link()
    before, visitor = facts(), Client()
    for method in (visitor.head, visitor.get) * 20:
        response = method(f"/video/{token}/")
        assert response.status_code == 200
    assert facts() == before
    html = visitor.get(f"/video/{token}/").content.decode()
    assert "Am Gespräch teilnehmen" in html
    assert "Agent One ist für Sie da." in html
    assert room.customer.known_as not in html
    pressed = visitor.post(f"/video/{token}/")
    assert pressed.status_code == 303
    assert pressed["Location"].startswith(f"https://Meet.example/{room.name}?jwt=")
    claims = claims_of(pressed["Location"])
    assert claims["room"] == room.name
    assert claims["sub"] == "meet.example"
    assert claims["context"] == {"user": {"name": "Mx One", "affiliation": "member", "moderator": "false"}}
    assert claims["exp"] - claims["nbf"] <= 600
    assert set(claims) == {"aud", "iss", "sub", "room", "nbf", "exp", "context"}


def test_a_lost_page_is_found_again_by_the_same_browser_alone() -> None:
    _room, token = make_link()
    visitor, other, forgetful = Client(), Client(), Client()
    visitor.get(f"/video/{token}/")
    known = visitor.cookies["video"]
    assert (known["httponly"], known["samesite"], known["path"]) == (True, "Lax", f"/video/{token}/")
    other.get(f"/video/{token}/")
    # The answer to this press is lost: what the browser is known by, it knew before.
    assert visitor.post(f"/video/{token}/").status_code == 303
    visitor.cookies["video"] = known.value
    assert "Wieder teilnehmen" in visitor.get(f"/video/{token}/").content.decode()
    before = facts()
    assert visitor.post(f"/video/{token}/").status_code == 303
    assert facts() == before
    for one in (other, forgetful):
        assert one.get(f"/video/{token}/").status_code == 404
        assert one.post(f"/video/{token}/").status_code == 404


def test_a_browser_that_never_looked_comes_in_and_again() -> None:
    _room, token = make_link()
    visitor = Client()
    assert visitor.post(f"/video/{token}/").status_code == 303
    assert visitor.post(f"/video/{token}/").status_code == 303
    assert Client(HTTP_COOKIE=f"video={'x' * 5000}").post(f"/video/{token}/").status_code == 404


@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_what_opens_nothing_looks_alike_to_the_byte_and_takes_as_long(method: str) -> None:
    tokens = {kind: make_link() for kind in ("expired", "used", "ended", "closed")}
    for kind, (room, token) in tokens.items():
        rooms = VideoRoom.objects.filter(pk=room.pk)
        match kind:
            case "expired":
                rooms.update(made_at=Now() - timedelta(hours=5), expires_at=Now() - timedelta(hours=1))
            case "used":
                enter_room(token=token, browser="another")
            case "ended":
                rooms.update(ended_at=Now())
            case "closed":
                Interaction.objects.filter(pk=room.interaction_id).update(closed_at=Now())
    purpose = make_feedback_link(make_invitation())[1]
    paths = [token for _room, token in tokens.values()]
    paths += [purpose, "never-given-out", tokens["used"][0].name, "%00", "x" * 200]
    before, seen, asked = facts(), set(), set()
    for path in paths:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            response = getattr(Client(), method)(f"/video/{path}/")
        assert response.status_code == 404
        seen.add((response.content, repr(sorted(response.items()))))
        asked.add(tuple(one["sql"].partition(" ")[0] for one in queries))
    assert len(seen) == 1
    assert len(asked) == 1
    assert facts() == before
    # Nor does a video link open a page of the feedback.
    assert Client().get(f"/feedback/{make_link()[1]}/").status_code == 404


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_other_methods_are_refused_alike(method: str) -> None:
    _room, token = make_link()
    answers = [getattr(Client(), method)(f"/video/{one}/") for one in (token, "never-given-out")]
    assert [one.status_code for one in answers] == [405, 405]
    assert sorted(answers[0].items()) == sorted(answers[1].items())


def test_a_press_needs_the_link_and_nothing_of_a_session() -> None:
    """As on the feedback's pages: who is not signed in has no secret against forgery, and the token is enough."""
    _room, token = make_link()
    visitor = Client(enforce_csrf_checks=True)
    assert visitor.post(f"/video/{token}/", b"\xff\x00 rubbish", content_type="multipart/form-data").status_code == 303
    assert set(visitor.cookies) == {"video"}


@pytest.mark.parametrize("token", ["", "never-given-out"])
def test_the_headers_keep_the_link_and_the_pass_to_themselves(token: str) -> None:
    token = token or make_link()[1]
    for response in (Client().get(f"/video/{token}/"), Client().post(f"/video/{token}/")):
        assert response["Cache-Control"] == "no-store"
        assert response["Referrer-Policy"] == "same-origin"
        assert "form-action 'self' https://Meet.example; " in response["Content-Security-Policy"]
        assert "script" not in response["Content-Security-Policy"]


def test_links_and_passes_stay_out_of_the_logs() -> None:
    _room, token = make_link()
    address = Client().post(f"/video/{token}/")["Location"]
    for said in (f"Not Found: /video/{token}/", f"GET {address} 303"):
        record = logging.LogRecord("x", logging.WARNING, "x", 1, "%s", (said,), None)
        HideTokens().filter(record)
        shown = record.getMessage()
        assert token not in shown
        assert "eyJ" not in shown


def test_the_page_speaks_the_language_that_is_asked_for() -> None:
    _room, token = make_link()
    html = Client().get(f"/video/{token}/?lang=ar").content.decode()
    assert 'dir="rtl"' in html
    assert "Join" not in html


# --- without a server, and with a wrong one ----------------------------------------------------------


def test_without_a_server_it_says_so_and_offers_nothing(client: Client, settings: Any) -> None:
    _room, token = make_link()
    talk = make_talk()
    settings.JITSI_URL = ""
    for method in ("get", "post"):
        response = getattr(Client(), method)(f"/video/{token}/")
        assert response.status_code == 404
        assert "form-action 'self';" in response["Content-Security-Policy"]
    client.force_login(talk.agent)  # type: ignore[arg-type]
    html = client.get(url(talk)).content.decode()
    assert "No video server is set up." in html
    assert "Make a room" not in html
    said = client.post(url(talk, "room_make"), headers=HTMX).content.decode()
    assert "No video server is set up." in said
    assert VideoRoom.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"JITSI_URL": "http://meet.example"},
        {"JITSI_URL": "https://meet.example; script-src *"},
        {"JITSI_URL": "https://u@meet.example"},
        {"JITSI_APP_SECRET": "short"},
        {"JITSI_APP_ID": ""},
    ],
)
def test_settings_are_read_strictly(wrong: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    right = {"JITSI_URL": "https://meet.example/tenant/", "JITSI_APP_ID": "house", "JITSI_APP_SECRET": SECRET}
    for name, value in right.items():
        monkeypatch.setenv(name, value)
    assert runpy.run_path(settings_file.__file__)["JITSI_URL"] == "https://meet.example/tenant"
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match="JITSI"):
        runpy.run_path(settings_file.__file__)


def test_a_tenant_is_whom_the_pass_is_for(settings: Any) -> None:
    settings.JITSI_URL = "https://meet.example/OurHouse"
    room, token = make_link()
    address = Client().post(f"/video/{token}/")["Location"]
    assert address.startswith(f"https://meet.example/OurHouse/{room.name}?")
    assert claims_of(address)["sub"] == "ourhouse"


# --- the contact view --------------------------------------------------------------------------------


def url(talk: Interaction, name: str = "contact", *more: Any) -> str:
    return reverse(name, args=[talk.customer.public_id, *more])


def test_the_page_shows_the_channels_of_this_customers_tier(client: Client) -> None:
    customer, agent = make_customer(), make_user()
    give_tier(customer, make_opening_tier("line", "+442079460123"))
    client.force_login(agent)
    html = client.get(reverse("contact", args=[customer.public_id])).content.decode()
    assert 'href="tel:+442079460123" aria-label="Dedicated line: +44 20 7946 0123">+44 20 7946 0123</a>' in html
    make_opening_tier("chat", "https://chat.example/?c={customer}")
    html = client.get(reverse("contact", args=[customer.public_id])).content.decode()
    assert f'href="https://chat.example/?c={customer.public_id}"' in html
    assert 'rel="noopener noreferrer">open</a>' in html
    other = make_customer()
    give_tier(other, make_tiers()[2])
    assert 'id="channels"' not in client.get(reverse("contact", args=[other.public_id])).content.decode()


def test_a_room_is_made_sent_joined_and_ended(client: Client) -> None:
    talk = make_talk()
    make_email(talk.customer, "one@mail.example")
    client.force_login(talk.agent)  # type: ignore[arg-type]
    html = client.get(url(talk)).content.decode()
    assert 'data-key="v"' in html
    assert "Send them the link by email" in html
    made = client.post(url(talk, "room_make"), {"letter": "on"}, headers=HTMX)
    room, html = VideoRoom.objects.get(), made.content.decode()
    link = f"/video/{token_of(room.name)}/"
    assert "The room is ready. A letter with the link is on its way." in html
    assert link in html
    assert room.letter is not None
    assert (room.letter.language, room.letter.to_address) == ("de", "one@mail.example")
    assert "%VIDEO%" in room.letter.text
    assert link not in room.letter.text + room.letter.html, "the row holds no live link"
    claimed = mailing.claim_letter()
    assert claimed is not None
    assert claimed.values["%VIDEO%"].endswith(link)
    host = client.get(url(talk, "room_join", room.pk))
    assert host.status_code == 303
    assert claims_of(host["Location"])["context"]["user"]["moderator"] == "true"
    Client().post(link)
    assert "They joined" in client.get(url(talk)).content.decode()
    ended = client.post(url(talk, "room_end", room.pk), headers=HTMX).content.decode()
    assert "Ended." in ended
    assert 'data-key="v"' in ended
    assert client.get(url(talk, "room_join", room.pk)).status_code == 404


def test_a_letter_does_not_leave_once_the_link_is_worth_nothing() -> None:
    for end in ("used", "ended"):
        room, token = make_link()
        make_email(room.customer)
        assert send_link(room=room) is Sent.WRITTEN
        assert send_link(room=room) is Sent.WRITTEN_BEFORE
        if end == "used":
            enter_room(token=token, browser="one")
        else:
            VideoRoom.objects.update(ended_at=Now())
        assert mailing.claim_letter() is None
        assert Letter.objects.get(video_room=room).state == LetterState.SUPPRESSED


def test_a_process_with_another_key_does_not_send_a_dead_link(settings: Any) -> None:
    room, _token = make_link()
    make_email(room.customer)
    send_link(room=room)
    settings.SECRET_KEY = "another"
    assert mailing.claim_letter() is None
    letter = Letter.objects.get(video_room=room)
    assert (letter.state, letter.attempts) == (LetterState.QUEUED, 1)
    assert "SECRET_KEY" in letter.reply


def test_nobody_is_written_to_who_gets_no_letters(client: Client) -> None:
    talk = make_talk()
    address = make_email(talk.customer).value
    suppress_address(address=address, reason="refused")
    client.force_login(talk.agent)  # type: ignore[arg-type]
    said = client.post(url(talk, "room_make"), {"letter": "on"}, headers=HTMX).content.decode()
    assert "read the link out to them" in said
    assert not Letter.objects.exists()
    room = VideoRoom.objects.get()
    assert "no address" in client.post(url(talk, "room_send", room.pk), headers=HTMX).content.decode()


def test_a_tier_that_moved_down_after_the_page_was_drawn_refuses(client: Client) -> None:
    talk = make_talk()
    client.force_login(talk.agent)  # type: ignore[arg-type]
    assert "Make a room" in client.get(url(talk)).content.decode()
    give_way(talk)
    html = client.post(url(talk, "room_make"), headers=HTMX).content.decode()
    assert "Their tier does not come with a call by video." in html
    assert "Make a room" not in html
    assert not VideoRoom.objects.exists()


@pytest.mark.parametrize("many", [1, 3])
def test_a_room_costs_no_query_more(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, many: int
) -> None:
    talk = make_talk()
    for _ in range(many):
        room, _token = make_link()
        VideoRoom.objects.filter(pk=room.pk).update(customer=talk.customer, agent=talk.agent)
        Interaction.objects.filter(pk=room.interaction_id).update(agent=None)
    client.force_login(talk.agent)  # type: ignore[arg-type]
    client.get(url(talk))
    with django_assert_num_queries(7):
        html = client.get(url(talk)).content.decode()
    assert html.count("Join as the host") == many


# --- who may -----------------------------------------------------------------------------------------

PRESSES = ("room_make", "room_send", "room_end")


def at(talk: Interaction, room: VideoRoom, name: str) -> str:
    return url(talk, name) if name == "room_make" else url(talk, name, room.pk)


@pytest.mark.parametrize("name", PRESSES)
def test_presses_refuse_the_wrong_method_strangers_and_who_may_not(client: Client, name: str) -> None:
    room, _token = make_link()
    talk = room.interaction
    before = facts()
    assert client.post(at(talk, room, name))["Location"].startswith(reverse("account_login"))
    client.force_login(room.agent)  # type: ignore[arg-type]
    assert client.get(at(talk, room, name)).status_code == 405
    for role in (Role.ANALYST, Role.INTEGRATION):
        client.force_login(make_user(role))
        assert client.post(at(talk, room, name)).status_code == 403
    assert facts() == before


@pytest.mark.parametrize("role", [Role.AGENT, Role.LEAD, Role.MANAGER])
def test_who_holds_contacts_makes_rooms_twice_is_once(client: Client, role: Role) -> None:
    talk = make_talk(make_user(role))
    client.force_login(talk.agent)  # type: ignore[arg-type]
    for _ in range(2):
        assert client.post(url(talk, "room_make")).status_code == 302
    room = VideoRoom.objects.get()
    for _ in range(2):
        client.post(url(talk, "room_end", room.pk))
    ended = VideoRoom.objects.get().ended_at
    assert ended is not None
    client.post(url(talk, "room_end", room.pk))
    assert VideoRoom.objects.get().ended_at == ended


def test_the_hosts_door_is_for_the_host(client: Client) -> None:
    room, _token = make_link()
    path = url(room.interaction, "room_join", room.pk)
    assert client.get(path)["Location"].startswith(reverse("account_login"))
    client.force_login(room.agent)  # type: ignore[arg-type]
    assert client.post(path).status_code == 405
    assert client.get(path).status_code == 303
    for role, status in ((Role.AGENT, 404), (Role.MANAGER, 404), (Role.ANALYST, 403)):
        client.force_login(make_user(role))
        assert client.get(path).status_code == status
    other = make_interaction()
    client.force_login(room.agent)  # type: ignore[arg-type]
    assert client.get(url(other, "room_join", room.pk)).status_code == 404
