"""One person in several roles at the desk: the contact view, the chooser, the page of roles, and who may press what."""

from datetime import timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from customers.models import Customer, Incident, Promise, Relationship
from customers.services.merges import merge_customers
from customers.services.people import add_customer
from customers.services.relationships import note_relationship
from customers.services.selves import add_self, link_selves
from portal.contact.parts.selves import SelfRow, worst_of
from portal.models import Reading
from portal.roles import Role
from tests.factories import make_customer, make_interaction, make_touch_point, make_user
from tests.portal.known import signed_in
from tests.portal.worlds import PHONE, give_tier, make_phone, make_tiers
from tiers.models import Measures

pytestmark = pytest.mark.django_db


def look(client: Client, customer: Customer, door: str = "contact", query: str = "") -> str:
    response = client.get(reverse(door, args=[customer.public_id]) + query)
    assert response.status_code == 200
    return response.content.decode()


def sign_in(client: Client, role: str = Role.AGENT) -> Client:
    client.force_login(make_user(role))
    return client


def make_selves(firm: str = "Firm X") -> tuple[Customer, Customer]:
    private, buyer = make_customer(full_name="Customer One"), make_customer(full_name="Customer One")
    link_selves(customer=private, other=buyer, capacity="firm", firm=firm)
    give_tier(buyer, make_tiers()[2])
    Measures.objects.create(customer=buyer, margin=Decimal("4321.00"), orders=7, as_of=timezone.localdate())
    return private, buyer


def let_down(customer: Customer) -> None:
    made = timezone.now() - timedelta(days=3)
    Promise.objects.create(customer=customer, text="Ring back.", made_at=made, due_at=made + timedelta(days=1))
    Incident.objects.create(customer=customer, kind="late", touch_point=make_touch_point(), text="Parcel late")


# --- the contact view ---


def test_says_in_which_role_they_call_and_leads_to_the_other(client: Client) -> None:
    private, buyer = make_selves()
    sign_in(client, Role.LEAD)
    html = look(client, private)
    assert "Calling for themselves" in html
    assert f'<a href="{reverse("contact", args=[buyer.public_id])}" data-key="s"' in html
    assert "As buyer for Firm X" in html
    assert "£4,321 a year" in html
    assert "Calling as buyer for Firm X" in look(client, buyer)


def test_value_is_for_those_who_may_see_margin(client: Client) -> None:
    private, _buyer = make_selves()
    html = look(sign_in(client), private)
    assert "House guest" in html
    assert "4,321" not in html


def test_what_went_wrong_in_another_role_is_said_before_one_speaks(client: Client) -> None:
    private, buyer = make_selves()
    assert "We owe them nothing" in look(sign_in(client), private)
    let_down(buyer)
    html = look(client, private)
    assert "As buyer for Firm X: Parcel late" in html
    assert "We owe them nothing" not in html
    Incident.objects.all().delete()
    assert "As buyer for Firm X, our promise is late: Ring back<" in look(client, private)


def test_a_contact_that_is_open_in_the_other_role_is_said_so(client: Client) -> None:
    private, buyer = make_selves()
    agent = make_user()
    client.force_login(agent)
    make_interaction(buyer, agent=make_user())
    assert "your contact is open there" not in look(client, private)
    make_interaction(buyer, agent=agent)
    assert "your contact is open there" in look(client, private)


def test_an_assistant_is_shown_with_whom_they_call_for(client: Client) -> None:
    chief, assistant, partner = make_customer(), make_customer(), make_customer()
    note_relationship(customer=assistant, other=chief, kind="assistant", may_act=True)
    note_relationship(customer=partner, other=chief, kind="household")
    sign_in(client)
    link = f'<a href="{reverse("contact", args=[chief.public_id])}">{chief}</a>'
    assert f"Assistant of {link} · may arrange" in look(client, assistant)
    html = look(client, chief)
    assert f"Assisted by {assistant}" in html
    assert "and 1 more" in html
    merge_customers(survivor=make_customer(), absorbed=assistant, by=None)
    assert f"Assisted by {assistant}" not in look(client, chief)


def test_somebody_with_one_self_is_told_nothing_of_it(client: Client) -> None:
    html = look(sign_in(client), make_customer())
    assert "Calling for" not in html
    assert 'data-key="s"' not in html
    assert "Assisted" not in html


@pytest.mark.parametrize("many", [0, 1, 3])
def test_selves_and_relationships_ride_in_the_one_query(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, many: int
) -> None:
    customer = make_customer()
    for n in range(many):
        add_self(customer=customer, capacity="firm", firm=f"Firm {n}")
        note_relationship(customer=customer, other=make_customer(), kind="household")
        let_down(add_self(customer=customer, capacity="firm", firm=f"Firm {n}")[0])
    sign_in(client)
    with django_assert_num_queries(3):
        look(client, customer)


def test_the_chooser_of_a_shared_line_asks_for_the_role(client: Client) -> None:
    one = make_customer(full_name="Customer One")
    make_phone(one)
    new, _ = add_self(customer=one, capacity="firm", firm="Firm X")
    html = sign_in(client).get(reverse("pop"), {"phone": PHONE}).content.decode()
    assert "In which role do they call?" in html
    assert "The same person, as buyer for Firm X" in html
    assert f"{reverse('contact', args=[new.public_id])}?match=phone-chosen" in html


# --- the page of roles and relationships ---


def test_the_page_shows_them_and_finds_somebody_else(client: Client) -> None:
    private, _buyer = make_selves()
    other, _ = add_customer(full_name="Customer Two")
    note_relationship(customer=private, other=other, kind="household", source="Said so by phone")
    html = look(sign_in(client), private, "selves", "?q=customer two")
    assert "Said so by phone" in html
    assert "4,321" not in html
    assert f"?other={other.public_id}" in html
    assert Reading.objects.get().customer_id == private.pk
    chosen = look(client, private, "selves", f"?other={other.public_id}")
    assert "Assistant of Customer Two" in chosen
    assert "£4,321.00 in 12 months" in look(sign_in(client, Role.MANAGER), private, "selves")


@pytest.mark.parametrize("many", [1, 3])
def test_the_page_costs_the_same(client: Client, django_assert_num_queries: DjangoAssertNumQueries, many: int) -> None:
    customer = make_customer()
    for n in range(many):
        add_self(customer=customer, capacity="firm", firm=f"Firm {n}")
        note_relationship(customer=customer, other=make_customer(), kind="household", noted_by=make_user())
    sign_in(client)
    with django_assert_num_queries(7):
        look(client, customer, "selves")


def test_a_role_is_added_changed_linked_and_taken_out(client: Client) -> None:
    one, other = make_customer(), make_customer()
    doors = {name: reverse(name, args=[one.public_id]) for name in ("self_add", "self_role", "self_link")}
    sign_in(client)
    response = client.post(doors["self_add"], {"capacity": "firm", "firm": "Firm X"})
    new = Customer.objects.get(firm="Firm X")
    assert response.headers["Location"] == reverse("contact", args=[new.public_id])
    assert client.post(doors["self_add"], {"capacity": "firm", "firm": "firm x"}).status_code == 302
    assert Customer.objects.count() == 3
    client.post(doors["self_link"], {"other": other.public_id, "capacity": "firm", "firm": "Firm Y"})
    client.post(doors["self_role"], {"capacity": "firm", "firm": "Firm Z"})
    assert sorted(Customer.objects.exclude(person=None).values_list("firm", flat=True)) == [
        "Firm X",
        "Firm Y",
        "Firm Z",
    ]
    for left in (2, 2):
        client.post(reverse("self_unlink", args=[other.public_id]))
        assert Customer.objects.exclude(person=None).count() == left
    refused = client.post(doors["self_add"], {"capacity": "firm", "firm": ""})
    assert (refused.status_code, "Please name the firm" in refused.content.decode()) == (422, True)
    refused = client.post(doors["self_link"], {"other": other.public_id, "capacity": "firm", "firm": "Firm X"})
    assert (refused.status_code, "in that role already" in refused.content.decode()) == (422, True)


def test_a_relationship_is_noted_from_either_side_and_ended_once(client: Client) -> None:
    one, other = make_customer(), make_customer()
    door = reverse("relationship_note", args=[one.public_id])
    said = {"other": other.public_id, "kind": "assistant-theirs", "may_act": "on", "source": "His words"}
    sign_in(client)
    for _ in range(2):
        assert client.post(door, said).status_code == 302
    tie = Relationship.objects.get()
    assert (tie.customer, tie.other, tie.may_act, tie.source) == (other, one, True, "His words")
    refused = client.post(door, said | {"other": one.public_id})
    assert (refused.status_code, "Choose somebody else" in refused.content.decode()) == (422, True)
    assert client.post(door, said | {"other": "rubbish"}).status_code == 404
    end = reverse("relationship_end", args=[one.public_id, tie.pk])
    assert client.post(reverse("relationship_end", args=[make_customer().public_id, tie.pk])).status_code == 404
    for sentence in ("it is no longer so", "known already"):
        assert sentence in client.post(end, follow=True).content.decode()
    assert not Relationship.objects.open().exists()


DOORS = ["self_add", "self_role", "self_link", "self_unlink", "relationship_note", "relationship_end"]


@pytest.mark.parametrize("door", DOORS)
def test_presses_refuse_strangers_other_methods_and_those_who_may_only_look(client: Client, door: str) -> None:
    private, _buyer = make_selves()
    tie, _ = note_relationship(customer=private, other=make_customer(), kind="household")
    url = reverse(door, args=[private.public_id, tie.pk] if door == "relationship_end" else [private.public_id])
    before = (Customer.objects.exclude(person=None).count(), Relationship.objects.open().count())
    assert client.post(url).headers["Location"].startswith("/accounts/login/")
    assert sign_in(client, Role.ANALYST).post(url).status_code == 403
    assert '<form method="post" action="/customers/' not in look(client, private, "selves")
    assert sign_in(client).get(url).status_code == 405
    assert (Customer.objects.exclude(person=None).count(), Relationship.objects.open().count()) == before


def test_an_old_address_leads_to_whom_they_were_merged_into(client: Client) -> None:
    gone, stays = make_customer(), make_customer()
    merge_customers(survivor=stays, absorbed=gone, by=None)
    response = sign_in(client).get(reverse("selves", args=[gone.public_id]))
    assert response.headers["Location"] == reverse("selves", args=[stays.public_id])
    assert client.get(reverse("selves", args=["3869de38-9bfc-4729-b993-ac938e694fc8"])).status_code == 404


# --- the API ---


@pytest.mark.parametrize(("role", "margin"), [(Role.INTEGRATION, None), (Role.MANAGER, "4321.00")])
def test_the_context_tells_selves_and_relationships(role: str, margin: str | None) -> None:
    private, buyer = make_selves()
    chief = make_customer()
    note_relationship(customer=private, other=chief, kind="assistant", may_act=True)
    told = signed_in(role).get(f"/api/v1/customers/{private.public_id}/context/").json()
    assert told["customer"]["capacity"] == "private"
    (one,) = told["selves"]
    assert one | {"tier": one["tier"]["slug"]} == {
        "public_id": str(buyer.public_id),
        "capacity": "firm",
        "firm": "Firm X",
        "tier": "house-guest",
        "margin": margin,
        "is_let_down": False,
    }
    assert told["relationships"] == [
        {
            "public_id": str(chief.public_id),
            "full_name": chief.full_name,
            "kind": "assistant",
            "is_theirs": False,
            "may_act": True,
        }
    ]


def test_of_several_roles_the_one_that_was_let_down_worst_is_told() -> None:
    fine: dict[str, Any] = {"capacity": "firm", "firm": "", "tier": None, "margin": None, "is_open": False}
    fine |= dict.fromkeys(("severity", "wrong", "wrong_at", "late", "late_at"))
    rows = {
        name: SelfRow(**fine | more, pk=1, public_id="x")
        for name, more in (
            ("fine", {}),
            ("late", {"late": "To ring"}),
            ("little", {"wrong": "Late", "severity": 1}),
            ("grave", {"wrong": "Lost", "severity": 3}),
        )
    }
    assert worst_of([rows["fine"]]) is None
    assert worst_of([rows["fine"], rows["late"]]) is rows["late"]
    for order in permutations(rows.values()):
        assert worst_of(list(order)) is rows["grave"]
    assert worst_of([rows["late"], rows["little"]]) is rows["little"]
