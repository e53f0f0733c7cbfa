"""Before one speaks: the worst first, how much it is, what is better unsaid, and the line to open with."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from customers.models import Caution, Consent, Customer, Incident, Interaction, Preference, Promise, SpeakingRules
from customers.services.consents import note_consent
from portal.models import User
from portal.roles import Role
from tests.factories import make_customer, make_interaction, make_order, make_touch_point, make_user
from tests.portal.known import signed_in
from tests.portal.worlds import give_tier, make_recovery, make_tiers

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def look(client: Client, user: User, customer: Customer) -> str:
    client.force_login(user)
    response = client.get(reverse("contact", args=[customer.public_id]))
    assert response.status_code == 200
    return response.content.decode()


def block(html: str, name: str) -> str:
    """A section of the page, without what is between its tags."""
    start = html.index(f'id="{name}"')
    return " ".join(re.sub(r"<[^>]+>", " ", html[start : html.index("</section>", start)]).split())


def tell(customer: Customer) -> Any:
    """What a lead's program hears before one speaks."""
    return signed_in(Role.LEAD).get(f"/api/v1/customers/{customer.public_id}/context/").json()


def let_down(customer: Customer, number: int, **fields: Any) -> Incident:
    place = make_touch_point("delivery")
    fields = {"kind": "late", "touch_point": place, "text": f"Trouble {number}."} | fields
    return Incident.objects.create(customer=customer, **fields)


# --- the worst first ---------------------------------------------------------------------------------


def test_three_lines_stand_open_and_the_rest_is_folded(client: Client) -> None:
    customer = make_customer(known_as="Ms One")
    for number in range(12):
        let_down(
            customer, number, severity=3 if number == 7 else 1, happened_at=timezone.now() - timedelta(days=number)
        )
    html = look(client, make_user(), customer)
    told = block(html, "speak")
    shown = re.findall(r"Trouble \d+\.", told[: told.index("and 9 more")])
    assert shown == ["Trouble 7.", "Trouble 0.", "Trouble 1."]
    assert "very much lately" in told


def test_a_long_wait_is_said_as_a_host_would(client: Client) -> None:
    agent, customer, now = make_user(), make_customer(known_as="Ms One"), timezone.now()
    at = now - timedelta(days=1)
    talk = make_interaction(customer, agent=agent, waited=timedelta(minutes=14), opened_at=at, closed_at=at)
    make_interaction(customer, agent=agent, waited=timedelta(minutes=4), opened_at=at, closed_at=at)
    told = block(look(client, agent, customer), "speak")
    assert "We kept Ms One waiting 14 minutes yesterday." in told
    assert told.count("waiting") == 2, "once as a line, once in the sum"
    Interaction.objects.filter(pk=talk.pk).update(agent=None)
    told = block(look(client, agent, customer), "speak")
    assert "14 minutes yesterday, and nobody came." in told
    assert "We kept Ms One waiting" in told
    let_down(customer, 1, kind="waiting", interaction=talk, severity=2)
    assert "14 minutes" not in block(look(client, agent, customer), "speak"), "somebody wrote it down: it is told once"


def test_a_wait_that_was_not_theirs_is_not_said_to_them(client: Client) -> None:
    customer, at = make_customer(known_as="Ms One"), timezone.now() - timedelta(days=1)
    talk = make_interaction(customer, agent=make_user(), waited=timedelta(minutes=14), opened_at=at, closed_at=at)
    assert "14 minutes" in block(look(client, make_user(), customer), "speak")
    Interaction.objects.filter(pk=talk.pk).update(is_mistaken=True)
    assert "14 minutes" not in block(look(client, make_user(), customer), "speak")


def test_the_sum_is_reckoned_by_hand_and_with_the_managers_rules(client: Client) -> None:
    """A serious incident of 30 days ago (4 × ½), an overdue promise of 60 days ago (3 × ¼), a no of 30 days ago."""
    SpeakingRules.objects.get_or_create(pk=1)
    customer, now = make_customer(), timezone.now()
    let_down(customer, 1, severity=3, happened_at=now - timedelta(days=30))
    let_down(customer, 2, severity=3, is_our_fault=False)
    promise = {"customer": customer, "made_at": now - timedelta(days=70), "due_at": now - timedelta(days=60)}
    Promise.objects.create(**promise, text="Ring back")
    Promise.objects.create(**promise, text="Kept", kept_at=now - timedelta(days=61))
    noise = tell(customer)["before_you_speak"]["noise"]
    assert noise["index"] == pytest.approx(2.75, abs=0.001)
    assert (noise["words"], noise["level"], noise["half_life_days"]) == ("some trouble lately", "some", 30)
    assert [part["text"] for part in noise["troubles"]] == ["Trouble 1.", "Promise: Ring back"]
    SpeakingRules.objects.update(half_life_days=60, promise=8)
    noise = tell(customer)["before_you_speak"]["noise"]
    assert noise["index"] == pytest.approx(4 / 2**0.5 + 8 / 2, abs=0.001)
    html = look(client, make_user(), customer)
    assert "much lately" in block(html, "speak")
    assert "6.8 in all. Each trouble weighs half as much every 60 days." in block(html, "speak")


def test_rules_that_are_not_there_are_the_defaults(client: Client) -> None:
    SpeakingRules.objects.all().delete()
    customer = make_customer()
    let_down(customer, 1)
    assert tell(customer)["before_you_speak"]["noise"]["index"] == pytest.approx(2, abs=0.001)


@pytest.mark.parametrize("many", [1, 3])
def test_three_queries_whatever_there_was(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, many: int
) -> None:
    agent, customer, now = make_user(), make_customer(language="fr"), timezone.now()
    give_tier(customer, make_tiers()[0])
    for number in range(many):
        let_down(customer, number)
        make_recovery(customer, agent)
        make_order(customer)
        at = now - timedelta(days=number + 1)
        make_interaction(customer, waited=timedelta(minutes=20), opened_at=at, closed_at=at)
        Caution.objects.create(customer=customer, text=f"Not a word of {number}")
        Preference.objects.create(customer=customer, text=f"Tea {number}")
    client.force_login(agent)
    with django_assert_num_queries(3):
        client.get(reverse("contact", args=[customer.public_id]))


# --- what to say first -------------------------------------------------------------------------------


def opening(customer: Customer) -> str:
    return str(tell(customer)["before_you_speak"]["opening"]["kind"])


def test_the_line_is_in_the_customers_language_too(client: Client) -> None:
    customer = make_customer(known_as="Mme Une", language="fr-CA")
    let_down(customer, 1)
    html = look(client, make_user(), customer)
    assert "“" not in block(html, "speak"), "the quotes are the browser's"
    assert re.search(r'<q lang="fr" dir="ltr">Mme Une, nous vous devons des excuses', html)
    assert "<q>Mme Une, we owe you an apology: your order came late." in html
    customer.language = "ar"
    customer.save()
    assert '<q lang="ar" dir="rtl">' in look(client, make_user(), customer)
    customer.language = "cy"
    customer.save()
    html = look(client, make_user(), customer)
    assert "<q>Mme Une, we owe" in html
    assert 'lang="cy"' not in html


def test_each_cause_is_spoken_of_once(client: Client) -> None:
    customer, now = make_customer(), timezone.now()
    assert opening(customer) == "greeting"
    for number in range(10):
        make_order(customer, placed_at=now - timedelta(days=100 - number * 10))
    assert opening(customer) == "tenth"
    make_order(customer, "-20.00", placed_at=now - timedelta(days=3))
    assert opening(customer) == "tenth"
    make_order(customer, placed_at=now - timedelta(days=2))
    assert opening(customer) == "came_back"
    incident = let_down(customer, 1, happened_at=now - timedelta(days=5))
    assert opening(customer) == "apology"
    incident.resolved_at = now - timedelta(days=1)
    incident.save()
    assert opening(customer) == "mended"
    make_interaction(customer, opened_at=now, closed_at=now)
    assert opening(customer) == "greeting", "we have spoken since"


@pytest.mark.parametrize(("days", "kind"), [(0, "anniversary"), (6, "anniversary"), (7, "greeting"), (-1, "greeting")])
def test_an_anniversary_is_of_a_week(days: int, kind: str) -> None:
    day = timezone.localdate() - timedelta(days=days)
    years = 4 if (day.month, day.day) == (2, 29) else 3
    customer = make_customer(customer_since=day.replace(year=day.year - years))
    assert opening(customer) == kind
    note_consent(customer=customer, purpose="marketing", is_given=False)
    assert opening(customer) == "greeting"


def test_what_is_not_our_fault_is_no_cause_to_celebrate() -> None:
    customer = make_customer(customer_since=timezone.localdate() - timedelta(days=365))
    let_down(customer, 1, is_our_fault=False)
    assert opening(customer) == "greeting"


# --- what is better unsaid ---------------------------------------------------------------------------


def test_a_private_note_is_read_by_few_and_heeded_for_all(client: Client) -> None:
    customer, by = make_customer(), make_user(Role.LEAD)
    let_down(customer, 1)
    Caution.objects.create(
        customer=customer, text="Not a word of the canary", reason="It flew", is_private=True, noted_by=by
    )
    for role in (Role.AGENT, Role.ANALYST):
        html = look(client, make_user(role), customer)
        assert "canary" not in html
        assert "It flew" not in html
        assert "Something is better unsaid. A lead can tell you what." in html
        assert "we owe you an apology. I will" in html
        told = signed_in(role).get(f"/api/v1/customers/{customer.public_id}/context/").content.decode()
        assert "canary" not in told
        assert "It flew" not in told
    html = look(client, make_user(Role.LEAD), customer)
    assert "Not a word of the canary" in html
    assert "we owe you an apology: your order came late." in html


def test_a_private_note_is_not_an_agents_to_retire(client: Client) -> None:
    customer = make_customer()
    caution = Caution.objects.create(customer=customer, text="Not a word", is_private=True)
    url = reverse("caution_retire", args=[customer.public_id, caution.pk])
    client.force_login(make_user())
    assert client.post(url).status_code == 404
    client.force_login(make_user(Role.LEAD))
    assert client.post(url).status_code == 302
    caution.refresh_from_db()
    assert caution.retired_at


def test_a_note_says_who_when_and_why_and_belongs_to_the_contact(client: Client) -> None:
    agent, customer = make_user(), make_customer()
    talk = make_interaction(customer, agent=agent)
    client.force_login(agent)
    said = {"text": " Do not  mention the wedding ", "reason": "It was called off"}
    client.post(reverse("caution_note", args=[customer.public_id]), said)
    caution = Caution.objects.get()
    assert (caution.text, caution.noted_by, caution.interaction) == ("Do not mention the wedding", agent, talk)
    told = block(look(client, agent, customer), "speak")
    assert f"Do not mention the wedding It was called off · today · {agent.display_name}" in told


# --- preferences -------------------------------------------------------------------------------------


def test_preferences_fade_unless_confirmed(client: Client) -> None:
    agent, customer, now = make_user(), make_customer(), timezone.now()
    for text, days in (("Fresh tea", 1), ("Faded coffee", 90), ("Quiet cocoa", 400)):
        Preference.objects.create(
            customer=customer, text=text, provenance="observed", noted_at=now - timedelta(days=days)
        )
    told = block(look(client, agent, customer), "preferences")
    assert re.search(r"Fresh tea .*Faded coffee Still so\?.*1 from long ago .*Quiet cocoa", told)
    assert told.count("Still so?") == 1
    assert [one["fade"] for one in tell(customer)["preferences"]] == ["fresh", "faded", "quiet"]
    cocoa = Preference.objects.get(text="Quiet cocoa")
    client.post(reverse("preference_confirm", args=[customer.public_id, cocoa.pk]))
    cocoa.refresh_from_db()
    assert (cocoa.provenance, cocoa.confirmed_by) == ("confirmed", agent)
    told = block(look(client, agent, customer), "preferences")
    assert "from long ago" not in told
    assert "Quiet cocoa Confirmed · today" in told
    SpeakingRules.objects.update_or_create(pk=1, defaults={"observed_days": 900})
    assert "Still so?" not in block(look(client, agent, customer), "preferences")


def test_who_when_and_where_it_comes_from(client: Client) -> None:
    agent, customer = make_user(), make_customer()
    make_interaction(customer, agent=agent, touch_point=make_touch_point("reception"))
    client.force_login(agent)
    client.post(reverse("preference_note", args=[customer.public_id]), {"text": "Tea", "provenance": "observed"})
    assert f"Noticed once · today · {agent.display_name} · Reception" in block(
        look(client, agent, customer), "preferences"
    )
    liked = tell(customer)["preferences"][0]
    assert (liked["noted_by"], liked["touch_point"], liked["category"]) == (str(agent), "reception", "")


_SEES = {
    Role.AGENT: {"special"},
    Role.LEAD: {"special", "private"},
    Role.MANAGER: {"special", "private"},
    Role.ADMINISTRATOR: {"special", "private"},
    Role.ANALYST: set(),
}


@pytest.mark.parametrize("role", _SEES)
def test_private_and_sensitive_ones_are_seen_by_those_who_may(client: Client, role: Role) -> None:
    customer = make_customer()
    note_consent(customer=customer, purpose="special", is_given=True)
    rows = {
        "special": Preference.objects.create(customer=customer, text="Canary one", category="health"),
        "private": Preference.objects.create(customer=customer, text="Canary two", is_private=True),
    }
    user = make_user(role)
    html = look(client, user, customer)
    told = signed_in(role).get(f"/api/v1/customers/{customer.public_id}/context/").content.decode()
    page = client.get(f"/admin/customers/customer/{customer.pk}/change/").content.decode()
    inside = user.has_perm("portal.use_admin")
    for name, row in rows.items():
        assert (row.text in html) is (row.text in told) is (name in _SEES[role])
        assert (row.text in page) is (inside and name in _SEES[role])
        if user.has_perm("customers.change_preference"):
            status = client.post(reverse("preference_confirm", args=[customer.public_id, row.pk])).status_code
            assert status == (302 if name in _SEES[role] else 404)
    program = signed_in(Role.INTEGRATION).get(f"/api/v1/customers/{customer.public_id}/context/")
    assert "Canary" not in program.content.decode()


# --- what is sensitive -------------------------------------------------------------------------------


def test_what_is_sensitive_is_noted_with_their_consent_alone(client: Client) -> None:
    agent, customer = make_user(), make_customer()
    client.force_login(agent)
    url = reverse("preference_note", args=[customer.public_id])
    said = {"text": "No nuts", "provenance": "stated", "category": "health"}
    for headers in ({}, HTMX):
        response = client.post(url, said, headers=headers)
        assert response.status_code == 422
        assert "Ask first whether we may remember this." in response.content.decode()
        assert "No nuts" in response.content.decode(), "what was typed stays"
    assert not Preference.objects.exists()
    assert client.post(url, said | {"has_agreed": "on"}).status_code == 302
    assert Consent.objects.get().is_given
    assert "No nuts Health · Said so" in block(look(client, agent, customer), "preferences")
    assert client.post(reverse("consent_withdraw", args=[customer.public_id])).status_code == 302
    assert Preference.objects.get().retired_at
    html = look(client, agent, customer)
    assert "Keep nothing about health or belief." in html
    assert "No nuts" not in block(html, "preferences")


def test_that_they_agree_is_not_noted_for_what_is_ordinary(client: Client) -> None:
    customer = make_customer()
    client.force_login(make_user())
    url = reverse("preference_note", args=[customer.public_id])
    client.post(url, {"text": "Tea", "provenance": "stated", "has_agreed": "on"})
    assert Preference.objects.exists()
    assert not Consent.objects.exists()


def test_what_looks_like_health_is_asked_about_and_noted_all_the_same(client: Client) -> None:
    customer, url = make_customer(), reverse("preference_hint")
    assert client.post(url, {"text": "Gluten"}).status_code == 302
    client.force_login(make_user(Role.INTEGRATION))
    assert client.post(url, {"text": "Gluten"}).status_code == 403
    client.force_login(make_user())
    assert client.get(url).status_code == 405
    assert "Is this about health?" in client.post(url, {"text": "No gluten"}).content.decode()
    assert "Is this about belief?" in client.post(url, {"text": "Prays at noon"}).content.decode()
    assert client.post(url, {"text": "Tea"}).content.decode().strip() == ""
    assert client.post(url).content.decode().strip() == ""
    said = {"text": "No gluten", "provenance": "stated"}
    response = client.post(reverse("preference_note", args=[customer.public_id]), said, headers=HTMX)
    assert "Noted. We will remember. Is this about health?" in response.content.decode()
    assert Preference.objects.get().text == "No gluten"
