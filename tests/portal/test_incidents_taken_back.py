"""What went wrong, and was written down by mistake: of somebody else, or twice."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers.models import Customer, Incident, TakenBackIncident, Touch
from portal.models import Pin, User
from portal.roles import Role
from tests.factories import make_customer, make_touch_point, make_user

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
MISTAKE = {"resolution": "", "mistake": "yes"}
NOT_THEIRS = "Only whoever wrote it down, within a day, or a lead can take it back."


@pytest.fixture
def agent() -> User:
    return make_user()


@pytest.fixture
def customer() -> Customer:
    return make_customer()


def wrong(customer: Customer, by: User | None, days: float = 0.0) -> Incident:
    return Incident.objects.create(
        customer=customer,
        kind="late",
        touch_point=make_touch_point("delivery"),
        text="The parcel came late",
        recorded_by=by,
        happened_at=timezone.now() - timedelta(days=days),
    )


def door(incident: Incident, customer: Customer | None = None) -> str:
    return reverse("incident_resolve", args=[(customer or incident.customer).public_id, incident.pk])


def page(client: Client, customer: Customer) -> str:
    return client.get(reverse("contact", args=[customer.public_id])).content.decode()


@pytest.mark.parametrize("htmx", [False, True])
def test_who_wrote_it_takes_it_back_and_nothing_is_owed(
    client: Client, agent: User, customer: Customer, htmx: bool
) -> None:
    incident = wrong(customer, agent)
    url = door(incident)
    client.force_login(agent)
    before = page(client, customer)
    assert "The parcel came late" in before
    assert "Written by mistake" in before
    Touch.objects.all().delete()
    headers = HTMX if htmx else {}
    first = client.post(url, MISTAKE, headers=headers)
    assert first.status_code == (200 if htmx else 302)
    kept = TakenBackIncident.objects.get()
    assert (kept.customer, kept.text, kept.recorded_by, kept.taken_back_by) == (customer, incident.text, agent, agent)
    assert kept.happened_at == incident.happened_at
    assert not Incident.objects.exists()
    assert Touch.objects.filter(customer=customer).exists(), "their tier is looked at anew"
    told = page(client, customer)
    assert ("It does not count any more." in told) is not htmx, "said at once where there is script"
    assert "The parcel came late" not in told
    assert "We owe them nothing" in told
    again = client.post(url, MISTAKE, headers=headers, follow=True)
    assert again.status_code == 200
    assert "That was taken back already" in again.content.decode()
    assert TakenBackIncident.objects.count() == 1


@pytest.mark.parametrize("htmx", [False, True])
def test_a_colleagues_or_an_old_one_is_a_leads_to_take_back(
    client: Client, agent: User, customer: Customer, htmx: bool
) -> None:
    headers = HTMX if htmx else {}
    client.force_login(agent)
    for incident in (wrong(customer, make_user()), wrong(customer, None), wrong(customer, agent, days=1.1)):
        answer = client.post(door(incident), MISTAKE | {"resolution": "Not hers"}, headers=headers)
        html = answer.content.decode()
        assert NOT_THEIRS in html
        assert "Not hers" in html, "what was written is still there"
        assert Incident.objects.filter(pk=incident.pk).exists()
    assert not TakenBackIncident.objects.exists()
    client.force_login(make_user(Role.LEAD))
    for incident in Incident.objects.all():
        client.post(door(incident), MISTAKE, headers=headers)
    assert TakenBackIncident.objects.count() == 3


def test_what_was_put_right_can_be_a_mistake_too(client: Client, agent: User, customer: Customer) -> None:
    incident = wrong(customer, agent)
    client.force_login(agent)
    client.post(door(incident), {"resolution": "Sent again"})
    client.post(door(incident), MISTAKE)
    kept = TakenBackIncident.objects.get()
    assert kept.resolution == "Sent again"
    assert kept.resolved_at


def test_what_was_taken_back_cannot_be_put_right(client: Client, agent: User, customer: Customer) -> None:
    incident = wrong(customer, agent)
    url = door(incident)
    client.force_login(agent)
    client.post(url, MISTAKE)
    assert client.post(url, {"resolution": "Sent again"}).status_code == 404
    assert not Incident.objects.exists()


def test_another_customers_is_not_here(client: Client, agent: User, customer: Customer) -> None:
    incident = wrong(customer, agent)
    client.force_login(agent)
    elsewhere, here = door(incident, make_customer()), door(incident)
    assert client.post(elsewhere, MISTAKE).status_code == 404
    client.post(here, MISTAKE)
    assert client.post(elsewhere, MISTAKE).status_code == 404


@pytest.mark.parametrize("role", [Role.ANALYST, Role.INTEGRATION])
def test_who_may_not_write_takes_nothing_back(client: Client, agent: User, customer: Customer, role: Role) -> None:
    incident = wrong(customer, agent)
    client.force_login(make_user(role))
    assert client.post(door(incident), MISTAKE).status_code == 403
    assert Incident.objects.exists()


def test_its_pin_ends_with_it(client: Client, agent: User, customer: Customer) -> None:
    incident, other = wrong(customer, agent), wrong(make_customer(), agent)
    for one in (incident, other):
        Pin.objects.create(customer=one.customer, kind="incident", row=one.pk, pinned_by=make_user())
    client.force_login(agent)
    client.post(door(incident), MISTAKE)
    assert Pin.objects.get(unpinned_at=None).row == other.pk
    assert Pin.objects.get(unpinned_at__isnull=False).unpinned_by == agent
