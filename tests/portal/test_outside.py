"""Cards from outside: two seconds in all, what was said last with its time, and nowhere that one should not go."""

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, connections, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from customers.models import Customer
from customers.services.erasing import erase_customer
from customers.services.merges import merge_customers
from portal.models import OutsideCard, OutsideSource, Reading
from portal.outside.addresses import Place, read_template, resolve
from portal.outside.asking import LARGEST, NoAnswer, ask, read_card
from portal.roles import Role
from tests.factories import make_customer, make_user

HTMX = {"HX-Request": "true"}
CARD = {"lines": [{"label": "Parcel 7", "value": "on its way"}, {"label": "Weight", "value": 2.5}]}


class System(ThreadingHTTPServer):
    """Another system of the house, in the mood that a test wants."""

    daemon_threads = True
    mood = "answers"
    seen: list[tuple[str, str | None]]
    watched: Any = None
    was_held: bool | None = None

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.seen = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: System

    def do_GET(self) -> None:
        self.server.seen.append((self.path, self.headers.get("Authorization")))
        if self.server.watched is not None:
            self.server.was_held = self.server.watched.connection is not None
        getattr(self, f"is_{self.server.mood}")()

    def _send(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def is_answers(self) -> None:
        self._send(json.dumps(CARD | {"url": f"{self.server.url}/7"}).encode())

    def is_empty(self) -> None:
        self._send(b'{"lines": []}')

    def is_broken(self) -> None:
        self._send(b"{}", 500)

    def is_huge(self) -> None:
        self._send(json.dumps(CARD | {"x": "x" * LARGEST}).encode())

    def is_rubbish(self) -> None:
        self._send(b"<html>")

    def is_elsewhere(self) -> None:
        if self.path == "/secret":
            self.is_answers()
        else:
            self._send(b"", 302, Location="/secret")

    def is_silent(self) -> None:
        time.sleep(4)

    def is_dripping(self) -> None:
        """A byte now and then, so that no single reading ever takes long."""
        self.send_response(200)
        self.end_headers()
        for _ in range(40):
            self.wfile.write(b" ")
            self.wfile.flush()
            time.sleep(0.1)

    def is_dripping_headers(self) -> None:
        for _ in range(40):
            self.wfile.write(b"H")
            self.wfile.flush()
            time.sleep(0.1)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:
            """The other side has hung up, as it should."""


@pytest.fixture
def system(settings: Any) -> Iterator[System]:
    server = System()
    settings.OUTSIDE_HOSTS = ["127.0.0.1"]
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def make_source(system: System, **fields: Any) -> OutsideSource:
    fields.setdefault("name", "Parcels")
    fields.setdefault("url", system.url + "/{reference}")
    return OutsideSource.objects.create(**fields)


def make_known(number: str = "A 7/1") -> Customer:
    return make_customer(source="webshop", external_id=number)


def look(
    source: OutsideSource, customer: Customer, role: str = Role.AGENT, status: int = 200, htmx: bool = True
) -> str:
    client = Client()
    client.force_login(make_user(role))
    response = client.get(reverse("outside_card", args=[customer.public_id, source.pk]), headers=HTMX if htmx else {})
    assert response.status_code == status
    return response.content.decode()


def make_old() -> None:
    OutsideCard.objects.update(fetched_at=timezone.now() - timedelta(days=2))


@pytest.mark.django_db
@pytest.mark.parametrize("htmx", [True, False])
def test_a_card_is_shown_and_kept(system: System, monkeypatch: pytest.MonkeyPatch, htmx: bool) -> None:
    monkeypatch.setenv("OUTSIDE_SECRET_PARCELS", "Bearer hush")
    source, customer = make_source(system, header="Authorization", secret="PARCELS"), make_known()
    html = look(source, customer, htmx=htmx)
    assert ("<html" in html) is not htmx
    assert "on its way" in html
    assert "2.5" in html
    assert f'href="{system.url}/7"' in html
    assert "As of" not in html
    assert "hush" not in html
    assert system.seen == [("/A%207%2F1", "Bearer hush")]
    assert Reading.objects.filter(customer_id=customer.pk).count() == 1
    look(source, customer)
    assert len(system.seen) == 1, "what was just said is not asked again"


@pytest.mark.django_db
@pytest.mark.parametrize("mood", ["broken", "huge", "rubbish", "elsewhere"])
def test_what_is_no_card_shows_the_last_one_with_its_time(system: System, mood: str) -> None:
    source, customer = make_source(system), make_known()
    system.mood = mood
    assert "Parcels has not answered." in look(source, customer)
    assert [path for path, _secret in system.seen] == ["/A%207%2F1"], "a way to elsewhere is not taken"
    system.mood = "answers"
    look(source, customer)
    make_old()
    system.mood = mood
    html = look(source, customer)
    then = timezone.localtime(OutsideCard.objects.get().fetched_at)
    assert f"As of {then:%H:%M}, {then.day} {then:%B %Y}." in html
    assert "This is old" in html
    assert "on its way" in html
    system.mood = "empty"
    assert "Nothing is known of them there." in look(source, customer)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("mood", ["silent", "dripping", "dripping_headers"])
def test_who_does_not_answer_is_cut_and_holds_no_connection_of_ours(system: System, mood: str) -> None:
    source, customer = make_source(system), make_known()
    system.mood, system.watched = mood, connections["default"]
    assert "Parcels has not answered." in look(source, customer)
    assert system.was_held is False


def test_no_more_than_four_wait_at_once(system: System) -> None:
    system.mood = "silent"
    place = read_template(system.url + "/{reference}")
    why: list[str] = []

    def call() -> None:
        with pytest.raises(NoAnswer) as caught:
            ask(place, {})
        why.append(str(caught.value))

    callers = [Thread(target=call) for _ in range(6)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert why.count("all lines are held") == 2
    assert why.count("not within two seconds") == 4


@pytest.mark.parametrize(
    "told",
    [
        b"[]",
        b'{"lines": {}}',
        b'{"lines": [1]}',
        b'{"lines": [{"label": 1}]}',
        b"[" * 60000,
        b"\xff",
        b'{"lines": null}',
        b'{"lines": [{"label": "a", "value": ["b"]}]}',
        b'{"lines": [{"label": "a", "value": true}]}',
    ],
)
def test_what_is_not_a_card(told: bytes) -> None:
    with pytest.raises(NoAnswer, match="not a card"):
        read_card(told, Place("https", "erp.example", 443, "/"))


def test_what_is_in_a_card_is_cut_to_its_size_and_leads_nowhere_else() -> None:
    place = Place("https", "erp.example", 443, "/")

    def read(url: Any) -> str:
        return str(read_card(json.dumps({"lines": [], "url": url}).encode(), place)["url"])

    assert read("https://erp.example/7") == "https://erp.example/7"
    for url in (
        "https://evil.example/",
        "http://erp.example/",
        "javascript:alert(1)",
        "https://a@erp.example/",
        7,
        "x:y:z",
    ):
        assert read(url) == ""
    many = {"lines": [{"label": "x" * 100 + "\0", "value": "y\0" * 500}] * 50}
    card = read_card(json.dumps(many).encode(), place)
    assert len(card["lines"]) == 12
    assert card["lines"][0] == {"label": "x" * 60, "value": "y" * 200}


@pytest.mark.parametrize(
    "url",
    [
        "http://erp.example/{reference}",
        "https://erp.example/",
        "ftp://erp.example/{reference}",
        "{reference}",
        "https://",
        "https://{reference}.example/",
        "https://me:secret@erp.example/{reference}",
        "https://erp.example:x/{reference}",
        "https://erp.example/ {reference}",
        "https://erp.example/\r\n{reference}",
        "https://[::1/{reference}",
    ],
)
def test_an_address_that_cannot_be_asked_is_refused(url: str) -> None:
    with pytest.raises(ValidationError):
        OutsideSource(name="x", url=url).clean()


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "10.0.0.1",
        "169.254.169.254",
        "0.0.0.0",
        "100.64.0.1",
        "224.0.0.1",
        "::1",
        "fd00::1",
        "fe80::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "localhost",
    ],
)
def test_the_inside_of_the_house_is_not_asked_unless_the_operator_says_so(host: str, settings: Any) -> None:
    place = Place("https", host, 443, "/")
    with pytest.raises(OSError, match="may not be asked"):
        resolve(place)
    settings.OUTSIDE_HOSTS = [host]
    assert resolve(place)
    settings.OUTSIDE_HOSTS = [f"{host}:8443"]
    with pytest.raises(OSError, match="may not be asked"):
        resolve(place)


@pytest.mark.django_db
def test_who_may_see_a_card(system: System) -> None:
    customer = make_known()
    money, margin, private = (make_source(system, name=shows, shows=shows) for shows in ("money", "margin", "private"))
    leads = make_source(system, name="Leads", roles=[Role.LEAD])
    off = make_source(system, name="Off", is_active=False)
    may = {
        Role.AGENT: {money},
        Role.LEAD: {money, margin, private, leads},
        Role.MANAGER: {money, margin, private},
        Role.ANALYST: {money, margin},
    }
    for role, sources in may.items():
        client = Client()
        client.force_login(make_user(role))
        page = client.get(reverse("contact", args=[customer.public_id])).content.decode()
        for source in (money, margin, private, leads, off):
            assert (f'id="outside-{source.pk}"' in page) is (source in sources), (role, source)
            look(source, customer, role=role, status=200 if source in sources else 404)
    client = Client()
    door = reverse("outside_card", args=[customer.public_id, money.pk])
    assert client.get(door).status_code == 302
    client.force_login(make_user(Role.INTEGRATION))
    assert client.get(door).status_code == 403
    client.force_login(make_user())
    assert client.post(door).status_code == 405


@pytest.mark.django_db
def test_only_who_is_known_there_is_asked_about(
    system: System, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    source = make_source(system, known_from="webshop")
    ours = make_source(system, name="Ours", reference="public")
    nobody, elsewhere, known = make_customer(), make_customer(source="till", external_id="7"), make_known()
    client = Client()
    client.force_login(make_user())
    for customer, knows in ((nobody, False), (elsewhere, False), (known, True)):
        with django_assert_num_queries(3):
            page = client.get(reverse("contact", args=[customer.public_id])).content.decode()
        assert (f'id="outside-{source.pk}"' in page) is knows
        assert f'id="outside-{ours.pk}"' in page
        look(source, customer, status=200 if knows else 404)
    look(ours, nobody)
    assert system.seen[-1][0] == f"/{nobody.public_id}"


@pytest.mark.django_db
def test_a_secret_that_is_not_there_is_not_left_out(system: System) -> None:
    source = make_source(system, header="Authorization", secret="MISSING")
    assert "has not answered" in look(source, make_known())
    assert system.seen == []


@pytest.mark.django_db
def test_it_is_forgotten_with_them_and_stays_where_it_was_asked(system: System) -> None:
    source, one, other = make_source(system), make_known("1"), make_known("2")
    for customer in (one, other):
        look(source, customer)
    merge_customers(survivor=one, absorbed=other, by=None)
    assert set(OutsideCard.objects.values_list("customer", flat=True)) == {one.pk, other.pk}
    erase_customer(customer=one)
    assert not OutsideCard.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"url": "https://erp.example/"}, "outsidesource_asks_about_somebody"),
        ({"header": "Authorization"}, "outsidesource_secret_has_header"),
        ({"secret": "X"}, "outsidesource_secret_has_header"),
        ({"shows": "all"}, "outsidesource_shows_known"),
        ({"reference": "x"}, "outsidesource_reference_known"),
        ({"roles": ["owner"]}, "outsidesource_roles_known"),
    ],
)
def test_the_database_refuses(change: dict[str, Any], name: str) -> None:
    source = OutsideSource.objects.create(name="x", url="https://erp.example/{reference}")
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        OutsideSource.objects.filter(pk=source.pk).update(**change)
    card = OutsideCard.objects.create(source=source, customer=make_customer(), body={})
    with pytest.raises(IntegrityError, match="outsidecard_once"), transaction.atomic():
        OutsideCard.objects.create(source=source, customer=card.customer, body={})


@pytest.mark.django_db
def test_an_administrator_sets_it_up_and_that_is_on_record() -> None:
    client = Client()
    client.force_login(make_user(Role.ADMINISTRATOR))
    told: dict[str, Any] = {
        "name": "Parcels",
        "url": "https://erp.example/{reference}",
        "reference": "external",
        "shows": "money",
    }
    told |= {"roles": ["agent", "lead"], "header": "Authorization", "secret": "PARCELS", "is_active": "on"}
    add = reverse("admin:portal_outsidesource_add")
    assert "Only https" in client.post(add, told | {"url": "http://erp.example/{reference}"}).content.decode()
    assert "Capitals" in client.post(add, told | {"secret": "Bearer abc"}).content.decode()
    assert client.post(add, told).status_code == 302
    source = OutsideSource.objects.get()
    assert source.roles == ["agent", "lead"]
    assert client.post(reverse("admin:portal_outsidesource_change", args=[source.pk]), told | {"shows": "open"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT shows FROM portal_outsidesourceevent ORDER BY pgh_id")
        assert cursor.fetchall() == [("money",), ("open",)]
    assert (
        client.post(reverse("admin:portal_outsidesource_delete", args=[source.pk]), {"post": "yes"}).status_code == 302
    )
