"""What the house says of itself to whoever watches it."""

from collections.abc import Iterator

import psycopg
import pytest
from celery import current_app
from django.db import IntegrityError, connection, transaction
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from portal.health import checks
from portal.models import Heartbeat
from portal.tasks import note_heartbeat
from tests.conftest import Programs, database_url, eventually

# Before anybody collected static files, whitenoise says so once per client.
pytestmark = pytest.mark.filterwarnings("ignore:No directory at:UserWarning")


@pytest.fixture
def with_broker(broker: str, settings: object) -> Iterator[str]:
    """This process's Celery and settings speak to the tests' broker."""
    before = current_app.conf.broker_url
    settings.CELERY_BROKER_URL = broker  # type: ignore[attr-defined]
    current_app.conf.update(broker_url=broker, broker_read_url=None, broker_write_url=None)
    yield broker
    current_app.conf.update(broker_url=before)


def heard(seconds_ago: int) -> None:
    with psycopg.connect(database_url(), autocommit=True) as own:
        own.execute("DELETE FROM portal_heartbeat")
        own.execute(
            "INSERT INTO portal_heartbeat (part, heard_at) VALUES ('worker', now() - make_interval(secs => %s))",
            [seconds_ago],
        )


def test_healthz_asks_nobody(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    """Without the `db` mark any look at the database would fail this test."""
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "alive"}
    assert not answer.cookies
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_can_be_written(client: Client, path: str, method: str) -> None:
    assert getattr(client, method)(path).status_code == 405


@pytest.mark.django_db(transaction=True)
def test_ready_when_all_parts_are(client: Client, with_broker: str) -> None:
    heard(1)
    answer = client.get("/readyz")
    assert answer.json() == {
        "status": "ready",
        "parts": dict.fromkeys(("database", "migrations", "worker", "broker"), "ok"),
    }
    assert answer.status_code == 200
    assert not answer.cookies


@pytest.mark.django_db(transaction=True)
def test_not_ready_before_the_worker_was_heard(client: Client, with_broker: str) -> None:
    Heartbeat.objects.all().delete()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["worker"] == "not heard yet"


@pytest.mark.django_db(transaction=True)
def test_not_ready_when_the_worker_is_silent(client: Client, with_broker: str) -> None:
    heard(61)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["worker"].startswith("last heard 6")


@pytest.mark.django_db(transaction=True)
def test_not_ready_when_a_migration_is_missing(client: Client, with_broker: str) -> None:
    heard(1)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'portal' AND name = '0001_initial' RETURNING applied")
        (applied,) = cursor.fetchone()
    try:
        answer = client.get("/readyz")
    finally:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO django_migrations (app, name, applied) VALUES ('portal', '0001_initial', %s)", [applied]
            )
    assert answer.status_code == 503
    assert answer.json()["parts"]["migrations"] == "1 not applied"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "url",
    [
        "redis://someone:wordofpass@127.0.0.1:1/0",
        "redis+socket:///nowhere/valkey",
        "amqp://someone:wordofpass@127.0.0.1:1//",
    ],
)
def test_not_ready_without_a_broker_and_no_secret_told(
    client: Client, with_broker: str, url: str, settings: object
) -> None:
    heard(1)
    settings.CELERY_BROKER_URL = url  # type: ignore[attr-defined]
    current_app.conf.update(broker_url=url)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"] | {"broker": "ok"} == dict.fromkeys(
        ("database", "migrations", "worker", "broker"), "ok"
    )
    assert answer.json()["parts"]["broker"] == "does not answer"
    assert b"wordofpass" not in answer.content


@pytest.mark.django_db
def test_not_ready_without_a_database(client: Client, with_broker: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that is not there is a state, not an error page."""
    monkeypatch.setitem(connection.settings_dict, "HOST", "/nowhere")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"] == {
        "database": "does not answer",
        "migrations": "unknown",
        "worker": "unknown",
        "broker": "ok",
    }


@pytest.mark.django_db
def test_task_notes_and_notes_again() -> None:
    note_heartbeat()
    first = Heartbeat.objects.get()
    note_heartbeat()
    second = Heartbeat.objects.get()
    assert second.heard_at > first.heard_at


@pytest.mark.django_db
def test_noting_is_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(2):
        with django_assert_num_queries(1):
            note_heartbeat()


@pytest.mark.django_db
def test_database_refuses_unknown_parts() -> None:
    with pytest.raises(IntegrityError, match="heartbeat_part_known"), transaction.atomic():
        Heartbeat.objects.create(part="chimney")


@pytest.mark.django_db(transaction=True)
def test_worker_is_heard_through_the_broker(with_broker: str, start_worker: Programs) -> None:
    """A real message over a real broker to a real worker."""
    start_worker()
    # Not by the pool of this process: it keeps the broker that was asked first, by whatever test.
    with current_app.connection_for_write() as link:
        note_heartbeat.apply_async(connection=link)
    eventually(Heartbeat.objects.exists)
    assert checks.parts()["worker"] == checks.OK
