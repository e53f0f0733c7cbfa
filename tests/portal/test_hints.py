"""Hints on the contact view: what they are drawn from, why, and for whom."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers.models import Caution, Consent, Customer, Gesture, Incident, Preference
from portal.hints import suggesting
from portal.models import HintOffer, HintRule, User
from portal.roles import Role
from tests.factories import make_customer, make_interaction, make_order, make_user, signed_in
from tests.portal.hinting import hints_of, look, make_incident, make_offer, shown
from tests.portal.worlds import give_tier, make_recovery, make_tiers
from tiers.models import Perk, PerkUse

pytestmark = pytest.mark.django_db


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
    monkeypatch.setattr(suggesting, "may_be_said", lambda _contact, _kind, text: "vase" not in text)
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


def test_no_hint_says_to_an_agent_what_a_private_note_forbids() -> None:
    customer = make_customer()
    Caution.objects.create(customer=customer, text="Do not mention her wedding", is_private=True)
    Preference.objects.create(customer=customer, text="Ask how the wedding went")
    for role in (Role.LEAD, Role.AGENT):
        page = signed_in(role).get(reverse("contact", args=[customer.public_id])).content.decode()
        hints = page[page.index('id="hints"') :].partition("</section>")[0]
        assert "wedding" not in hints, role
