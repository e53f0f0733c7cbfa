"""Duplicates at the desk: who sees them, side by side, merging by a press, undoing it, and old links."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from customers.models import Customer, Duplicate, Merge, Preference
from customers.services.merges import merge_customers
from portal.duplicates import views
from portal.models import Reading
from portal.roles import PERMISSIONS, Role
from tests.chance import without_chance
from tests.factories import make_customer, make_email, make_order, make_user
from tests.portal.known import AMOUNT, EMAIL, signed_in
from tests.portal.worlds import make_world

pytestmark = pytest.mark.django_db

SEES = {Role.AGENT, Role.LEAD, Role.MANAGER, Role.ADMINISTRATOR}
MERGES = SEES - {Role.AGENT}


def make_pair(**fields: object) -> Duplicate:
    """Two customers who may be one, the first with an address and an order."""
    one, other = (
        make_customer(full_name="Customer One", city="Leeds"),
        make_customer(full_name="Customer Won", **fields),
    )
    make_email(one, EMAIL)
    make_order(one, AMOUNT)
    return Duplicate.objects.create(
        one=one, other=other, bits=14, reasons=["phone:same", "name:alike", "city:same", "country:same"]
    )


def as_role(role: str) -> Client:
    client = Client()
    client.force_login(make_user(role))
    return client


@pytest.mark.parametrize("role", Role.values)
def test_who_sees_pairs_and_who_may_press_what(role: str) -> None:
    pair, client = make_pair(city="York"), as_role(role)
    merged, _ = merge_customers(survivor=make_customer(), absorbed=make_customer(), by=None)
    seen = 200 if role in SEES else 403
    assert client.get(reverse("duplicates")).status_code == seen
    page = client.get(reverse("duplicate", args=[pair.pk]))
    assert page.status_code == seen
    assert ("merge</button>" in page.content.decode()) is (role in MERGES)
    for name, key, allowed in (
        ("duplicate_apart", pair.pk, SEES),
        ("merge_undo", merged.pk, MERGES),
        ("duplicate_merge", pair.pk, MERGES),
    ):
        door = reverse(name, args=[key])
        assert client.get(door).status_code == 405
        assert client.post(door, {"survivor": "one"}).status_code == (302 if role in allowed else 403), name
    assert Merge.objects.filter(undone_at=None, survivor=pair.one).exists() is (role in MERGES)


def test_strangers_sign_in_first() -> None:
    pair = make_pair()
    for door in (reverse("duplicates"), reverse("duplicate", args=[pair.pk])):
        answer = Client().get(door)
        assert (answer.status_code, answer.url) == (302, f"/accounts/login/?next={door}")  # type: ignore[attr-defined]
    assert Client().post(reverse("duplicate_merge", args=[pair.pk])).status_code == 302
    assert not Merge.objects.exists()


def test_the_list_says_why_and_side_by_side_shows_what_differs() -> None:
    pair, client = make_pair(city="York"), as_role(Role.LEAD)
    page = client.get(reverse("duplicates")).content.decode()
    assert "Customer One and Customer Won" in page
    assert "Same phone, names alike, same city" in page
    page = client.get(reverse("duplicate", args=[pair.pk])).content.decode()
    for said in ("Leeds", "York", EMAIL, "7,351.29", 'name="city"', 'name="full_name"'):
        assert said in page, said
    assert 'name="language"' not in page, "what is the same is not asked"
    assert Reading.objects.count() == 2


def test_money_and_addresses_are_for_those_who_may_see_them(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = make_pair()
    hidden = {"customers.view_money", "customers.view_contact_points"}
    monkeypatch.setitem(PERMISSIONS, Role.AGENT, PERMISSIONS[Role.AGENT] - hidden)
    page = without_chance(as_role(Role.AGENT).get(reverse("duplicate", args=[pair.pk])).content.decode())
    for canary in (EMAIL, "7,351.29", "7351"):
        assert canary not in page


def test_merging_by_a_press_with_what_was_chosen() -> None:
    pair, client = make_pair(city="York"), as_role(Role.LEAD)
    door = reverse("duplicate_merge", args=[pair.pk])
    answer = client.post(door, {"survivor": "other", "full_name": "one", "city": "other"})
    pair.other.refresh_from_db()
    assert answer.url == reverse("contact", args=[pair.other.public_id])  # type: ignore[attr-defined]
    assert (pair.other.full_name, pair.other.city) == ("Customer One", "York")
    assert pair.other.orders.count() == 1
    assert client.post(door, {"survivor": "one"}).url == answer.url, "the second press leads there"  # type: ignore[attr-defined]
    assert client.get(reverse("duplicate", args=[pair.pk])).url == answer.url  # type: ignore[attr-defined]
    merged = Merge.objects.get()
    assert "Undo" in client.get(reverse("duplicates")).content.decode()
    for _ in range(2):
        assert client.post(reverse("merge_undo", args=[merged.pk])).status_code == 302
    pair.one.refresh_from_db()
    assert pair.one.merged_into is None
    assert pair.one.orders.count() == 1
    pair.refresh_from_db()
    assert pair.state == "different"


def test_what_is_wrong_is_said_beside_them() -> None:
    pair, client = make_pair(city="York"), as_role(Role.LEAD)
    door = reverse("duplicate_merge", args=[pair.pk])
    answer = client.post(door, {"survivor": "nobody"})
    assert answer.status_code == 422
    assert not Merge.objects.exists()
    assert client.post(reverse("duplicate_merge", args=[0])).status_code == 404


@pytest.mark.parametrize("into_third", [False, True])
@pytest.mark.parametrize("between", ["looking", "pressing"])
def test_a_merging_by_a_colleague_in_between_leads_to_whom_they_are_now(
    monkeypatch: pytest.MonkeyPatch, between: str, into_third: bool
) -> None:
    pair, client = make_pair(city="York"), as_role(Role.LEAD)
    whole = make_customer() if into_third else pair.one
    name = "read_sides" if between == "looking" else "merge_customers"
    whole_work = getattr(views, name)

    def too_late(**asked: object) -> object:
        merge_customers(survivor=whole, absorbed=pair.other, by=None)
        return whole_work(**asked)

    monkeypatch.setattr(views, name, too_late)
    if between == "looking":
        answer = client.get(reverse("duplicate", args=[pair.pk]), follow=True)
    else:
        answer = client.post(reverse("duplicate_merge", args=[pair.pk]), {"survivor": "one"}, follow=True)
    assert answer.redirect_chain == [(reverse("contact", args=[whole.public_id]), 302)]
    said = "One of them was merged into somebody else" if into_third else "They are one customer"
    assert said in answer.content.decode()
    assert Merge.objects.count() == 1


def test_not_the_same_is_said_once() -> None:
    pair, client = make_pair(), as_role(Role.AGENT)
    door = reverse("duplicate_apart", args=[pair.pk])
    said = [client.post(door, follow=True).content.decode() for _ in range(2)]
    assert "Noted: they are not the same." in said[0]
    assert "Something was said of these two already." in said[1]
    pair.refresh_from_db()
    assert (pair.state, pair.decided_by is not None) == ("different", True)
    assert "Customer One and" not in said[1]


def test_old_links_lead_to_whom_they_are_now() -> None:
    one, other = make_customer(), make_customer(source="webshop", external_id="9")
    merge_customers(survivor=one, absorbed=other, by=None)
    client = as_role(Role.AGENT)
    answer = client.get(reverse("contact", args=[other.public_id]))
    assert (answer.status_code, answer.url) == (302, reverse("contact", args=[one.public_id]))  # type: ignore[attr-defined]
    assert (
        client.post(
            reverse("preference_note", args=[other.public_id]), {"text": "Tea", "provenance": "stated"}
        ).status_code
        == 302
    )
    assert Preference.objects.get().customer == one
    api = signed_in(Role.MANAGER)
    shown = api.get(f"/api/v1/customers/{other.public_id}/")
    assert (shown.status_code, shown.json()["public_id"]) == (200, str(one.public_id))
    listed = api.get("/api/v1/customers/").json()["results"]
    assert [row["public_id"] for row in listed] == [str(one.public_id)]


def test_the_contact_view_says_who_may_be_the_same_in_its_one_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    customer = make_world()
    client = as_role(Role.AGENT)
    door = reverse("contact", args=[customer.public_id])
    client.get(door)
    counts = []
    for many in (1, 3):
        for number in range(many):
            other = make_customer(full_name=f"Customer Twin {many}{number}")
            Duplicate.objects.create(one=customer, other=other, bits=12, reasons=["email:same"])
        with django_assert_num_queries(3):
            page = client.get(door).content.decode()
        counts.append(page.count("May be the same as"))
    assert counts == [1, 3]
    assert "Same email" in page
    analyst = as_role(Role.ANALYST).get(door).content.decode()
    assert "May be the same as" not in analyst


def test_lists_take_as_many_queries_for_one_as_for_three(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    client = as_role(Role.LEAD)
    make_pair()
    client.get(reverse("duplicates"))
    for _ in range(2):
        with django_assert_num_queries(5):
            assert client.get(reverse("duplicates")).status_code == 200
        make_pair()
        make_pair()
    assert Customer.objects.count() == 10
