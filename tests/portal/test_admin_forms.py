"""What is saved by the forms of the admin: colleagues, currencies, tasks, hints, touch points."""

import pytest
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from customers.models import Currency, TouchPoint
from portal.audit import note_reading
from portal.models import ApiToken, HintOffer, HintRule, Reading
from portal.roles import Role
from tests.factories import make_customer, make_user, signed_in

pytestmark = pytest.mark.django_db


def test_colleague_is_added_and_changed() -> None:
    client = signed_in(Role.ADMINISTRATOR)
    form = {
        "display_name": "Agent 1",
        "email": "new@house.example",
        "role": "agent",
        "password1": "quite a long test password",
        "password2": "quite a long test password",
        "usable_password": "true",
    }
    response = client.post("/admin/portal/user/add/", form, follow=True)
    assert response.status_code == 200
    from portal.models import User

    assert User.objects.get(email="new@house.example").check_password("quite a long test password")


def test_manager_changes_a_currency_and_a_task() -> None:
    client = signed_in(Role.MANAGER)
    Currency.objects.get_or_create(code="EUR", defaults={"rate": 1})
    assert client.post("/admin/customers/currency/EUR/change/", {"rate": "0.85"}).status_code == 302
    assert str(Currency.objects.get(code="EUR").rate) == "0.85000000"
    # The house's own is worth itself.
    refused = client.post("/admin/customers/currency/GBP/change/", {"rate": "0.85"})
    assert "own currency. It is worth 1." in refused.content.decode()
    assert Currency.objects.get(code="GBP").rate == 1
    every = IntervalSchedule.objects.create(every=7, period="seconds")
    task = PeriodicTask.objects.create(name="A task", task="tests.nothing", interval=every)
    form = {"name": "A task", "task": "tests.nothing", "interval": str(every.pk), "enabled": ""}
    response = client.post(f"/admin/django_celery_beat/periodictask/{task.pk}/change/", form)
    assert response.status_code == 302, response.context["adminform"].form.errors
    task.refresh_from_db()
    assert task.enabled is False
    assert task.task == "tests.nothing"


def test_manager_decides_about_hints() -> None:
    client = signed_in(Role.MANAGER)
    form = {"kind": "service", "words": "lamp, Shades", "text": "Offer to fit it", "is_active": "on"}
    assert client.post("/admin/portal/hintoffer/add/", {**form, "words": "table lamp"}).status_code == 200
    assert client.post("/admin/portal/hintoffer/add/", form).status_code == 302
    assert "lamps" in HintOffer.objects.get().forms
    rule = HintRule.objects.get(kind="perk")
    page = f"/admin/portal/hintrule/{rule.pk}/change/"
    assert client.post(page, {"mode": "pinned", "most": "4"}).status_code == 200
    assert client.post(page, {"mode": "pinned", "most": "2"}).status_code == 302
    rule.refresh_from_db()
    assert (rule.mode, rule.most) == ("pinned", 2)


def test_touch_point_is_added() -> None:
    form = {"name": "Garden", "slug": "garden", "runner": "in_house", "is_active": "on"}
    signed_in(Role.MANAGER).post("/admin/customers/touchpoint/add/", form)
    assert TouchPoint.objects.get(slug="garden").is_active


def test_what_a_token_is_for_is_ticked_and_nothing_else_can_be() -> None:
    client = signed_in(Role.ADMINISTRATOR)
    page = "/admin/portal/apitoken/add/"
    assert "Tell a desk who is on the line" in client.get(page).content.decode()
    form = {
        "name": "Phones",
        "user": str(make_user(Role.INTEGRATION).pk),
        "expires_at_0": "2999-01-01",
        "expires_at_1": "12:00",
    }
    for scopes in ([], ["phone"], ["pops", "everything"]):
        assert client.post(page, {**form, "scopes": scopes}).status_code == 200
    assert client.post(page, {**form, "scopes": ["pops", "read"]}).status_code == 302
    token = ApiToken.objects.get()
    assert token.scopes == ["pops", "read"]


def test_who_read_whom_is_told_by_name_and_found_by_it() -> None:
    agent, customer = make_user(display_name="Agent Lovage"), make_customer(full_name="Customer Sorrel")
    note_reading(user=agent, customers=[customer], door=Reading.Door.CONTACT_VIEW)
    note_reading(user=make_user(display_name="Agent Tansy"), customers=[make_customer()], door=Reading.Door.API)
    Reading.objects.create(user_id=999_001, customer_id=999_002, door=Reading.Door.API)
    client = signed_in(Role.MANAGER)
    page = client.get("/admin/portal/reading/").content.decode()
    for told in ("Agent Lovage", "Customer Sorrel", "Agent Tansy", "(999001)", "(999002)"):
        assert told in page
    for asked in ("lovage", agent.email, "customer sorrel", str(customer.pk)):
        found = client.get("/admin/portal/reading/", {"q": asked}).content.decode()
        assert "Agent Lovage" in found
        assert "Agent Tansy" not in found, asked


@pytest.mark.parametrize("picked", ["null", "[]", "-1", "9" * 30, "٣"])
@pytest.mark.parametrize(("page", "field"), [("tiers/override", "customer"), ("portal/user", "lead")])
def test_who_cannot_be_picked_is_nobody(page: str, field: str, picked: str) -> None:
    """From an address, which anybody may write, and from a form."""
    client, path = signed_in(Role.ADMINISTRATOR), f"/admin/{page}/add/"
    assert client.get(path, {field: picked}).status_code == 200
    answer = client.post(path, {field: picked})
    assert answer.status_code == 200
    assert field in answer.context["adminform"].form.errors


def test_a_customer_is_picked_by_the_address() -> None:
    customer = make_customer(full_name="Wren Picked")
    page = signed_in().get("/admin/tiers/override/add/", {"customer": str(customer.pk)}).content.decode()
    assert f'<option value="{customer.pk}" selected>Wren Picked</option>' in page
