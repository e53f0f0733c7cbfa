"""Giving on the customer's page and answering on the desk: what is offered, refused, masked, and done once."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from customers.models import Customer, Gesture, Incident, Letter
from customers.services.merges import merge_customers
from feedback.enums import Confirming, RequestState
from feedback.models import Cause, GestureKind, GestureRequest, GivingAllowance, GivingEntry, GivingMonth
from feedback.selectors.giving import this_month
from feedback.services.giving import give_gesture, take_back
from feedback.services.giving_requests import lapse_requests, withdraw_request
from feedback.starter import ensure_causes
from portal import roles
from portal.contact.parts.gestures import offered
from portal.models import User
from portal.roles import Role
from tests.factories import make_customer, make_email, make_interaction, make_touch_point, make_user
from tests.feedback.giving_makers import SENTENCE, allow, make_asked, make_given, make_giver, make_kind, make_lead
from tests.portal.worlds import give_tier, make_tiers, make_world

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
DOORS = ("gesture_give", "gesture_take_back", "gesture_withdraw", "gesture_answer")


class Scene:
    """An agent who may give, their lead, a customer, and one of each thing that can be pressed."""

    def __init__(self) -> None:
        GestureKind.objects.all().delete()
        GivingAllowance.objects.all().delete()
        self.lead = make_lead(display_name="Lead 1")
        self.agent = make_giver(lead=self.lead, display_name="Agent 1")
        self.customer = make_customer()
        self.kind = make_kind()
        self.asked = make_asked(self.agent, customer=self.customer)
        self.given = make_given(self.customer)
        Gesture.objects.filter(pk=self.given.pk).update(given_by=self.agent)

    def url(self, name: str, customer: Customer | None = None) -> str:
        whose = (customer or self.customer).public_id
        return {
            "gesture_give": lambda: reverse(name, args=[whose]),
            "gesture_take_back": lambda: reverse(name, args=[whose, self.given.pk]),
            "gesture_withdraw": lambda: reverse(name, args=[whose, self.asked.pk]),
            "gesture_answer": lambda: reverse(name, args=[self.asked.pk]),
        }[name]()

    def data(self, name: str) -> dict[str, str]:
        return {
            "gesture_give": {"kind": str(self.kind.pk), "words": "For the wait"},
            "gesture_answer": {"answer": "yes", "words": "Of course"},
        }.get(name, {})

    def who(self, name: str) -> User:
        return self.lead if name == "gesture_answer" else self.agent

    def facts(self) -> list[object]:
        rows: list[object] = []
        for model in (Gesture, GivingEntry, GestureRequest, Letter):
            rows += model.objects.order_by("pk").values_list()
        return rows


@pytest.fixture
def scene() -> Scene:
    return Scene()


def page(client: Client, user: User, customer: Customer) -> str:
    client.force_login(user)
    response = client.get(reverse("contact", args=[customer.public_id]))
    assert response.status_code == 200
    return response.content.decode()


# --- the four refusals, for each write ---------------------------------------------------------------


@pytest.mark.parametrize("name", DOORS)
def test_a_write_is_a_post_of_somebody_who_may(client: Client, scene: Scene, name: str) -> None:
    before = scene.facts()
    response = client.post(scene.url(name), scene.data(name))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))
    client.force_login(scene.who(name))
    assert client.get(scene.url(name)).status_code == 405
    for role in (Role.ANALYST, Role.INTEGRATION, *([Role.AGENT] if name == "gesture_answer" else [])):
        client.force_login(make_user(role))
        assert client.post(scene.url(name), scene.data(name)).status_code == 403
    assert scene.facts() == before


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("name", DOORS)
def test_a_second_press_changes_nothing(client: Client, scene: Scene, name: str, htmx: bool) -> None:
    client.force_login(scene.who(name))
    headers, before = (HTMX if htmx else {}), scene.facts()
    statuses = []
    for _ in "12":
        statuses.append(client.post(scene.url(name), scene.data(name), headers=headers).status_code)
        if len(statuses) == 1:
            after = scene.facts()
    assert after != before
    assert scene.facts() == after
    assert set(statuses) == {200 if htmx and name != "gesture_answer" else 302}


@pytest.mark.parametrize("name", ["gesture_take_back", "gesture_withdraw"])
def test_another_customers_thing_is_not_here(client: Client, scene: Scene, name: str) -> None:
    client.force_login(scene.agent)
    assert client.post(scene.url(name, make_customer())).status_code == 404


def test_a_colleagues_request_and_gesture_are_theirs(client: Client, scene: Scene) -> None:
    client.force_login(make_giver())
    before = scene.facts()
    assert client.post(scene.url("gesture_withdraw")).status_code == 403
    html = client.post(scene.url("gesture_take_back"), headers=HTMX).content.decode()
    assert "Only whoever gave it" in html
    assert scene.facts() == before


# --- the form ------------------------------------------------------------------------------------------


def test_what_fits_is_offered_with_what_it_takes(client: Client, scene: Scene) -> None:
    tiers = make_tiers()
    ensure_causes()
    give_tier(scene.customer, tiers[0])
    make_kind("For others").tiers.set(tiers[1:])
    make_kind("For theirs", 30, position=3).tiers.set(tiers[:1])
    make_kind("For late", 4, position=4).causes.set([Cause.objects.get(name="Parcel came late")])
    make_kind("For broken", position=5).causes.set(Cause.objects.filter(incident_kind="broken"))
    make_kind("Old", is_active=False)
    Incident.objects.create(customer=scene.customer, kind="late", touch_point=make_touch_point(), text="Late")
    html = page(client, scene.agent, scene.customer)
    select = html[html.index('name="kind"', html.index('id="form-gesture"')) :]
    select = select[: select.index("</select>")]
    assert 'label="Fits"' in select
    assert "For others" not in select
    assert ">Old" not in select
    order = ["For late (£4.00)<", "Flowers (£20.00)<", "For theirs (£30.00), ask a lead<", "For broken (£20.00)<"]
    places = [select.index(text) for text in order]
    assert places == sorted(places)
    assert select.index("Meant for something else") > places[2]
    assert "You may give £50.00 more this month, £25.00 at a time. Above that, a lead is asked." in html
    assert "Ask Lead 1" in html
    assert 'data-key="g" aria-keyshortcuts="g"' in html


@pytest.mark.parametrize(
    ("lead", "asks"),
    [({}, "Ask Lead 1"), ({"is_active": False}, "Ask a lead"), ({"role": Role.AGENT}, "Ask a lead")],
)
def test_nobody_is_sent_to_a_colleague_who_may_not_answer(
    client: Client, scene: Scene, lead: dict[str, Any], asks: str
) -> None:
    User.objects.filter(pk=scene.lead.pk).update(**lead)
    html = page(client, scene.agent, scene.customer)
    assert [words for words in ("Ask Lead 1", "Ask a lead") if f">{words}</button>" in html] == [asks]
    request = GestureRequest.objects.answerable_by(User.objects.get(pk=scene.lead.pk))
    assert request.filter(pk=scene.asked.pk).exists() is (asks == "Ask Lead 1")


def test_what_can_be_taken_back_is_theirs_and_not_taken_back_yet(scene: Scene) -> None:
    elsewhere = make_given(make_customer())
    Gesture.objects.filter(pk=elsewhere.pk).update(given_by=scene.agent)

    def shown() -> list[int]:
        return [row.pk for row in offered(user=scene.agent, customer=scene.customer).given]

    assert shown() == [scene.given.pk]
    assert take_back(gesture=scene.given, by=scene.lead)
    assert shown() == []


def test_what_was_given_last_month_is_not_out_of_this_one(scene: Scene) -> None:
    give_gesture(customer=scene.customer, kind=scene.kind, by=scene.agent)

    def left() -> Decimal | None:
        purse = offered(user=scene.agent, customer=scene.customer).purse
        return purse.left if purse else None

    assert left() == 30
    last = this_month() - timedelta(days=1)
    GivingMonth.objects.filter(agent=scene.agent).update(month=last.replace(day=1))
    assert left() == 50


def test_what_is_meant_for_a_touch_point_comes_when_they_call_there(client: Client, scene: Scene) -> None:
    scene.kind.touch_points.set([make_touch_point("shop")])
    make_kind("Tea", 1, position=9)
    assert page(client, scene.agent, scene.customer).index(">Tea") < page(client, scene.agent, scene.customer).index(
        ">Flowers ("
    )
    make_interaction(scene.customer, agent=scene.agent, touch_point=make_touch_point("shop"))
    html = page(client, scene.agent, scene.customer)
    assert html.index(">Flowers (") < html.index(">Tea")


def test_it_is_given_and_stands_on_the_page(client: Client, scene: Scene) -> None:
    make_email(scene.customer)
    GestureKind.objects.filter(pk=scene.kind.pk).update(confirming=Confirming.SERVICE, words=SENTENCE)
    talk = make_interaction(scene.customer, agent=scene.agent)
    client.force_login(scene.agent)
    data = {**scene.data("gesture_give"), "cost": "12.50", "letter": "on"}
    html = client.post(scene.url("gesture_give"), data, headers=HTMX).content.decode()
    assert "Given, and a letter to them is on its way." in html
    assert "Given: Flowers: For the wait (£12.50)." in html
    assert "£37.50 more this month" in html
    assert 'id="giving" hx-swap-oob="true"' in html
    gesture = Gesture.objects.get(interaction=talk)
    assert (gesture.cost, gesture.given_by) == (Decimal("12.50"), scene.agent)
    assert Letter.objects.get().subject_key == str(gesture.pk)


@pytest.mark.parametrize("htmx", [False, True])
def test_what_is_too_much_leads_to_the_key_that_asks(client: Client, scene: Scene, htmx: bool) -> None:
    client.force_login(scene.agent)
    data = {**scene.data("gesture_give"), "cost": "26", "words": "A long wait"}
    before = scene.facts()
    response = client.post(scene.url("gesture_give"), data, headers=HTMX if htmx else {})
    html = response.content.decode()
    assert response.status_code == 422
    assert "more than you may give at a time without asking. Press “Ask” and a lead decides." in html
    assert "A long wait" in html
    if htmx:
        assert '"gesture-ask"' in response["HX-Trigger-After-Settle"]
    assert scene.facts() == before
    response = client.post(scene.url("gesture_give"), {**data, "ask": "yes"}, headers=HTMX)
    assert "Asked. The answer comes to your desk, and here." in response.content.decode()
    request = GestureRequest.objects.get(kind=scene.kind)
    assert (request.cost, request.reason, request.agent) == (26, "A long wait", scene.agent)
    response = client.post(scene.url("gesture_give"), {**data, "ask": "yes"}, headers=HTMX)
    assert "asked already" in response.content.decode()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"kind": "0"}, "not offered to them any more"),
        ({"kind": "x\0"}, "not offered to them any more"),
        ({}, "There is nothing to give yet"),
        ({"kind": "it", "cost": "-1"}, "greater than or equal to 0"),
        ({"kind": "it", "cost": "1.001"}, "no more than 2 decimal places"),
        ({"kind": "it", "cost": "101"}, "may not cost so much"),
        ({"kind": "it", "words": "x" * 201}, "at most 200 characters"),
        ({"kind": "it", "ask": "yes"}, "Say what it is for"),
    ],
)
def test_what_needs_mending_is_said_in_the_form(client: Client, scene: Scene, data: dict[str, str], said: str) -> None:
    client.force_login(scene.agent)
    before = scene.facts()
    sent = {name: str(scene.kind.pk) if value == "it" else value for name, value in data.items()}
    response = client.post(scene.url("gesture_give"), sent, headers=HTMX)
    html = response.content.decode()
    assert response.status_code == 422
    assert said in html
    assert 'id="form-gesture" open' in html
    assert scene.facts() == before


def test_a_kind_that_is_retired_while_the_form_is_open_is_not_given(client: Client, scene: Scene) -> None:
    client.force_login(scene.agent)
    GestureKind.objects.filter(pk=scene.kind.pk).update(is_active=False)
    response = client.post(scene.url("gesture_give"), scene.data("gesture_give"), headers=HTMX)
    assert response.status_code == 422
    assert "not offered to them any more" in response.content.decode()


def test_a_tier_that_changes_while_the_form_is_open_counts(client: Client, scene: Scene) -> None:
    tiers = make_tiers()
    scene.kind.tiers.set(tiers[:1])
    give_tier(scene.customer, tiers[0])
    assert "Flowers (" in page(client, scene.agent, scene.customer)
    scene.customer.standings.update(valid_until=Now() - timedelta(days=100))
    give_tier(scene.customer, tiers[1], days=100)
    response = client.post(scene.url("gesture_give"), scene.data("gesture_give"), headers=HTMX)
    assert response.status_code == 422
    assert not Gesture.objects.filter(what__startswith="Flowers").exists()


def test_a_mistake_is_taken_back_from_the_page(client: Client, scene: Scene) -> None:
    assert "Hamper: A hard week (£20.00)" in page(client, scene.agent, scene.customer)
    html = client.post(scene.url("gesture_take_back"), headers=HTMX).content.decode()
    assert "Taken back. It does not count any more." in html
    assert "Hamper: A hard week (£20.00)" not in html
    scene.given.refresh_from_db()
    assert scene.given.taken_back_at


# --- the lead's desk -----------------------------------------------------------------------------------


def test_a_lead_is_asked_on_their_desk_and_the_agent_hears_the_answer(client: Client, scene: Scene) -> None:
    client.force_login(scene.lead)
    html = client.get("/").content.decode()
    for said in ("They ask you", scene.customer.full_name, "Weekend: A hard week", "£60.00", "£500.00 are left"):
        assert said in html
    client.post(scene.url("gesture_answer"), scene.data("gesture_answer"))
    assert "They ask you" not in client.get("/").content.decode()
    client.force_login(scene.agent)
    html = client.get("/").content.decode()
    assert "What you asked for" in html
    assert "Granted" in html
    assert "Lead 1 said yes: Weekend (£60.00). “Of course”" in page(client, scene.agent, scene.customer)


def test_no_is_an_answer_too(client: Client, scene: Scene) -> None:
    client.force_login(scene.lead)
    client.post(scene.url("gesture_answer"), {"answer": "no", "words": "Not this time"})
    assert "Lead 1 said no: Weekend (£60.00). “Not this time”" in page(client, scene.agent, scene.customer)
    assert not Gesture.objects.filter(what__startswith="Weekend").exists()


def test_a_lead_above_their_own_limits_is_told(client: Client, scene: Scene) -> None:
    allow(scene.lead, 59, 500)
    client.force_login(scene.lead)
    data = {"answer": "yes", "words": "Of course"}
    html = client.post(scene.url("gesture_answer"), data, follow=True).content.decode()
    assert "more than you may give at a time" in html
    assert "You had written: “Of course”" in html
    assert "They ask you" in html


def test_of_two_leads_the_second_hears_what_the_first_said_and_keeps_their_words(client: Client, scene: Scene) -> None:
    client.force_login(scene.lead)
    client.post(scene.url("gesture_answer"), {"answer": "no", "words": "Not this time"})
    # The same press twice has lost nothing.
    again = client.post(scene.url("gesture_answer"), {"answer": "no", "words": "Not  this time"}, follow=True)
    assert "That was answered already: Lead 1 said no. “Not this time”" in again.content.decode()
    assert "You had written" not in again.content.decode()
    client.force_login(make_user(Role.MANAGER))
    late = client.post(scene.url("gesture_answer"), {"answer": "yes", "words": "With all my heart"}, follow=True)
    html = late.content.decode()
    assert "Lead 1 said no. “Not this time” You had written: “With all my heart”" in html
    assert not Gesture.objects.filter(what__startswith="Weekend").exists()


@pytest.mark.parametrize(
    ("state", "said"),
    [("withdrawn", "Agent 1 has withdrawn it meanwhile."), ("lapsed", "Nobody answered in time.")],
)
def test_what_waits_no_longer_says_why(client: Client, scene: Scene, state: str, said: str) -> None:
    if state == "withdrawn":
        withdraw_request(request=scene.asked, by=scene.agent)
    else:
        GestureRequest.objects.update(asked_at=Now() - timedelta(days=3), lapses_at=Now() - timedelta(days=1))
        lapse_requests()
    client.force_login(scene.lead)
    html = client.post(scene.url("gesture_answer"), {"answer": "yes", "words": "Of course"}, follow=True)
    assert f"{said} You had written: “Of course”" in html.content.decode()


@pytest.mark.parametrize("amounts", [None, (0, 500), (100, 0)])
@pytest.mark.parametrize("sees_money", [True, False])
def test_whoever_has_no_amount_is_told_so_and_can_say_no_alone(
    client: Client,
    scene: Scene,
    amounts: tuple[int, int] | None,
    sees_money: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not sees_money:
        hidden = roles.PERMISSIONS[Role.ADMINISTRATOR] - {"customers.view_money"}
        monkeypatch.setitem(roles.PERMISSIONS, Role.ADMINISTRATOR, hidden)
    somebody = make_user(Role.ADMINISTRATOR)
    if amounts:
        allow(somebody, *amounts)
    client.force_login(somebody)
    html = client.get("/").content.decode()
    assert "You have no amount to give from" in html
    assert "are left" not in html
    assert "Yes, give it" not in html
    assert client.post(scene.url("gesture_answer"), {"answer": "yes"}, follow=True).status_code == 200
    # What costs nothing is given without one.
    GestureRequest.objects.update(cost=0)
    assert "Yes, give it" in client.get("/").content.decode()
    client.post(scene.url("gesture_answer"), {"answer": "yes"})
    assert GestureRequest.objects.get().state == RequestState.GRANTED


def test_a_lead_whose_month_is_spent_keeps_both_answers(client: Client, scene: Scene) -> None:
    allow(scene.lead, 60, 60)
    client.force_login(scene.lead)
    client.post(scene.url("gesture_answer"), {"answer": "yes"})
    make_asked(scene.agent)
    html = client.get("/").content.decode()
    assert "£0.00 are left" in html
    assert "Yes, give it" in html
    assert "You have no amount" not in html


def test_what_was_asked_for_twice_says_so(client: Client, scene: Scene) -> None:
    other = make_asked(make_giver(lead=scene.lead, display_name="Agent 2"), kind=scene.asked.kind)
    merge_customers(survivor=scene.customer, absorbed=other.customer, by=None)
    html = page(client, other.agent, scene.customer)
    assert "Agent 1 has asked for: Weekend (£60.00). No answer yet." in html
    assert "Asked for twice: Weekend (£60.00). This customer is here only once now" in html
    assert "Asked for twice" in client.get("/").content.decode()
    client.force_login(scene.lead)
    late = client.post(reverse("gesture_answer", args=[other.pk]), {"answer": "yes", "words": "Of course"}, follow=True)
    assert "the other request stands. You had written: “Of course”" in late.content.decode()


@pytest.mark.parametrize("answer", ["", "perhaps"])
def test_a_lead_says_yes_or_no(client: Client, scene: Scene, answer: str) -> None:
    client.force_login(scene.lead)
    assert client.post(scene.url("gesture_answer"), {"answer": answer}).status_code == 400


def test_what_another_team_asks_is_not_here(client: Client, scene: Scene) -> None:
    client.force_login(make_lead())
    assert client.post(scene.url("gesture_answer"), {"answer": "yes"}).status_code == 404


# --- money, and what it costs to look --------------------------------------------------------------------


def test_amounts_are_masked_without_the_permission(
    client: Client, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    for role in (Role.AGENT, Role.LEAD):
        monkeypatch.setitem(roles.PERMISSIONS, role, roles.PERMISSIONS[role] - {"customers.view_money"})
    html = page(client, scene.agent, scene.customer) + client.get("/").content.decode()
    client.force_login(scene.lead)
    html += client.get("/").content.decode()
    for amount in ("20.00", "60.00", "25.00", "50.00", "500.00"):
        assert amount not in html
    assert "Flowers" in html
    client.force_login(scene.agent)
    assert client.post(scene.url("gesture_give"), scene.data("gesture_give")).status_code == 302
    assert Gesture.objects.get(what__startswith="Flowers").cost == 20


def test_who_gives_nothing_sees_no_form(client: Client, scene: Scene) -> None:
    html = page(client, make_user(Role.ANALYST), scene.customer)
    assert 'id="form-gesture"' not in html


@pytest.mark.parametrize("many", [1, 3])
def test_three_queries_whatever_is_given(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, many: int
) -> None:
    agent = make_giver()
    customer = make_world(agent)
    ensure_causes()
    for number in range(many):
        make_kind(f"Kind {number}").causes.set(Cause.objects.filter(incident_kind="late"))
        make_asked(agent, customer=customer, kind=make_kind(f"Asked {number}", 60))
        make_given(customer, Decimal(number))
    client.force_login(agent)
    with django_assert_num_queries(3):
        client.get(reverse("contact", args=[customer.public_id]))


@pytest.mark.parametrize("many", [1, 3])
def test_desk_of_a_lead(client: Client, django_assert_num_queries: DjangoAssertNumQueries, many: int) -> None:
    lead = make_lead()
    for _ in range(many):
        make_asked(make_giver(lead=lead))
    client.force_login(lead)
    client.get("/")
    with django_assert_num_queries(11):
        client.get("/")


def test_the_sample_of_the_letter_is_in_the_admin(client: Client) -> None:
    client.force_login(make_user(Role.MANAGER))
    for language, said in (("en", "Flowers are on their way"), ("ar", "الأزهار")):
        sample: Any = client.get(reverse("admin:customers_letter_sample", args=["feedback.gesture", language]))
        assert said in sample.content.decode()


def test_a_manager_writes_a_kind_and_an_amount(client: Client) -> None:
    client.force_login(make_user(Role.MANAGER))
    form = {
        "name": "Cake",
        "usual_cost": "5",
        "highest_cost": "9",
        "confirming": "treat",
        "position": "1",
        "is_active": "on",
    }
    url = reverse("admin:feedback_gesturekind_add")
    refused = client.post(url, form)
    assert "The letter needs a sentence" in refused.content.decode()
    assert (
        client.post(url, {**form, "words_en": "A cake is on its way.", "words_de": " Ein  Kuchen "}).status_code == 302
    )
    kind = GestureKind.objects.get(name="Cake")
    assert kind.words == {"en": "A cake is on its way.", "de": "Ein Kuchen"}
    change = reverse("admin:feedback_gesturekind_change", args=[kind.pk])
    assert "Ein Kuchen" in client.get(change).content.decode()
    GivingAllowance.objects.all().delete()
    url = reverse("admin:feedback_givingallowance_add")
    assert client.post(url, {"role": "agent", "per_month": "5"}).status_code == 200
    assert client.post(url, {"role": "owner", "per_gesture": "1", "per_month": "5"}).status_code == 200
    assert client.post(url, {"role": "agent", "per_gesture": "1", "per_month": "5"}).status_code == 302
    assert GivingAllowance.objects.get().per_month == 5
