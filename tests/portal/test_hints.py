"""Hints on the contact view: which, why, for whom, what is kept of them, and what the manager decides."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import Error, IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from customers.models import Consent, Customer, Gesture, Incident, Interaction, Preference
from feedback.models import Answer, Invitation
from portal.contact.selectors import gather
from portal.hints import suggesting
from portal.hints.counting import rebuild_arms
from portal.hints.pressing import press_hint
from portal.hints.suggesting import Hints
from portal.models import HintArm, HintKind, HintOffer, HintPress, HintRule, HintShown, Reading, User
from portal.roles import Role
from tests.factories import make_customer, make_interaction, make_order, make_touch_point, make_user
from tests.portal.known import with_token
from tests.portal.worlds import give_tier, make_recovery, make_tiers
from tiers.models import Perk, PerkUse

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def agent() -> User:
    return make_user()


@pytest.fixture
def customer() -> Customer:
    return make_customer()


def hints_of(customer: Customer, user: User) -> Hints:
    contact = gather(user=user, public_id=customer.public_id)
    assert contact is not None
    assert contact.hints is not None
    return contact.hints


def shown(customer: Customer, user: User) -> dict[str, str]:
    """What is shown and why, by kind."""
    return {hint.kind: f"{hint.text} | {hint.reason}" for hint in hints_of(customer, user).shown}


def make_incident(customer: Customer, kind: str = "broken", **fields: Any) -> Incident:
    fields.setdefault("text", "It came in pieces")
    return Incident.objects.create(customer=customer, kind=kind, touch_point=make_touch_point("delivery"), **fields)


def make_offer(kind: str = "plan_b", words: str = "vase", text: str = "Offer to lend a vase") -> HintOffer:
    return HintOffer.objects.create(kind=kind, words=words, text=text)


def look(client: Client, customer: Customer) -> str:
    response = client.get(reverse("contact", args=[customer.public_id]))
    assert response.status_code == 200
    return response.content.decode()


# --- what hints are drawn from ---------------------------------------------------------------------------------------


def test_a_customer_of_whom_we_know_nothing_has_none(agent: User, customer: Customer, client: Client) -> None:
    client.force_login(agent)
    assert not hints_of(customer, agent)
    html = look(client, customer)
    assert 'aria-labelledby="hints-title" hidden' in html


def test_a_preference_is_fresh_and_the_fitting_one_goes_first(agent: User, customer: Customer) -> None:
    now = timezone.now()
    for text, provenance, days in (
        ("A ball of twine", "confirmed", 600),
        ("Tea, no milk", "stated", 30),
        ("Deliveries to the side door", "stated", 200),
        ("Told us once, long ago", "stated", 400),
        ("Seems to like blue", "observed", 3),
    ):
        Preference.objects.create(
            customer=customer, text=text, provenance=provenance, noted_at=now - timedelta(days=days)
        )
    HintRule.objects.filter(kind="preference").update(most=3)
    assert [hint.text for hint in hints_of(customer, agent).shown] == [
        "A ball of twine",
        "Tea, no milk",
        "Deliveries to the side door",
    ]
    make_interaction(customer, agent=agent, subject="Another day for the delivery")
    first = hints_of(customer, agent).shown[0]
    assert first.text == "Deliveries to the side door"
    assert first.reason.endswith("and it is about this contact.")


def test_what_wants_asking_first_says_so(agent: User, customer: Customer) -> None:
    Preference.objects.create(customer=customer, text="A call on Sundays", is_ask_first=True)
    assert shown(customer, agent)["preference"].startswith("Ask first: A call on Sundays | Because they said so today")


def test_a_gesture_where_we_failed_and_have_given_nothing(agent: User, customer: Customer) -> None:
    now = timezone.now()
    incident = make_incident(customer, happened_at=now - timedelta(days=3))
    assert "Because their parcel came broken on" in shown(customer, agent)["gesture"]
    Gesture.objects.create(customer=customer, what="Flowers", cost=1, given_at=now - timedelta(days=4))
    assert "gesture" in shown(customer, agent)
    Gesture.objects.create(customer=customer, what="Flowers", cost=1)
    assert "gesture" not in shown(customer, agent)
    incident.delete()
    Gesture.objects.all().delete()
    make_incident(customer, is_our_fault=False)
    assert "gesture" not in shown(customer, agent)
    make_recovery(customer)
    assert "they did not enjoy it" in shown(customer, agent)["gesture"]


def test_a_plan_b_for_what_broke(agent: User, customer: Customer) -> None:
    make_offer()
    make_offer(words="lamp", text="Lend a lamp")
    order = make_order(customer, description="Two glass VASES, blue")
    incident = make_incident(customer, order=order)
    assert shown(customer, agent)["plan_b"] == (
        "Offer to lend a vase | Because “Two glass VASES, blue” came broken today."
    )
    Incident.objects.filter(pk=incident.pk).update(happened_at=timezone.now() - timedelta(days=61))
    assert "plan_b" not in shown(customer, agent)
    make_incident(customer, "returned", text="The vase was not as shown")
    make_incident(customer, text="A vase broke", resolved_at=timezone.now() + timedelta(seconds=1))
    assert "plan_b" not in shown(customer, agent)
    make_incident(customer, text="Her vase came in pieces")
    assert shown(customer, agent)["plan_b"].endswith("Because their parcel came broken today.")
    HintOffer.objects.update(is_active=False)
    assert "plan_b" not in shown(customer, agent)


def test_a_service_to_what_was_bought_and_never_while_we_owe_them(agent: User, customer: Customer) -> None:
    make_offer("service", "lamp, shade", "Offer to fit it")
    make_order(customer, description="A lamp")
    make_order(customer, "-10.00", description="Another lamp")
    assert shown(customer, agent)["service"] == "Offer to fit it | Because they bought “A lamp” today."
    incident = make_incident(customer, "late")
    assert "service" not in shown(customer, agent)
    incident.delete()
    Consent.objects.create(customer=customer, purpose="marketing", is_given=False)
    assert "service" not in shown(customer, agent)


def test_an_offer_is_for_its_tiers(agent: User, customer: Customer) -> None:
    tiers = make_tiers()
    offer = make_offer("service", "lamp", "Offer to fit it")
    offer.tiers.set(tiers[2:])
    make_order(customer, description="A lamp")
    assert "service" not in shown(customer, agent)
    give_tier(customer, tiers[1])
    assert "service" not in shown(customer, agent)
    offer.tiers.add(tiers[1])
    assert "service" in shown(customer, agent)


def test_a_perk_that_was_not_used_in_a_year(agent: User, customer: Customer) -> None:
    house_guest = make_tiers()[2]
    house_guest.perks.exclude(text__in=["A direct line, no queue", "Free pick-up of returns"]).delete()
    give_tier(customer, house_guest)
    HintRule.objects.filter(kind="perk").update(most=3)
    texts = [hint.text for hint in hints_of(customer, agent).shown]
    assert texts == ["Remind them: A direct line, no queue", "Remind them: Free pick-up of returns"]
    perk = Perk.objects.get(text="A direct line, no queue")
    use = PerkUse.objects.create(customer=customer, perk=perk, what=perk.text)
    assert [hint.text for hint in hints_of(customer, agent).shown] == texts[1:]
    PerkUse.objects.filter(pk=use.pk).update(used_at=timezone.now() - timedelta(days=400))
    assert len(hints_of(customer, agent).shown) == 2


def test_another_customers_facts_are_not_theirs(agent: User, customer: Customer) -> None:
    other = make_customer()
    make_offer()
    make_incident(other, text="Her vase broke")
    Preference.objects.create(customer=other, text="Tea")
    make_interaction(other, agent=agent)
    look_at = hints_of(other, agent)
    assert len(look_at.shown) == 3
    assert not hints_of(customer, agent)


@pytest.fixture
def rich(customer: Customer) -> Customer:
    """A customer with a hint of every kind but the service; two preferences."""
    give_tier(customer, make_tiers()[2])
    make_offer()
    make_incident(customer, text="Her vase broke")
    for text in ("Tea, no milk", "The side door"):
        Preference.objects.create(customer=customer, text=text)
    return customer


def test_at_most_three_of_different_kinds(agent: User, rich: Customer) -> None:
    for _ in range(5):
        kinds = [hint.kind for hint in hints_of(rich, agent).shown]
        assert len(kinds) == 3 == len(set(kinds))
        Interaction.objects.filter(agent=agent).update(closed_at=timezone.now())
        make_interaction(rich, agent=agent)


def test_the_manager_pins_and_switches_off(agent: User, rich: Customer) -> None:
    HintRule.objects.filter(kind__in=["gesture", "preference"]).update(mode="off")
    assert set(shown(rich, agent)) == {"plan_b", "perk"}
    for kind in ("perk", "plan_b"):
        HintRule.objects.update(mode="off")
        HintRule.objects.filter(kind__in=["gesture", "preference"]).update(mode="learned")
        HintRule.objects.filter(kind=kind).update(mode="pinned")
        assert hints_of(rich, agent).shown[0].kind == kind


def test_a_house_without_rules_or_counts_has_hints(agent: User, rich: Customer) -> None:
    HintRule.objects.all().delete()
    assert len(hints_of(rich, agent).shown) == 3


def test_what_was_learned_moves_the_order(agent: User, rich: Customer) -> None:
    for kind in HintKind.values:
        HintArm.objects.create(kind=kind, situation="owed-spoken", shown=9000, used=9000 * (kind == "perk"))
    assert hints_of(rich, agent).shown[0].kind == "perk"
    # Somebody who writes is another situation, of which nothing was learned.
    make_interaction(rich, agent=agent, channel="email")
    assert hints_of(rich, agent).situation == "owed-written"


@pytest.mark.parametrize(
    ("days", "situation"), [(365 * 3 + 3, "celebration-spoken"), (100, "quiet-spoken"), (0, "quiet-spoken")]
)
def test_a_year_with_us_is_a_cause_to_celebrate(agent: User, days: int, situation: str) -> None:
    since = timezone.localdate() - timedelta(days=days)
    customer = make_customer(customer_since=since)
    assert hints_of(customer, agent).situation == situation
    make_incident(customer)
    assert hints_of(customer, agent).situation == "owed-spoken"


def test_a_leap_day_is_kept_too(agent: User) -> None:
    assert hints_of(make_customer(customer_since="2020-02-29"), agent).situation


# --- who sees which ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("permission", "kind"),
    [
        ("customers.view_preference", "preference"),
        ("tiers.view_perk", "perk"),
        ("customers.view_order", "plan_b"),
    ],
)
def test_a_hint_is_for_those_who_may_see_what_it_is_drawn_from(
    rich: Customer, permission: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal import roles

    HintRule.objects.filter(kind=kind).update(mode="pinned")
    assert kind in shown(rich, make_user(Role.LEAD))
    monkeypatch.setitem(roles.PERMISSIONS, Role.LEAD, roles.PERMISSIONS[Role.LEAD] - {permission})
    assert kind not in shown(rich, make_user(Role.LEAD))


def test_what_may_not_be_said_is_no_hint(agent: User, rich: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suggesting, "may_be_said", lambda _contact, text: "vase" not in text)
    assert "plan_b" not in shown(rich, agent)


@pytest.mark.parametrize("role", [Role.AGENT, Role.LEAD, Role.MANAGER, Role.ANALYST, Role.ADMINISTRATOR])
def test_money_is_in_no_hint(role: Role, customer: Customer) -> None:
    make_offer("service", "lamp", "Offer to fit it")
    make_order(customer, "7777.77", margin="6666.66", description="A lamp")
    give_tier(customer, make_tiers()[2])
    told = " ".join(shown(customer, make_user(role)).values())
    assert "7777" not in told
    assert "6666" not in told
    assert "A lamp" in told


# --- what is kept --------------------------------------------------------------------------------------------------


def test_what_is_shown_is_kept_once_with_the_contact_in_one_statement(
    agent: User, rich: Customer, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    talk = make_interaction(rich, agent=agent)
    client.force_login(agent)
    for queries in (8, 7):
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


# --- the database itself ---------------------------------------------------------------------------------------------


def refused(name: str) -> "pytest.RaisesExc[IntegrityError]":
    return pytest.raises(IntegrityError, match=name)


def make_shown(talk: Interaction | None = None, **fields: Any) -> HintShown:
    talk = talk or make_interaction()
    number = HintShown.objects.count()
    row = {"key": f"k:{number}", "kind": "perk", "situation": "quiet-spoken", "rank": 1, "score": 0.5}
    row |= {"propensity": 1.0, "seed": "s", "text": "A hint"}
    return HintShown.objects.create(interaction=talk, customer=talk.customer, **row | fields)


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"kind": "x"}, "hintshown_kind_known"),
        ({"situation": "x"}, "hintshown_situation_known"),
        ({"rank": 0}, "hintshown_rank_on_the_page"),
        ({"rank": 4}, "hintshown_rank_on_the_page"),
        ({"score": 1.5}, "hintshown_score_is_a_share"),
        ({"propensity": 0.0}, "hintshown_propensity_is_a_chance"),
        ({"outcome": "taken_back"}, "hintshown_outcome_known"),
    ],
)
def test_a_hint_that_was_shown_is_in_order(fields: dict[str, Any], name: str) -> None:
    with refused(name), transaction.atomic():
        make_shown(**fields)


def test_a_hint_is_shown_once_per_contact() -> None:
    row = make_shown()
    with refused("hintshown_once_per_contact"), transaction.atomic():
        make_shown(row.interaction, key=row.key)


def test_what_was_shown_and_said_stays_as_it_was() -> None:
    row = make_shown()
    press = HintPress.objects.create(shown=row, outcome="used", by=make_user())
    for statement, name in (
        ("UPDATE portal_hintshown SET text = 'x'", "a hint that was shown stays"),
        ("UPDATE portal_hintshown SET situation = 'owed-spoken'", "a hint that was shown stays"),
        ("DELETE FROM portal_hintshown", "Cannot delete"),
        ("UPDATE portal_hintpress SET outcome = 'wrong'", "a press on a hint stays"),
        ("DELETE FROM portal_hintpress", "Cannot delete"),
    ):
        with pytest.raises(Error, match=name), transaction.atomic():
            connection.cursor().execute(statement)
    with refused("hintpress_outcome_known"), transaction.atomic():
        HintPress.objects.create(shown=row, outcome="x")
    # A colleague may leave, and two customers may turn out to be one.
    User.objects.filter(pk=press.by_id or 0).delete()
    other = make_customer()
    HintShown.objects.update(customer=other)
    assert HintPress.objects.get().by is None


@pytest.mark.parametrize(
    ("model", "fields", "name"),
    [
        (HintRule, {"kind": "x"}, "hintrule_kind_known"),
        (HintRule, {"kind": "perk", "mode": "x"}, "hintrule_mode_known"),
        (HintRule, {"kind": "perk", "most": 0}, "hintrule_most_fits_the_page"),
        (HintRule, {"kind": "perk", "most": 4}, "hintrule_most_fits_the_page"),
        (HintOffer, {"kind": "perk", "words": "a", "text": "t", "forms": ["a"]}, "hintoffer_kind_known"),
        (HintOffer, {"kind": "plan_b", "words": "a", "text": "", "forms": ["a"]}, "hintoffer_says_something"),
        (HintOffer, {"kind": "plan_b", "words": "a", "text": "t"}, "hintoffer_has_words"),
        (HintArm, {"kind": "perk", "situation": "quiet-spoken", "shown": 1, "used": 2}, "hintarm_pressed_were_shown"),
    ],
)
def test_what_managers_decide_is_in_order(model: Any, fields: dict[str, Any], name: str) -> None:
    HintRule.objects.all().delete()
    with refused(name), transaction.atomic():
        model.objects.bulk_create([model(**fields)])


def test_once_each() -> None:
    HintArm.objects.create(kind="perk", situation="quiet-spoken", shown=1)
    with refused("hintarm_once"), transaction.atomic():
        HintArm.objects.create(kind="perk", situation="quiet-spoken", shown=1)
    perk = make_tiers()[2].perks.all()[0]
    use = PerkUse.objects.create(customer=make_customer(), perk=perk, what="x", interaction=make_interaction())
    with refused("perkuse_once_per_contact"), transaction.atomic():
        PerkUse.objects.create(customer=use.customer, perk=perk, what="x", interaction=use.interaction)
    with refused("perkuse_says_what"), transaction.atomic():
        PerkUse.objects.create(customer=use.customer, perk=perk, what="")
    perk.delete()
    use.refresh_from_db()
    assert (use.perk, use.what) == (None, "x")


# --- set against the answer ----------------------------------------------------------------------------------------


def answered(outcome: str, enjoyed: str, **fields: Any) -> None:
    """A contact in which a perk was hinted at, and what its customer answered later."""
    row = make_shown(**fields)
    if outcome:
        HintPress.objects.create(shown=row, outcome=outcome)
    invitation = Invitation.objects.create(interaction=row.interaction, customer=row.customer, not_asked="no_address")
    Answer.objects.create(invitation=invitation, enjoyed=enjoyed)


def test_what_was_learned_is_told_with_its_ranges(client: Client, django_assert_num_queries: Any) -> None:
    for number in range(30):
        answered("used" if number % 3 else "wrong", "yes" if number % 2 else "no")
    answered("", "yes", kind="gesture", situation="owed-spoken")
    client.force_login(make_user(Role.MANAGER))
    with django_assert_num_queries(5):
        html = client.get(reverse("hints")).content.decode()
    text = " ".join(html.split())
    # Beta(3.2 + 20, 4.8 + 10): mean 61.1 %.
    assert "<b>61.1 %</b>" in text
    assert "20, 0, 10" in text
    # 20 used, of which those with an odd number were enjoyed: 10. Wilson: 29.9 to 70.1 %.
    assert "50.0 %<small>29.9 to 70.1 %</small>" in text
    assert "too few to tell<small>5 of 10</small>" in text
    assert "too few to tell<small>1 of 1</small>" in text
    assert "This does not show what hints bring about." in text
    assert "/admin/portal/hintrule/" in text


@pytest.mark.parametrize("role", Role.values)
def test_who_may_see_what_was_learned(role: str, client: Client) -> None:
    client.force_login(make_user(role))
    may = role in (Role.LEAD, Role.MANAGER, Role.ANALYST, Role.ADMINISTRATOR)
    response = client.get(reverse("hints"))
    assert response.status_code == (200 if may else 403)
    assert client.post(reverse("hints")).status_code in (405, 403)
    if may:
        html = response.content.decode()
        assert "too few to tell" in html
        assert ("/admin/portal/hintrule/" in html) is (role != Role.LEAD)
    client.logout()
    assert client.get(reverse("hints")).status_code == 302


def test_the_counts_are_rebuilt_from_the_facts(capsys: pytest.CaptureFixture[str]) -> None:
    from django.core.management import call_command

    for number in range(12):
        row = make_shown(kind=HintKind.values[number % 5], situation="owed-written" if number % 2 else "quiet-spoken")
        for outcome in ("used", "wrong", "taken_back", "not_relevant")[: number % 5]:
            HintPress.objects.create(shown=row, outcome=outcome)
    arms = HintArm.objects.order_by("kind", "situation").values_list("kind", "situation", "shown", "used", "wrong")
    kept = list(arms)
    call_command("hints", "--rebuild")
    assert "agrees" in capsys.readouterr().out
    HintArm.objects.filter(kind="perk").update(shown=77, wrong=7)
    HintArm.objects.filter(kind="gesture").delete()
    call_command("hints", "--rebuild")
    assert "Put right: A perk not used yet" in capsys.readouterr().out
    assert list(arms.all()) == kept
    call_command("hints")
    assert "shown" in capsys.readouterr().out
