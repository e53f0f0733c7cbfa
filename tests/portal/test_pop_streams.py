"""The line to an open desk: a real web server, a real database, and a plain HTTP client at the other end."""

import contextlib
import http.client
import json
import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.signals import user_logged_out
from django.db import connection
from django.test import Client, RequestFactory

from portal.models import Pop, User
from portal.pops import streams
from portal.pops.services import dismiss_pop
from portal.pops.signs import Exchange, Line, end_lines, exchange
from portal.pops.streams import session_name
from portal.roles import Role
from tests.conftest import Serves, eventually
from tests.factories import make_customer, make_user
from tests.portal.known import with_token
from tests.portal.worlds import make_phone, ring

STREAM = "/pops/stream/"


def cookie_of(user: User) -> str:
    """A session of somebody, as a browser carries it."""
    client = Client()
    client.force_login(user)
    return str(client.cookies[settings.SESSION_COOKIE_NAME].value)


class Desk:
    """A desk that is open: reads the stream event by event.

    It waits for less than a breath of the stream: what it hears came by a sign, not by looking from time to time.
    """

    def __init__(self, port: int, cookie: str, query: str = "") -> None:
        self._wire = http.client.HTTPConnection("127.0.0.1", port, timeout=streams.BREATH - 4)
        self._wire.request("GET", STREAM + query, headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}"})
        self.answer = self._wire.getresponse()

    def lines(self) -> Iterator[str]:
        while line := self.answer.readline():
            yield line.decode().rstrip("\n")

    def read(self) -> dict[str, Any] | None:
        """The next state of the desk; None where it was told to sign in, or the line ended."""
        for line in self.lines():
            if line == "event: out":
                return None
            if line.startswith("data: {"):
                found: dict[str, Any] = json.loads(line.removeprefix("data: "))
                return found
        return None

    def close(self) -> None:
        self.answer.close()
        self._wire.close()


Sit = Callable[..., Desk]


@pytest.fixture
def sit() -> Iterator[Sit]:
    """Open desks; all are closed with the test."""
    opened: list[Desk] = []

    def open_desk(port: int, cookie: str, query: str = "") -> Desk:
        opened.append(Desk(port, cookie, query))
        return opened[-1]

    yield open_desk
    for desk in opened:
        desk.close()


def page(port: int, path: str, cookie: str = "") -> int:
    wire = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with contextlib.closing(wire):
        wire.request("GET", path, headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}"})
        return wire.getresponse().status


def listeners() -> list[int]:
    """The server processes of the database that listen for signs."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE application_name = 'regulars pops'")
        return [pid for (pid,) in cursor.fetchall()]


# --- over the wire -------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_call_arrives_whatever_breaks_and_the_line_ends_with_the_session(serve: Serves, sit: Sit) -> None:
    agent, customer = make_user(), make_customer(full_name="Customer Zephyr")
    make_phone(customer)
    port, cookie = serve().port, cookie_of(agent)
    desk = sit(port, cookie)
    assert desk.answer.status == 200
    assert desk.answer.getheader("Content-Type") == "text/event-stream; charset=utf-8"
    assert "no-store" in (desk.answer.getheader("Cache-Control") or "")
    assert desk.read() == {"ids": [], "html": ""}
    said = {"source": "s", "external_id": "1", "agent": agent.email, "phone": "020 7946 0123"}
    assert with_token().post("/api/v1/pops/", said).status_code == 201
    arrived = desk.read()
    assert arrived is not None
    pop = Pop.objects.get()
    assert arrived["ids"] == [str(pop.public_id)]
    assert "Customer Zephyr" in arrived["html"]
    # Another's call does not come; the next thing heard is this desk's own.
    ring(make_user())
    dismiss_pop(pop=pop)
    assert desk.read() == {"ids": [], "html": ""}
    # The listening connection is killed, and a call comes while nobody listens.
    eventually(lambda: len(listeners()) == 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", listeners())
    late = ring(agent, "while nobody listened")
    arrived = desk.read()
    assert arrived is not None
    assert arrived["ids"] == [str(late.public_id)]
    # Somebody else of this colleague's, signed in elsewhere, stays when this session is signed out.
    other = sit(port, cookie_of(agent))
    assert other.read() == arrived | {"html": other_html(other, arrived)}
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = cookie
    client.post("/accounts/logout/")
    assert desk.read() is None
    assert sit(port, cookie).answer.status == 302
    dismiss_pop(pop=late)
    assert other.read() == {"ids": [], "html": ""}


def other_html(_desk: Desk, arrived: dict[str, Any]) -> Any:
    """Its own forms' token makes the html of each line another; what stands is the same."""

    class Same:
        def __eq__(self, html: object) -> bool:
            return isinstance(html, str) and len(html) == len(arrived["html"])

        __hash__ = None  # type: ignore[assignment]

    return Same()


@pytest.mark.django_db(transaction=True)
def test_many_desks_hold_no_connection_and_there_is_an_end_to_their_number(serve: Serves, sit: Sit) -> None:
    agent = make_user()
    port, cookie = serve(POP_STREAMS="6", DATABASE_POOL="2").port, cookie_of(agent)
    desks = [sit(port, cookie, f"?page=p{n}") for n in range(6)]
    assert all(desk.read() == {"ids": [], "html": ""} for desk in desks)
    assert page(port, "/keys/", cookie) == 200, "two connections are enough for six desks and a page"
    refused = sit(port, cookie)
    assert (refused.answer.status, refused.answer.getheader("Retry-After")) == (503, "30")
    assert page(port, "/pops/standing/", cookie) == 200
    # The next page of a browser ends the line of the page before, which frees its place.
    eventually(lambda: sit(port, cookie, "?page=next&after=p0").answer.status == 200)
    assert desks[0].read() is None
    assert page(port, "/keys/", cookie) == 200


@pytest.mark.django_db(transaction=True)
def test_an_open_desk_does_not_hold_up_the_end_of_the_server(serve: Serves, sit: Sit) -> None:
    """The server waits for its threads as long as it takes: without the sign it would for five minutes."""
    site = serve()
    desk = sit(site.port, cookie_of(make_user()))
    assert desk.read() == {"ids": [], "html": ""}
    site.child.send_signal(signal.SIGTERM)
    eventually(lambda: site.child.poll() is not None)
    assert desk.read() is None


# --- in this process -----------------------------------------------------------------------------------


@pytest.fixture
def fresh() -> Iterator[Exchange]:
    """The exchange of this process, hung up afterwards."""
    yield exchange
    exchange.hang_up()
    assert len(exchange) == 0


@pytest.mark.parametrize(
    "sign",
    ["", "x", "{}", "[]", "null", '{"user": "x", "end": [], "but": ""}', '{"user": 1, "end": 5, "but": ""}', "²"],
)
def test_a_sign_that_makes_no_sense_is_passed_over(sign: str) -> None:
    Exchange().hear(sign)


def test_a_sign_wakes_its_colleagues_lines_and_ends_those_it_names(fresh: Exchange) -> None:
    mine, newer, others = Line(1, ["page", "session"]), Line(1, ["page"]), Line(2, ["page"])
    for line in (mine, newer, others):
        fresh._lines.add(line)
    fresh.hear("1")
    assert (mine.wait(0), newer.wait(0), others.wait(0)) == (True, True, False)
    fresh.hear(json.dumps({"user": 1, "end": ["page"], "but": newer.number}))
    assert (mine.is_ended, newer.is_ended, others.is_ended) == (True, False, False)
    fresh.stop()
    assert newer.is_ended
    assert not fresh.join(Line(1, []))


@pytest.mark.django_db(transaction=True)
def test_a_desk_reads_what_stands_and_a_line_that_is_closed_frees_its_place(
    client: Client, fresh: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "BREATH", 0.0)
    agent = make_user()
    client.force_login(agent)
    pop = ring(agent)
    response: Any = client.get(STREAM, {"page": "x" * 5000})
    events = iter(response.streaming_content)
    assert next(events).startswith(b"retry: ")
    assert str(pop.public_id).encode() in next(events)
    assert next(events) == b": here\n\n"
    User.objects.filter(pk=agent.pk).update(role=Role.INTEGRATION)
    assert next(events).startswith(b"event: out")
    assert len(fresh) == 1
    response.close()
    assert len(fresh) == 0


@pytest.mark.django_db
@pytest.mark.parametrize("path", [STREAM, "/pops/standing/"])
@pytest.mark.parametrize(("role", "expected"), [(Role.INTEGRATION, 403), (None, 302)])
def test_who_has_no_desk(client: Client, path: str, role: Role | None, expected: int) -> None:
    if role:
        client.force_login(make_user(role))
    assert client.get(path).status_code == expected


@pytest.mark.django_db
def test_a_stream_is_only_read(client: Client) -> None:
    client.force_login(make_user())
    assert (client.post(STREAM).status_code, client.head(STREAM).status_code) == (405, 405)
    assert client.post("/pops/standing/").status_code == 405


@pytest.mark.django_db
def test_signing_out_without_a_session_does_no_harm() -> None:
    user_logged_out.send(sender=User, request=RequestFactory().get("/"), user=make_user())
    user_logged_out.send(sender=User, request=None, user=None)
    assert (session_name(None), len(session_name("a"))) == ("", 32)
    end_lines(user_id=1, names=("", "page"))
