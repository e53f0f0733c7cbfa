"""The pop as a colleague meets it: on the desk without script, pressed, and on the contact view."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from customers.models import Promise
from portal.models import Pop
from portal.pops.selectors import match_for
from portal.pops.services import answer_pop, dismiss_pop, forget_old_numbers
from portal.roles import Role
from tests.chance import without_chance
from tests.factories import make_customer, make_interaction, make_user
from tests.portal.worlds import give_tier, make_phone, make_tiers, ring

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("many", [1, 3])
def test_without_script_pops_stand_on_the_desk(
    client: Client, many: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    agent, tier = make_user(), make_tiers()[3]
    for number in range(many):
        customer = make_customer(full_name=f"Customer {number}")
        make_phone(customer, f"+44207946012{number}")
        give_tier(customer, tier)
        ring(agent, str(number), value=f"+44207946012{number}", waited=timedelta(seconds=125))
    ring(make_user(), "another's", value="+442079460999")
    client.force_login(agent)
    with django_assert_num_queries(8):
        html = client.get("/").content.decode()
    assert html.count('class="pop-who"') == many
    assert html.index(f"Customer {many - 1}") <= html.index("Customer 0"), "the newest first"
    for words in ("Calling now · certain match", "Family", "Kept waiting 2 minutes", "+44 20 7946 0120"):
        assert words in html
    assert "0999" not in without_chance(html)


def test_other_pages_pay_nothing_for_it(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    agent = make_user()
    ring(agent)
    client.force_login(agent)
    with django_assert_num_queries(2):
        html = client.get("/keys/").content.decode()
    assert 'id="pops"' in html
    assert "pop-who" not in html


def test_whoever_may_not_see_numbers_sees_none_on_the_card(client: Client) -> None:
    analyst = make_user(Role.ANALYST)
    ring(analyst)
    client.force_login(analyst)
    assert "7946" not in without_chance(client.get("/").content.decode())
    assert "7946" not in without_chance(client.get("/pops/standing/").json()["html"])


@pytest.mark.parametrize("press", ["answer", "dismiss", "choose"])
@pytest.mark.parametrize(("who", "expected"), [("owner", 302), ("colleague", 404), ("program", 403), (None, 302)])
def test_who_may_press(client: Client, press: str, who: str | None, expected: int) -> None:
    agent, customer = make_user(), make_customer()
    users = {"owner": agent, "colleague": make_user(), "program": make_user(Role.INTEGRATION)}
    pop = ring(agent)
    url = reverse(f"pop_{press}", args=[pop.public_id])
    if who is not None:
        client.force_login(users[who])
        assert client.get(url).status_code == 405
    answer = client.post(url, {"customer": customer.public_id})
    assert answer.status_code == expected
    if who is None:
        assert answer["Location"].startswith(reverse("account_login"))
    pop.refresh_from_db()
    assert pop.is_standing is (who != "owner")


def test_answering_opens_the_one_and_twice_does_no_harm(client: Client) -> None:
    agent, customer = make_user(), make_customer()
    make_phone(customer)
    pop = ring(agent)
    client.force_login(agent)
    for _ in range(2):
        answer = client.post(reverse("pop_answer", args=[pop.public_id]))
        assert answer["Location"] == reverse("contact", args=[customer.public_id]) + "?match=phone"
    pop.refresh_from_db()
    assert pop.opened_at is not None


def test_answering_opens_the_chooser_and_the_choice_is_kept(client: Client) -> None:
    agent, one, other = make_user(), make_customer(), make_customer()
    for customer in (one, other):
        make_phone(customer)
    pop = ring(agent)
    client.force_login(agent)
    page = client.post(reverse("pop_answer", args=[pop.public_id]), follow=True)
    html = page.content.decode()
    assert "It may be one of these" in html
    assert 'data-key="1" data-key-press aria-keyshortcuts="1"' in html
    url = reverse("pop_choose", args=[pop.public_id])
    for rubbish in ("", "rubbish", "00000000-0000-4000-8000-000000000000"):
        assert client.post(url, {"customer": rubbish}).status_code == 404
    answer = client.post(url, {"customer": other.public_id})
    assert answer["Location"] == reverse("contact", args=[other.public_id]) + "?match=phone-chosen"
    assert "as you chose" in client.get(answer["Location"]).content.decode()
    pop.refresh_from_db()
    assert pop.customer == other
    assert client.post(reverse("pop_answer", args=[pop.public_id]))["Location"].endswith("?match=phone-chosen")


@pytest.mark.parametrize("is_mistaken", [True, False])
def test_who_was_chosen_by_mistake_does_not_lead_the_next_chooser(client: Client, is_mistaken: bool) -> None:
    agent, wrong, right = make_user(), make_customer(), make_customer()
    for customer in (wrong, right):
        make_phone(customer)
    Promise.objects.create(customer=right, text="To ring", due_at=timezone.now() + timedelta(days=1))
    earlier = ring(agent, "earlier")
    answer_pop(pop=earlier, customer=wrong)
    Pop.objects.filter(pk=earlier.pk).update(opened_at=Now() - timedelta(days=9))
    pop = ring(agent)
    client.force_login(agent)
    client.post(reverse("pop_choose", args=[pop.public_id]), {"customer": wrong.public_id})
    talk = make_interaction(wrong, agent=agent)
    said = {"mistake": "yes"} if is_mistaken else {}
    client.post(reverse("interaction_close", args=[wrong.public_id, talk.pk]), said)
    pop.refresh_from_db()
    earlier.refresh_from_db()
    assert (pop.customer, earlier.customer) == (None if is_mistaken else wrong, wrong), "of this contact alone"
    Pop.objects.filter(pk=earlier.pk).delete()
    match = match_for(user=agent, kind="phone", text=pop.normalised)
    assert match.candidates[0].customer == (right if is_mistaken else wrong)


def test_a_later_call_keeps_its_choice_though_the_contact_before_was_a_mistake(client: Client) -> None:
    agent, customer, now = make_user(), make_customer(), timezone.now()
    for one in (customer, make_customer()):
        make_phone(one)
    opened_at, closed_at = now - timedelta(hours=2), now - timedelta(hours=1)
    talk = make_interaction(customer, agent=agent, opened_at=opened_at, closed_at=closed_at)
    before, after = ring(agent, "before"), ring(agent, "after")
    for pop, at in ((before, opened_at), (after, now)):
        answer_pop(pop=pop, customer=customer)
        Pop.objects.filter(pk=pop.pk).update(opened_at=at)
    client.force_login(agent)
    client.post(reverse("interaction_take_back", args=[customer.public_id, talk.pk]))
    before.refresh_from_db()
    after.refresh_from_db()
    assert (before.customer, after.customer) == (None, customer)


def test_a_certain_match_stays_though_the_contact_was_a_mistake(client: Client) -> None:
    agent, customer = make_user(), make_customer()
    make_phone(customer)
    pop = ring(agent)
    client.force_login(agent)
    client.post(reverse("pop_answer", args=[pop.public_id]))
    talk = make_interaction(customer, agent=agent)
    client.post(reverse("interaction_close", args=[customer.public_id, talk.pk]), {"mistake": "yes"})
    pop.refresh_from_db()
    assert pop.customer == customer


def test_answering_a_call_long_gone_says_so(client: Client) -> None:
    agent = make_user()
    pop = ring(agent)
    Pop.objects.update(created_at=Now() - settings.POP_KEPT - timedelta(days=1))
    forget_old_numbers()
    client.force_login(agent)
    html = client.post(reverse("pop_answer", args=[pop.public_id]), follow=True).content.decode()
    assert "This call is long gone" in html


def test_dismissing_says_so_and_leads_back(client: Client) -> None:
    agent = make_user()
    url = reverse("pop_dismiss", args=[ring(agent).public_id])
    client.force_login(agent)
    assert client.post(url, {"next": "/keys/"})["Location"] == "/keys/"
    assert client.post(url, {"next": "https://elsewhere.example/"})["Location"] == "/"
    assert "It stood on your desk no longer." in client.get("/").content.decode()
    assert client.post(url, headers={"X-Requested-With": "fetch"}).status_code == 204


def test_the_contact_view_says_who_is_calling_now(client: Client) -> None:
    agent, customer = make_user(), make_customer()
    make_phone(customer)
    pop, url = ring(agent), reverse("contact", args=[customer.public_id])
    client.force_login(make_user())
    assert "Calling now" not in client.get(url).content.decode()
    client.force_login(agent)
    assert "Calling now · certain match" in client.get(url).content.decode()
    dismiss_pop(pop=pop)
    assert "Calling now" not in client.get(url).content.decode()
