"""A form whose answer was lost is sent again, and saved once."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers.models import Customer, Incident, Promise
from portal.contact.actions.once import drop_presses
from portal.models import Press, User
from portal.roles import Role
from tests.factories import make_customer, make_interaction, make_touch_point, make_user
from tests.portal.hinting import make_incident
from tests.portal.known import make_override

HTMX = {"HX-Request": "true"}


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def record(
    client: Client, customer: Customer, key: object, text: str = "It came late", **more: str
) -> "tuple[int, str]":
    told = {"text": text, "kind": "late", "severity": "2", "touch_point": make_touch_point().slug, "press": str(key)}
    response = client.post(reverse("incident_record", args=[customer.public_id]), told | more, headers=HTMX)
    return response.status_code, response.content.decode()


def later() -> None:
    """Time goes by: the services themselves would take the same words for something new."""
    Incident.objects.update(happened_at=timezone.now() - timedelta(hours=1))


@pytest.mark.django_db
def test_the_same_form_is_saved_once_however_late_it_comes_again() -> None:
    client, customer, key = signed_in(make_user()), make_customer(), uuid4()
    assert "Written down" in record(client, customer, key)[1]
    later()
    status, html = record(client, customer, key)
    assert status == 200
    assert "saved the first time" in html
    assert 'id="form-incident"' in html, "the form begins afresh, as it would have"
    assert Incident.objects.count() == 1
    # The control: without the key it is taken for something new.
    record(client, customer, "")
    assert Incident.objects.count() == 2


@pytest.mark.django_db
def test_other_words_under_the_key_are_neither_saved_nor_lost_unseen() -> None:
    client, customer, key = signed_in(make_user()), make_customer(), uuid4()
    record(client, customer, key)
    later()
    told = {"text": "It came late, and broken", "kind": "late", "severity": "2", "press": str(key)}
    response = client.post(reverse("incident_record", args=[customer.public_id]), told, headers=HTMX)
    assert response.status_code == 409
    assert "was saved" in response.content.decode()
    assert Incident.objects.get().text == "It came late"
    told |= {"press": response["Press-Key"], "touch_point": make_touch_point().slug}
    client.post(reverse("incident_record", args=[customer.public_id]), told, headers=HTMX)
    assert Incident.objects.count() == 2


@pytest.mark.django_db
def test_a_form_to_be_mended_keeps_its_key_for_when_it_is() -> None:
    client, customer, key = signed_in(make_user()), make_customer(), uuid4()
    assert record(client, customer, key, severity="9")[0] == 422
    assert not Press.objects.exists()
    assert record(client, customer, key)[0] == 200
    assert Incident.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("headers", [HTMX, {}])
def test_a_press_that_was_refused_is_refused_again_and_not_called_saved(headers: dict[str, str]) -> None:
    agent, customer, place = make_user(Role.LEAD), make_customer(), make_touch_point()
    client, whose = signed_in(agent), [customer.public_id]
    make_interaction(customer, agent=agent)
    now = timezone.now()
    before = now - timedelta(hours=1)
    gone = make_interaction(customer, agent=agent, opened_at=before, closed_at=now, note="Rang")
    incident = make_incident(customer, happened_at=before, resolved_at=now, resolution="Sent again")
    make_override(customer)
    ends = (timezone.localdate() + timedelta(days=7)).isoformat()
    decided = {"kind": "floor", "tier": "regular", "reason": "They are kind", "ends_on": ends}
    for address, told, sentence in (
        (reverse("interaction_open", args=whose), {"channel": "phone", "touch_point": place.slug}, "open with them"),
        (reverse("interaction_close", args=[*whose, gone.pk]), {"note": "Wrote"}, "The contact was closed already"),
        (reverse("incident_resolve", args=[*whose, incident.pk]), {"resolution": "Paid"}, "put right already"),
        (reverse("override_set", args=whose), decided, "decided meanwhile"),
    ):
        told["press"] = str(uuid4())
        for _ in range(2):
            page = client.post(address, told, headers=headers, follow=True).content.decode()
            assert sentence in page, address
            assert "saved the first time" not in page, address
    assert not Press.objects.exists()


@pytest.mark.django_db
def test_a_key_is_its_colleagues_own_and_its_forms_own() -> None:
    one, other, customer, key = make_user(), make_user(), make_customer(), uuid4()
    record(signed_in(one), customer, key)
    later()
    record(signed_in(other), customer, key)
    assert Incident.objects.count() == 2
    assert record(signed_in(one), make_customer(), key)[0] == 409, "another customer is another form"
    with pytest.raises(IntegrityError, match="press_once"), transaction.atomic():
        Press.objects.create(colleague=one, key=key, digest=b"x")


@pytest.mark.django_db
def test_no_words_are_kept_and_old_keys_go() -> None:
    client, customer, key = signed_in(make_user()), make_customer(), uuid4()
    record(client, customer, key, text="Kanarienvogel")
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(portal_press)::text FROM portal_press")
        assert "Kanarien" not in cursor.fetchone()[0]
    assert drop_presses() == 0
    Press.objects.update(pressed_at=timezone.now() - timedelta(days=8))
    assert drop_presses() == 1


@pytest.mark.django_db
def test_each_drawing_of_a_form_has_a_key_of_its_own() -> None:
    client, customer = signed_in(make_user()), make_customer()
    page = reverse("contact", args=[customer.public_id])
    keys = [re.findall(r'name="press" value="([0-9a-f-]{36})"', client.get(page).content.decode()) for _ in range(2)]
    assert len(set(keys[0] + keys[1])) == len(keys[0]) * 2 >= 10


@pytest.mark.django_db(transaction=True)
def test_both_at_the_same_moment_are_saved_once() -> None:
    user, customer, key = make_user(), make_customer(), uuid4()
    make_touch_point()
    at_once = Barrier(2)

    def press(text: str) -> int:
        client = signed_in(user)
        at_once.wait()
        try:
            return record(client, customer, key, text=text)[0]
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(press, ["It came late", "It came late"]))
    assert answers == [200, 200]
    assert Incident.objects.count() == 1
    assert not Promise.objects.exists()
