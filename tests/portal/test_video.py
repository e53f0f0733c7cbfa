"""Calls by video: the customer's link attacked from outside, and the house without a video server."""

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

from customers.models import Interaction
from feedback.models import Link
from portal import settings as settings_file
from portal.logs import HideTokens
from tests.feedback.makers import make_invitation
from tests.feedback.makers import make_link as make_feedback_link
from tests.tiers.rooms import make_link, make_talk
from tiers.models import PerkUse, VideoRoom
from tiers.services.rooms import enter_room

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


def url(talk: Interaction, name: str = "contact", *more: Any) -> str:
    return reverse(name, args=[talk.customer.public_id, *more])


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
