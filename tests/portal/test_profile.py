"""Correcting a customer at the desk: the profile, what is not theirs, and who may."""

import html
import re
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from customers.imports import import_rows
from customers.models import Consent, ContactPoint, Customer
from customers.services.contact_points import add_contact_point, prefer_contact_point, retire_contact_point
from customers.services.erasing import erase_customer
from customers.services.merges import merge_customers
from customers.services.people import add_customer, change_customer, mark_of
from customers.services.preferences import note_preference
from feedback.enums import NotAsked
from feedback.selectors.reaching import addresses_of, why_not_ask
from portal import roles
from portal.models import Reading
from portal.roles import Role, permissions_of
from tests.factories import make_customer, make_email, make_user
from tests.portal.worlds import PHONE, make_phone

pytestmark = pytest.mark.django_db

# Door → the roles that it opens to. Who may change nothing may still look at the customer.
DESK = {Role.AGENT, Role.LEAD, Role.MANAGER, Role.ADMINISTRATOR}
MATRIX = {"profile": DESK, "profile_change": DESK, "point_add": DESK, "point_prefer": DESK} | {
    "point_retire": DESK,
    "consent_note": DESK,
}
FIELDS = ("full_name", "given_name", "family_name", "known_as", "say_as", "pronouns", "language", "city", "country")


ONE_MORE = {"kind": "email", "value": "one@mail.example"}


def sign_in(client: Client, role: str = Role.AGENT) -> Client:
    client.force_login(make_user(role))
    return client


def door_of(name: str, customer: Customer) -> str:
    more: list[int | str] = ["recording"] if name == "consent_note" else []
    if name in ("point_retire", "point_prefer"):
        more = [customer.contact_points.order_by("pk")[0].pk]
    return reverse(name, args=[customer.public_id, *more])


def told_of(customer: Customer, **changes: str) -> dict[str, str]:
    """What the page would send, as it was drawn, with these changes."""
    drawn = {name: getattr(customer, name) for name in (*FIELDS, "time_zone")}
    return drawn | {"seen": mark_of(customer)} | changes


def look(client: Client, customer: Customer, door: str = "profile") -> str:
    response = client.get(reverse(door, args=[customer.public_id]))
    assert response.status_code == 200
    return html.unescape(response.content.decode())


def field_of(page: str, name: str) -> str:
    found = re.search(rf'<div class="field field-{name}.*?</div>', page, re.DOTALL)
    assert found
    return found[0]


# --- who may ---


@pytest.mark.parametrize("role", Role)
def test_who_may_correct_a_customer(client: Client, role: Role) -> None:
    customer = make_customer()
    make_phone(customer)
    sign_in(client, role)
    for name, allowed in MATRIX.items():
        door, told = door_of(name, customer), told_of(customer, city="Hull", answer="no", **ONE_MORE)
        response = client.get(door) if name == "profile" else client.post(door, told)
        expected = 200 if name == "profile" else 302
        assert response.status_code == (expected if role in allowed else 403), name
    customer.refresh_from_db()
    assert (customer.city == "Hull") is (role in DESK)
    # The phone is taken back; the address is added.
    in_use = set(customer.contact_points.filter(is_active=True).values_list("kind", flat=True))
    assert in_use == ({"email"} if role in DESK else {"phone"})
    assert customer.consents.exists() is (role in DESK)
    if "portal.use_desk" in permissions_of(role):
        link = f'href="{reverse("profile", args=[customer.public_id])}"'
        assert (link in look(client, customer, "contact")) is (role in DESK)


@pytest.mark.parametrize("name", MATRIX)
def test_strangers_sign_in_first_and_a_write_is_a_post(client: Client, name: str) -> None:
    customer = make_customer(city="Bath")
    make_phone(customer)
    door = door_of(name, customer)
    response = (
        client.get(door)
        if name == "profile"
        else client.post(door, told_of(customer, city="Hull", answer="no", **ONE_MORE))
    )
    assert response.headers["Location"].startswith("/accounts/login/")
    wrong = sign_in(client).post(door) if name == "profile" else sign_in(client).get(door)
    assert wrong.status_code == 405
    customer.refresh_from_db()
    assert (customer.city, customer.contact_points.get().is_active) == ("Bath", True)
    assert not customer.consents.exists()


@pytest.mark.parametrize("name", MATRIX)
def test_who_may_not_see_numbers_learns_none(client: Client, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    hidden = permissions_of(Role.AGENT) - {"customers.view_contact_points"}
    monkeypatch.setitem(roles.PERMISSIONS, Role.AGENT, hidden)
    customer = make_customer()
    make_phone(customer)
    door = door_of(name, customer)
    sign_in(client)
    response = client.get(door) if name == "profile" else client.post(door, told_of(customer, full_name=""))
    assert response.status_code == {"profile": 200, "profile_change": 422, "consent_note": 404}.get(name, 403)
    page = response.content.decode()
    assert "7946" not in page
    assert "Not theirs" not in page
    assert "Phones and addresses" not in page
    assert customer.contact_points.get().is_active


# --- the profile ---


def test_a_name_is_corrected_and_found(client: Client) -> None:
    customer, _is_new = add_customer(full_name="Anna Befor", known_as="Ms Befor", language="fr", country="FR")
    agent = make_user()
    client.force_login(agent)
    page = look(client, customer)
    assert '<option value="fr" selected>French</option>' in page
    assert '<option value="FR" selected>France</option>' in page
    assert '<option value="Europe/Paris" selected>Europe/Paris</option>' in page, "as the country has it"
    assert Reading.objects.filter(customer_id=customer.pk, user_id=agent.pk).count() == 1
    changes = {"full_name": "Anna Before", "known_as": "", "say_as": "be-FOR", "time_zone": "Europe/Paris"}
    response = client.post(reverse("profile_change", args=[customer.public_id]), told_of(customer, **changes))
    assert response.headers["Location"] == reverse("contact", args=[customer.public_id])
    assert {name: getattr(Customer.objects.get(), name) for name in changes} == changes
    assert set(customer.name_words.values_list("word", flat=True)) == {"anna", "before"}
    told = customer.events.order_by("-pgh_id")[0]  # type: ignore[attr-defined]
    assert told.pgh_context.metadata["user"] == agent.pk
    events = customer.events.count()  # type: ignore[attr-defined]
    again = client.post(
        reverse("profile_change", args=[customer.public_id]), told_of(Customer.objects.get()), follow=True
    )
    assert "That is what stood there." in again.content.decode()
    assert customer.events.count() == events  # type: ignore[attr-defined]


def test_what_came_from_elsewhere_in_another_notation_stays(client: Client) -> None:
    customer = make_customer(language="de-at", country="XK", time_zone="Asia/Calcutta")
    sign_in(client)
    page = look(client, customer)
    for value in ("de-at", "XK", "Asia/Calcutta"):
        assert f'<option value="{value}" selected>' in page
    client.post(reverse("profile_change", args=[customer.public_id]), told_of(customer, city="Wien"))
    customer.refresh_from_db()
    assert (customer.language, customer.country, customer.time_zone, customer.city) == (
        "de-at",
        "XK",
        "Asia/Calcutta",
        "Wien",
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [("full_name", " "), ("full_name", "x" * 201), ("city", "a\0b"), ("city", "a\x1fb\x7f"), ("language", "xx")],
)
def test_what_does_not_hold_is_said_beside_its_field_and_nothing_typed_is_lost(
    client: Client, name: str, value: str
) -> None:
    customer = make_customer(full_name="Anna Before")
    told = told_of(customer, pronouns="typed by hand") | {name: value}
    response = sign_in(client).post(reverse("profile_change", args=[customer.public_id]), told)
    page = response.content.decode()
    assert response.status_code == 422
    assert "errorlist" in field_of(page, name)
    assert 'value="typed by hand"' in page
    assert f'name="seen" value="{mark_of(customer)}"' in page
    customer.refresh_from_db()
    assert (customer.full_name, customer.pronouns) == ("Anna Before", "")


def test_what_a_colleague_wrote_meanwhile_is_shown_before_it_is_written_over(client: Client) -> None:
    customer = make_customer(full_name="Anna Before", country="GB")
    told = told_of(customer, full_name="Anna After", country="IE", say_as="AF-ter")
    change_customer(customer=customer, full_name="Anna Between", country="FR")
    customer.refresh_from_db()
    door = reverse("profile_change", args=[customer.public_id])
    # Another mistake does not stand for having seen it.
    wrong = sign_in(client).post(door, told | {"say_as": "a\x7fb"})
    assert f'name="seen" value="{told["seen"]}"' in wrong.content.decode()
    response = client.post(door, told)
    page = html.unescape(response.content.decode())
    assert response.status_code == 422
    assert "A colleague wrote meanwhile: “Anna Between”." in field_of(page, "full_name")
    assert "A colleague wrote meanwhile: “France”." in field_of(page, "country")
    assert "errorlist" not in field_of(page, "say_as")
    for typed in ('value="Anna After"', '<option value="IE" selected>', 'value="AF-ter"'):
        assert typed in page
    customer.refresh_from_db()
    assert customer.full_name == "Anna Between"
    assert client.post(door, told | {"seen": mark_of(customer)}).status_code == 302
    customer.refresh_from_db()
    assert (customer.full_name, customer.country, customer.say_as) == ("Anna After", "IE", "AF-ter")


def test_what_is_typed_is_no_markup(client: Client) -> None:
    customer = make_customer(full_name="<script>one</script>")
    ContactPoint.objects.create(customer=customer, kind="handle", value="<b>two", normalised="<b>two", label="<i>three")
    sign_in(client)
    told = told_of(customer, city="<script>four</script>", full_name="")
    change_customer(customer=customer, city='"><script>five</script>')
    door = reverse("profile_change", args=[customer.public_id])
    answers = [client.post(door, told), client.post(door, told | {"full_name": "Six"})]
    answers.append(client.get(reverse("profile", args=[customer.public_id])))
    for page in [answer.content.decode() for answer in answers]:
        assert not re.search(r"<script>(one|four|five)|<b>two|<i>three", page)
    assert "&lt;script&gt;five" in answers[1].content.decode()


# --- what is not theirs ---


def test_a_number_that_is_not_theirs_is_taken_back_once(client: Client) -> None:
    customer = make_customer()
    point, kept = make_phone(customer), make_email(customer)
    agent = make_user()
    client.force_login(agent)
    assert "Not theirs: +44 20 7946 0123" in look(client, customer)
    door = reverse("point_retire", args=[customer.public_id, point.pk])
    assert client.post(reverse("point_retire", args=[make_customer().public_id, point.pk])).status_code == 404
    for sentence in ("Noted: that is not theirs.", "That was noted already."):
        assert sentence in client.post(door, follow=True).content.decode()
    point.refresh_from_db()
    assert not point.is_active
    page = look(client, customer)
    assert "7946" not in page
    assert kept.value in page
    told = point.events.order_by("-pgh_id")[0]  # type: ignore[attr-defined]
    assert told.pgh_context.metadata["user"] == agent.pk


# --- one more way to reach them ---


def add(client: Client, customer: Customer, told: dict[str, str], status: int = 200) -> str:
    response = client.post(reverse("point_add", args=[customer.public_id]), told, follow=True)
    assert response.status_code == status
    return html.unescape(response.content.decode())


def test_a_number_and_an_address_are_added_once(client: Client) -> None:
    customer, agent = make_customer(country="FR"), make_user()
    client.force_login(agent)
    assert "Add a number or an address" in look(client, customer)
    # As they dictate it, in the notation of where they live.
    for said in ("is theirs from now on.", "was theirs already."):
        page = add(client, customer, {"kind": "phone", "value": "01 99 00 12 34", "label": "work"})
        assert f"+33 1 99 00 12 34 {said}" in page
    assert "one@mail.example is theirs from now on." in add(client, customer, ONE_MORE | {"is_preferred": "on"})
    phone, email = customer.contact_points.order_by("-kind")
    assert (phone.normalised, phone.label, phone.is_preferred) == ("+33199001234", "work", False)
    assert (email.value, email.is_preferred) == ("one@mail.example", True)
    told = phone.events.order_by("-pgh_id")[0]  # type: ignore[attr-defined]
    assert told.pgh_context.metadata["user"] == agent.pk
    assert addresses_of([customer.pk])[0] == {customer.pk: "one@mail.example"}


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        ("phone", "12", "too short"),
        ("email", "nobody", "This is not an email address."),
        ("email", "", "This field is required."),
        ("fax", "1", "not one of the available choices"),
        ("handle", "x" * 321, "at most 320 characters"),
    ],
)
def test_what_cannot_be_one_is_refused_beside_the_field(client: Client, kind: str, value: str, said: str) -> None:
    customer = make_customer()
    sign_in(client)
    page = add(client, customer, {"kind": kind, "value": value, "label": "mobile"}, 422)
    assert said in page
    assert '<details class="act" open>' in page
    assert 'value="mobile"' in page, "what they typed is still there"
    assert not customer.contact_points.exists()


def test_the_one_to_use_first_is_chosen_once(client: Client) -> None:
    customer, agent = make_customer(), make_user()
    old, new, phone = make_email(customer, "old@mail.example"), make_email(customer), make_phone(customer)
    client.force_login(agent)
    assert look(client, customer).count("Use it first: ") == 2, "a phone alone of its kind is the first"
    for kept in (new, old):
        for said in ("Noted: we use that first.", "That was noted already."):
            page = client.post(reverse("point_prefer", args=[customer.public_id, kept.pk]), follow=True)
            assert said in page.content.decode()
        assert set(customer.contact_points.filter(is_preferred=True)) == {kept}
        assert addresses_of([customer.pk])[0] == {customer.pk: kept.value}
    told = old.events.order_by("-pgh_id")[0]  # type: ignore[attr-defined]
    assert told.pgh_context.metadata["user"] == agent.pk
    elsewhere = reverse("point_prefer", args=[make_customer().public_id, phone.pk])
    assert client.post(elsewhere).status_code == 404
    retire_contact_point(point=new)
    assert not prefer_contact_point(point=new)
    assert set(customer.contact_points.filter(is_preferred=True)) == {old}


def test_nothing_is_added_to_who_was_forgotten(client: Client) -> None:
    customer = make_customer()
    erase_customer(customer=customer)
    sign_in(client)
    assert "Add a number" not in look(client, customer)
    assert "They were forgotten at their wish" in add(client, customer, ONE_MORE, 422)
    assert not customer.contact_points.exists()
    with pytest.raises(ValidationError):
        add_contact_point(customer=customer, kind="email", value="one@mail.example")


# --- what they allow ---


def say(client: Client, customer: Customer, purpose: str, answer: str) -> str:
    door = reverse("consent_note", args=[customer.public_id, purpose])
    response = client.post(door, {"answer": answer}, follow=True)
    assert response.status_code == 200
    return html.unescape(response.content.decode())


def test_a_yes_and_a_no_are_noted_with_who_heard_them(client: Client) -> None:
    customer, agent = make_customer(), make_user(display_name="Agent Heard")
    client.force_login(agent)
    page = look(client, customer)
    assert page.count("They have not said") == 4
    assert "They say yes: Recording of calls" in page
    assert "Noted: they said no." in say(client, customer, "recording", "no")
    assert "That was noted already." in say(client, customer, "recording", "no")
    word = Consent.objects.get()
    assert (word.customer, word.purpose, word.is_given, word.source) == (
        customer,
        "recording",
        False,
        "Said so to Agent Heard",
    )
    page = look(client, customer)
    assert "They said no" in page
    assert "Said so to Agent Heard" in page
    assert "They say no: Recording of calls" not in page
    contact = html.unescape(client.get(reverse("contact", args=[customer.public_id])).content.decode())
    assert "Do not record the call." in contact
    assert "Noted: they said yes." in say(client, customer, "recording", "yes")
    assert Consent.objects.count() == 2, "the no is kept"
    contact = html.unescape(client.get(reverse("contact", args=[customer.public_id])).content.decode())
    assert "Do not record the call." not in contact


def test_who_wants_to_be_asked_again_is(client: Client) -> None:
    customer = make_customer()
    make_email(customer)
    sign_in(client)
    say(client, customer, "feedback", "no")
    assert why_not_ask([customer.pk]) == {customer.pk: NotAsked.NO_CONSENT}
    say(client, customer, "feedback", "yes")
    assert why_not_ask([customer.pk]) == {}


def test_a_no_to_what_is_sensitive_lets_go_of_it(client: Client) -> None:
    customer, agent = make_customer(), make_user()
    client.force_login(agent)
    say(client, customer, "special", "yes")
    preference, _is_new = note_preference(
        customer=customer, text="Needs a ramp", provenance="stated", category="health", noted_by=agent
    )
    say(client, customer, "special", "no")
    preference.refresh_from_db()
    assert preference.retired_at is not None


@pytest.mark.parametrize(("purpose", "answer"), [("cookies", "yes"), ("recording", ""), ("recording", "maybe")])
def test_no_other_word_is_noted(client: Client, purpose: str, answer: str) -> None:
    customer = make_customer()
    sign_in(client)
    door = reverse("consent_note", args=[customer.public_id, purpose])
    assert client.post(door, {"answer": answer}).status_code == 404
    assert not Consent.objects.exists()


def test_who_may_only_look_at_what_they_allow(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    customer = make_customer()
    sign_in(client)
    monkeypatch.setitem(roles.PERMISSIONS, Role.AGENT, permissions_of(Role.AGENT) - {"customers.add_consent"})
    page = look(client, customer)
    assert "What they allow" in page
    assert "They say yes" not in page
    assert client.post(door_of("consent_note", customer), {"answer": "yes"}).status_code == 403


def test_nobody_speaks_for_who_was_forgotten(client: Client) -> None:
    customer = make_customer()
    erase_customer(customer=customer)
    sign_in(client)
    assert "What they allow" not in look(client, customer)
    assert client.post(door_of("consent_note", customer), {"answer": "yes"}).status_code == 404


# --- merged, forgotten, and what it costs ---


def test_an_old_address_leads_to_whom_they_were_merged_into(client: Client) -> None:
    gone, stays = make_customer(), make_customer()
    make_phone(gone)
    told = told_of(gone, city="Hull")
    merge_customers(survivor=stays, absorbed=gone, by=None)
    response = sign_in(client).get(reverse("profile", args=[gone.public_id]))
    assert response.headers["Location"] == reverse("profile", args=[stays.public_id])
    # Whoever had the page open sees whose it is now, with what they typed.
    response = client.post(reverse("profile_change", args=[gone.public_id]), told)
    page = html.unescape(response.content.decode())
    assert response.status_code == 422
    assert f"“{stays.full_name}”" in field_of(page, "full_name")
    assert 'value="Hull"' in page
    stays.refresh_from_db()
    assert stays.city == ""
    assert client.post(reverse("point_retire", args=[gone.public_id, stays.contact_points.get().pk])).status_code == 302
    assert not stays.contact_points.get().is_active
    assert client.get(reverse("profile", args=["3869de38-9bfc-4729-b993-ac938e694fc8"])).status_code == 404


def test_who_was_forgotten_is_left_alone(client: Client) -> None:
    customer = make_customer(full_name="Anna Before")
    told = told_of(customer, full_name="Anna After")
    erase_customer(customer=customer)
    sign_in(client)
    assert "They were forgotten at their wish" in look(client, customer)
    assert 'name="full_name"' not in look(client, customer)
    response = client.post(reverse("profile_change", args=[customer.public_id]), told)
    assert response.status_code == 422
    assert "They were forgotten at their wish" in response.content.decode()
    customer.refresh_from_db()
    assert customer.full_name == "Erased"


@pytest.mark.parametrize("many", [1, 3])
def test_the_page_costs_the_same(client: Client, django_assert_num_queries: DjangoAssertNumQueries, many: int) -> None:
    customer = make_customer()
    for n in range(many):
        make_phone(customer, f"{PHONE[:-1]}{n}")
        make_email(customer)
    sign_in(client)
    # Session, user, customer, the reading, whether they were forgotten, their phones and addresses, what they allow.
    with django_assert_num_queries(7):
        look(client, customer)


def test_an_import_says_again_what_its_source_says(client: Client) -> None:
    customer = make_customer(full_name="Anna Befor", source="shop", external_id="7")
    change_customer(customer=customer, full_name="Anna Before", city="Hull")
    rows = StringIO("external_id,full_name\n7,Anna Befor\n", newline="")
    import_rows(kind="customers", file=rows, source="shop")
    customer.refresh_from_db()
    assert (customer.full_name, customer.city) == ("Anna Befor", "Hull")
    assert "put over them each time" in look(sign_in(client), customer)
