"""What was shown is kept with the contact, and so is what a colleague says became of it."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from customers.models import Customer, Interaction, Preference
from customers.services.consents import note_consent
from portal import roles
from portal.hints.counting import rebuild_arms
from portal.hints.pressing import press_hint
from portal.models import HintArm, HintPress, HintRule, HintShown, Reading, User
from portal.roles import Role
from tests.factories import make_customer, make_interaction, make_touch_point, make_user
from tests.portal.hinting import hints_of, look
from tests.portal.known import with_token
from tiers.models import PerkUse

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


# --- what is kept --------------------------------------------------------------------------------------------------


def test_what_is_shown_is_kept_once_with_the_contact_in_one_statement(
    agent: User, rich: Customer, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    talk = make_interaction(rich, agent=agent)
    client.force_login(agent)
    for queries in (4, 3):
        with django_assert_num_queries(queries):
            look(client, rich)
    rows = list(HintShown.objects.order_by("rank"))
    assert [row.rank for row in rows] == [1, 2, 3]
    assert {(row.interaction, row.customer_id, row.situation) for row in rows} == {(talk, rich.pk, "owed-spoken")}
    assert {row.seed for row in rows} == {f"contact-{talk.pk}"}
    assert all(0 < row.propensity <= 1 and 0 <= row.score <= 1 and row.key and row.text for row in rows)
    assert Reading.objects.count() == 2
    assert sum(HintArm.objects.values_list("shown", flat=True)) == 3


def test_without_an_open_contact_nothing_is_kept_and_nothing_can_be_said(
    agent: User, rich: Customer, client: Client
) -> None:
    make_interaction(rich, agent=make_user())
    client.force_login(agent)
    html = look(client, rich)
    assert "Her vase broke" in html
    assert 'data-key="u"' not in html
    assert not HintShown.objects.exists()


def test_a_part_that_does_not_draw_hints_notes_none(agent: User, rich: Customer, client: Client) -> None:
    make_interaction(rich, agent=agent)
    client.force_login(agent)
    page = reverse("contact", args=[rich.public_id])
    assert client.get(f"{page}?before=20260101T000000.0-1-1", headers=HTMX).status_code == 200
    assert client.post(reverse("promise_make", args=[rich.public_id]), {}, headers=HTMX).status_code == 422
    assert not HintShown.objects.exists()
    assert Reading.objects.count() == 2


def test_a_reload_reshuffles_nothing_whatever_others_press(agent: User, rich: Customer, client: Client) -> None:
    make_interaction(rich, agent=agent)
    client.force_login(agent)
    look(client, rich)
    before = [hint.key for hint in hints_of(rich, agent).shown]
    for arm in HintArm.objects.all():
        HintArm.objects.filter(pk=arm.pk).update(shown=9000, used=9000 * (arm.kind == before[-1].split(":")[0]))
    assert [hint.key for hint in hints_of(rich, agent).shown] == before
    assert not any(hint.is_new for hint in hints_of(rich, agent).shown)


def test_what_goes_wrong_during_the_contact_brings_its_hints(agent: User, client: Client) -> None:
    customer, place = make_customer(), make_touch_point()
    make_interaction(customer, agent=agent)
    client.force_login(agent)
    assert "Make it good" not in look(client, customer)
    data = {"text": "Too late", "kind": "late", "severity": "2", "touch_point": place.slug}
    html = client.post(reverse("incident_record", args=[customer.public_id]), data, headers=HTMX).content.decode()
    assert "Make it good with a gesture: " in html
    assert 'id="hints" hx-swap-oob="true"' in html
    assert HintShown.objects.get().kind == "gesture"


# --- saying what became of it ----------------------------------------------------------------------------------------


class Scene:
    """A colleague in a contact, with three hints before them."""

    def __init__(self, agent: User, customer: Customer, client: Client) -> None:
        self.agent, self.customer, self.client = agent, customer, client
        self.talk = make_interaction(customer, agent=agent)
        client.force_login(agent)
        look(client, customer)

    def row(self, kind: str = "gesture") -> HintShown:
        return HintShown.objects.get(interaction=self.talk, kind=kind)

    def url(self, row: HintShown | None = None) -> str:
        return reverse("hint_press", args=[self.customer.public_id, (row or self.row()).key])

    def press(self, outcome: str, row: HintShown | None = None, **more: Any) -> Any:
        return self.client.post(self.url(row), {"outcome": outcome}, **more)

    def counts(self, kind: str = "gesture") -> tuple[int, ...]:
        arms = HintArm.objects.filter(kind=kind, situation="owed-spoken")
        return arms.values_list("shown", "used", "not_relevant", "wrong").get()


@pytest.fixture
def scene(agent: User, rich: Customer, client: Client) -> Scene:
    HintRule.objects.filter(kind="gesture").update(mode="pinned")
    return Scene(agent, rich, client)


@pytest.mark.parametrize("outcome", ["used", "not_relevant", "wrong"])
@pytest.mark.parametrize("htmx", [False, True])
def test_a_press_is_kept_once_and_learned(scene: Scene, outcome: str, htmx: bool) -> None:
    headers = HTMX if htmx else {}
    row = scene.row()
    for _ in range(2):
        response = scene.press(outcome, row, headers=headers)
        assert response.status_code == (200 if htmx else 302)
    press = HintPress.objects.get()
    assert (press.shown, press.outcome, press.by) == (row, outcome, scene.agent)
    assert scene.row().outcome == outcome
    learned = {"used": (1, 1, 0, 0), "not_relevant": (1, 0, 1, 0), "wrong": (1, 0, 0, 1)}
    assert scene.counts() == learned[outcome]
    hints = hints_of(scene.customer, scene.agent)
    assert row.key not in {hint.key for hint in hints.shown}
    assert [one.key for one in hints.settled] == [row.key]


def test_the_next_one_takes_its_place(scene: Scene) -> None:
    before = set(HintShown.objects.values_list("kind", flat=True))
    html = scene.press("not_relevant", headers=HTMX).content.decode()
    assert "One said something of" in html
    assert html.count("<li data-keys-here>") == 3
    assert set(HintShown.objects.values_list("kind", flat=True)) == before | {"perk", "plan_b", "preference"}


def test_a_slip_of_the_hand_is_taken_back(scene: Scene) -> None:
    row = scene.row()
    for outcome in ("wrong", "taken_back", "taken_back", "used", "not_relevant"):
        scene.press(outcome, row)
    assert list(HintPress.objects.order_by("pk").values_list("outcome", flat=True)) == [
        "wrong",
        "taken_back",
        "used",
        "not_relevant",
    ]
    assert scene.row().outcome == "not_relevant"
    assert scene.counts() == (1, 0, 1, 0)
    assert not rebuild_arms()


def test_what_was_wrong_is_not_shown_again_for_them(scene: Scene) -> None:
    row = scene.row()
    scene.press("wrong", row)
    Interaction.objects.update(closed_at=timezone.now())
    make_interaction(scene.customer, agent=scene.agent)
    assert row.key not in {hint.key for hint in hints_of(scene.customer, scene.agent).shown}
    press_hint(shown=row, outcome="taken_back", by=scene.agent)
    assert row.key in {hint.key for hint in hints_of(scene.customer, scene.agent).shown}


def test_what_was_not_relevant_may_be_next_time(scene: Scene) -> None:
    row = scene.row()
    scene.press("not_relevant", row)
    Interaction.objects.update(closed_at=timezone.now())
    make_interaction(scene.customer, agent=scene.agent)
    assert row.key in {hint.key for hint in hints_of(scene.customer, scene.agent).shown}


def test_a_perk_that_was_made_use_of_is_noted(agent: User, rich: Customer, client: Client) -> None:
    HintRule.objects.filter(kind="perk").update(mode="pinned")
    scene = Scene(agent, rich, client)
    row = scene.row("perk")
    scene.press("used", row)
    scene.press("used", row)
    use = PerkUse.objects.get()
    assert (use.customer, use.interaction, use.what) == (rich, scene.talk, row.text.removeprefix("Remind them: "))
    assert (use.noted_by, use.perk_id) == (agent, int(row.key.split(":")[1]))
    scene.press("taken_back", row)
    assert not PerkUse.objects.exists()


def test_a_press_is_a_post_of_somebody_who_may_on_a_hint_that_was_shown(scene: Scene) -> None:
    client, url, row = scene.client, scene.url(), scene.row()
    assert client.get(url).status_code == 405
    assert client.post(url, {"outcome": "rubbish"}).status_code == 404
    assert client.post(f"{url[:-1]}%00/", {"outcome": "used"}).status_code == 404
    assert client.post(url).status_code == 404
    assert client.post(url.replace(row.key, "gesture:incident:0"), {"outcome": "used"}).status_code == 404
    other = reverse("hint_press", args=[make_customer().public_id, row.key])
    make_interaction(Customer.objects.latest("pk"), agent=scene.agent)
    assert client.post(other, {"outcome": "used"}).status_code == 404
    for role in (Role.ANALYST, Role.INTEGRATION):
        client.force_login(make_user(role))
        assert client.post(url, {"outcome": "used"}).status_code == 403
    client.force_login(make_user())
    assert client.post(url, {"outcome": "used"}, follow=True).status_code == 200, "their own contact is not open"
    client.logout()
    assert client.post(url, {"outcome": "used"})["Location"].startswith(reverse("account_login"))
    assert not HintPress.objects.exists()


def test_after_the_contact_is_closed_it_says_so(scene: Scene) -> None:
    url = scene.url()
    Interaction.objects.update(closed_at=timezone.now())
    response = scene.client.post(url, {"outcome": "used"}, follow=True)
    assert "Open a contact first" in response.content.decode()
    assert not HintPress.objects.exists()


# --- what is not to be read any more --------------------------------------------------------------------------------


@pytest.fixture
def used(agent: User, customer: Customer, client: Client) -> Preference:
    """A sensitive preference that a colleague made use of in the contact that is open."""
    note_consent(customer=customer, purpose="special", is_given=True)
    preference = Preference.objects.create(customer=customer, text="Allergic to nuts", category="health")
    scene = Scene(agent, customer, client)
    scene.press("used", scene.row("preference"))
    assert "Allergic" in look(client, customer)
    return preference


def test_what_is_sensitive_goes_from_the_hints_with_their_consent(
    used: Preference, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    answer = client.post(reverse("consent_withdraw", args=[used.customer.public_id]), headers=HTMX).content.decode()
    assert "We keep nothing sensitive about them any more." in answer
    assert "Allergic" not in answer
    with django_assert_num_queries(3):
        html = look(client, used.customer)
    assert "Allergic" not in html
    assert "said something of" not in html
    assert "Take it back" not in html


@pytest.mark.parametrize("kept", [{"is_private": True, "category": ""}, {"category": "health"}])
def test_what_is_kept_more_closely_since_goes_from_the_hints_of_others(
    used: Preference, client: Client, kept: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = roles.PERMISSIONS[Role.AGENT] - {"customers.view_private", "customers.view_special"}
    monkeypatch.setitem(roles.PERMISSIONS, Role.AGENT, hidden)
    Preference.objects.update(**kept)
    assert "Allergic" not in look(client, used.customer)


def test_what_is_no_longer_so_but_not_sensitive_stays_among_what_was_said(used: Preference, client: Client) -> None:
    Preference.objects.update(category="", retired_at=timezone.now())
    assert "Used: Allergic to nuts" in look(client, used.customer)


# --- by API --------------------------------------------------------------------------------------------------------


def test_the_context_carries_them_and_a_program_says_what_became_of_them(rich: Customer) -> None:
    client = with_token()
    told = client.get(f"/api/v1/customers/{rich.public_id}/context/").json()["hints"]
    assert len(told) == 3
    assert set(told[0]) == {"key", "kind", "text", "reason"}
    assert not HintShown.objects.exists()
    talk = make_interaction(rich)
    door, said = f"/api/v1/interactions/{talk.public_id}/hints/", {"key": told[0]["key"], "outcome": "used"}
    for is_noted_now in (True, False):
        response = client.post(door, said, format="json")
        assert (response.status_code, response.json()) == (200, {**said, "is_noted_now": is_noted_now})
    shown = HintShown.objects.get()
    assert (shown.interaction, shown.customer, shown.outcome) == (talk, rich, "used")
    for wrong, status in (({"outcome": "x"}, 400), ({"key": "perk:0"}, 404), ({"more": 1}, 400)):
        assert client.post(door, said | wrong, format="json").status_code == status
    Interaction.objects.update(closed_at=timezone.now())
    assert client.post(door, said | {"key": told[1]["key"]}, format="json").status_code == 404
    assert client.post(door, said | {"outcome": "wrong"}, format="json").status_code == 200
    other = make_interaction()
    assert client.post(door.replace(str(talk.public_id), str(other.public_id)), said, format="json").status_code == 404
