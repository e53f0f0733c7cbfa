"""The pop: how it comes to a desk, what becomes of it there, and the pages of the match."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from customers.models import ContactPoint, Customer
from customers.services.erasing import erase_customer
from customers.services.people import index_names
from portal.models import Pop, User
from portal.pops.services import answer_pop, dismiss_pop, end_old_pops, forget_old_numbers, record_pop
from portal.roles import Role
from portal.tasks import end_pops
from tests.factories import make_customer, make_email, make_touch_point, make_user
from tests.portal.known import with_token
from tests.portal.worlds import PHONE, give_tier, make_phone, make_tiers

pytestmark = pytest.mark.django_db

API = "/api/v1/pops/"


def ring(agent: User, external_id: str = "call-1", **said: Any) -> Pop:
    """A call on a colleague's desk."""
    said.setdefault("value", PHONE)
    fields = {"source": "phone-system", "kind": "phone", "channel": "phone"} | said
    return record_pop(agent=agent, external_id=external_id, **fields)[0]


def body(to: User, **said: Any) -> dict[str, Any]:
    return {"source": "phone-system", "external_id": "call-1", "agent": to.email, "phone": PHONE} | said


# --- the door of phone systems -------------------------------------------------------------------------


def test_a_call_is_put_on_a_desk_once_however_often_it_is_sent() -> None:
    agent, customer = make_user(), make_customer()
    make_phone(customer)
    make_touch_point()
    client, said = with_token(scopes=["pops"]), body(agent, touch_point="phone-desk", waited_seconds=95)
    answers = [client.post(API, said) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 200, 200]
    assert answers[0].json() == answers[2].json()
    shown = answers[0].json()
    assert (shown["match"], shown["agent"], shown["is_standing"]) == ("known", agent.email, True)
    assert "customer" not in shown, "whose number it is is told to the colleague, not to the phone system"
    pop = Pop.objects.get()
    assert (pop.customer, pop.agent, pop.channel, pop.waited) == (customer, agent, "phone", timedelta(seconds=95))
    other = make_user()
    assert client.post(API, body(other)).status_code == 201, "the same call rings at another desk, too"
    answer = client.post(API, said | {"phone": "020 7946 0999", "waited_seconds": 1})
    assert answer.status_code == 409
    assert "differs in: as compared, kept waiting" in answer.json()["detail"]
    assert Pop.objects.count() == 2


@pytest.mark.parametrize("phone", ["020 7946 0123", "(020) 7946-0123", "0044 20 79460123", "tel:+44-20-7946-0123"])
def test_any_notation_is_the_same_call(phone: str) -> None:
    agent, client = make_user(), with_token()
    assert client.post(API, body(agent)).status_code == 201
    assert client.post(API, body(agent, phone=phone)).status_code == 200
    french = client.post(API, body(agent, external_id="2", phone="01 99 00 12 34", region="fr"))
    assert french.status_code == 201
    assert Pop.objects.get(external_id="2").normalised == "+33199001234"


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"phone": "12"}, "phone", "This phone number is too short. Is the area code missing?"),
        ({"phone": "rubbish"}, "phone", "This is not a phone number."),
        ({"phone": None}, "phone", "This field may not be null."),
        ({"email": "a@mail.example"}, "phone", "Give either the caller's phone or their email."),
        ({"agent": "nobody@house.example"}, "agent", "No colleague at the desk has this address."),
        ({"touch_point": "moon"}, "touch_point", "There is no touch point in use with this short name."),
        ({"region": "ZZ"}, "region", "There is no country with these two letters."),
        ({"waited_seconds": -1}, "waited_seconds", "Ensure this value is greater than or equal to 0."),
        ({"channel": "pigeon"}, "channel", '"pigeon" is not a valid choice.'),
        ({"nonsense": 1}, "nonsense", "There is no field of this name."),
        ({"external_id": ""}, "external_id", "This field may not be blank."),
    ],
)
def test_what_is_wrong_is_said(changes: dict[str, Any], field: str, sentence: str) -> None:
    answer = with_token().post(API, body(make_user(), **changes))
    assert (answer.status_code, answer.json()[field]) == (400, [sentence])
    assert not Pop.objects.exists()


def test_a_writer_without_an_address_or_a_colleague_away_is_refused() -> None:
    agent, client = make_user(), with_token()
    said = body(agent, email="nowhere")
    del said["phone"]
    assert "@-sign" in client.post(API, said).json()["email"][0]
    assert client.post(API, said | {"email": "a@mail.example"}).json()["channel"] == "email"
    User.objects.filter(pk=agent.pk).update(is_active=False)
    assert client.post(API, body(agent, external_id="2")).status_code == 400
    program = make_user(Role.INTEGRATION)
    assert client.post(API, body(program, external_id="3")).status_code == 400


# --- what becomes of it --------------------------------------------------------------------------------


def test_the_same_call_at_once_is_one_pop(monkeypatch: pytest.MonkeyPatch) -> None:
    agent = make_user()
    pop = ring(agent)
    # The look before the insert finds nothing, as it does where two come at the same moment.
    monkeypatch.setattr("django.db.models.query.QuerySet.first", lambda self: None)
    assert record_pop(
        agent=agent, source="phone-system", external_id="call-1", kind="phone", value=PHONE, channel="phone"
    ) == (pop, False)


def test_a_pop_is_answered_or_dismissed_once() -> None:
    agent = make_user()
    answered, dismissed = ring(agent, "1"), ring(agent, "2")
    assert answer_pop(pop=answered)
    assert not answer_pop(pop=answered)
    assert not dismiss_pop(pop=answered)
    assert dismiss_pop(pop=dismissed)
    assert not answer_pop(pop=dismissed)
    answered.refresh_from_db()
    dismissed.refresh_from_db()
    assert (answered.dismissed_at, dismissed.opened_at) == (None, None)
    assert [answered.is_standing, dismissed.is_standing] == [False, False]


def test_nobody_took_it() -> None:
    agent = make_user()
    old, new = ring(agent, "1"), ring(agent, "2")
    Pop.objects.filter(pk=old.pk).update(created_at=Now() - settings.POP_STANDS - timedelta(minutes=1))
    end_pops()
    assert [pop.external_id for pop in Pop.objects.standing()] == [new.external_id]
    assert end_old_pops() == 0
    Pop.objects.filter(pk=old.pk).update(created_at=Now() - settings.POP_KEPT - timedelta(minutes=1))
    assert (forget_old_numbers(), forget_old_numbers()) == (1, 0)
    old.refresh_from_db()
    assert (old.value, old.normalised, old.match) == ("", "", "unknown")


def test_who_was_answered_from_this_number_leads_the_next_time() -> None:
    agent, first, second = make_user(), make_customer(), make_customer()
    for customer in (first, second):
        make_phone(customer)
    answer_pop(pop=ring(agent), customer=second)
    client = Client()
    client.force_login(agent)
    html = client.get("/pop/", {"phone": PHONE}).content.decode()
    assert html.index(second.full_name) < html.index(first.full_name)
    assert "last answered from here" in html


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("pop_by_phone_or_email", {"kind": "handle"}),
        ("pop_match_known", {"match": "sure"}),
        ("pop_certain_of_somebody", {"match": "known"}),
        ("pop_ends_once", {"opened_at": Now(), "dismissed_at": Now()}),
        ("pop_ends_once", {"ended_at": Now(), "dismissed_at": Now()}),
    ],
)
def test_the_database_refuses(name: str, change: dict[str, Any]) -> None:
    pop = ring(make_user())
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Pop.objects.filter(pk=pop.pk).update(**change)


def test_the_database_refuses_the_same_call_on_the_same_desk() -> None:
    pop = ring(make_user())
    same = {name: getattr(pop, name) for name in ("agent", "source", "external_id", "kind", "match")}
    with pytest.raises(IntegrityError, match="pop_once_per_call_and_agent"), transaction.atomic():
        Pop.objects.bulk_create([Pop(**same)])


# --- on the desk ---------------------------------------------------------------------------------------


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
    assert "0999" not in html


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
    assert "7946" not in client.get("/").content.decode()
    assert "7946" not in client.get("/pops/standing/").json()["html"]


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


# --- the pages of the match ----------------------------------------------------------------------------


def test_a_number_is_attached_to_somebody_found_by_name(client: Client) -> None:
    agent, customer = make_user(), make_customer(full_name="Customer Zephyr")
    index_names(customers=[customer])
    pop = ring(agent)
    client.force_login(agent)
    html = client.get("/pop/", {"phone": PHONE, "q": "zeph", "pop": str(pop.public_id)}).content.decode()
    assert "Somebody new" in html
    assert "It is them: add this number" in html
    said = {"phone": "020 7946 0123", "customer": customer.public_id, "pop": pop.public_id}
    for sentence in ("is theirs from now on", "was theirs already"):
        answer = client.post("/pop/attach/", said)
        assert answer["Location"] == reverse("contact", args=[customer.public_id]) + "?match=phone-chosen"
        assert sentence in client.get(answer["Location"]).content.decode()
    assert [point.normalised for point in customer.contact_points.all()] == [PHONE]
    pop.refresh_from_db()
    assert (pop.customer, pop.is_standing) == (customer, False)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.metadata FROM customers_contactpointevent e JOIN pghistory_context c ON c.id = e.pgh_context_id"
        )
        assert "pop" in str(cursor.fetchall()), "who did it is kept"
    assert client.get("/pop/", {"phone": PHONE})["Location"].endswith("?match=phone")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"phone": "12"}, 400),
        ({"phone": ""}, 400),
        ({"phone": PHONE, "email": "a@mail.example"}, 400),
        ({"email": "nowhere"}, 400),
        ({"phone": PHONE, "customer": "rubbish"}, 404),
        ({"phone": PHONE, "pop": "rubbish"}, 302),
    ],
)
def test_what_cannot_be_attached(client: Client, said: dict[str, str], expected: int) -> None:
    customer = make_customer()
    client.force_login(make_user())
    answer = client.post("/pop/attach/", {"customer": customer.public_id} | said)
    assert answer.status_code == expected
    assert ContactPoint.objects.exists() is (expected == 302)


@pytest.mark.parametrize(("role", "expected"), [(Role.ANALYST, 403), (Role.INTEGRATION, 403), (None, 302)])
def test_who_may_not_attach(client: Client, role: Role | None, expected: int) -> None:
    customer = make_customer()
    if role:
        client.force_login(make_user(role))
        assert client.get("/pop/attach/").status_code == 405
    assert client.post("/pop/attach/", {"customer": customer.public_id, "phone": PHONE}).status_code == expected
    assert not ContactPoint.objects.exists()


def test_anothers_pop_is_not_taken_by_attaching(client: Client) -> None:
    customer, pop = make_customer(), ring(make_user())
    client.force_login(make_user())
    client.post("/pop/attach/", {"customer": customer.public_id, "phone": PHONE, "pop": pop.public_id})
    pop.refresh_from_db()
    assert (pop.customer, pop.is_standing) == (None, True)


@pytest.mark.parametrize("many", [2, 4])
def test_eight_queries_for_the_chooser(
    client: Client, many: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(many):
        customer = make_customer(full_name=f"Customer sharing {number}")
        make_phone(customer)
        give_tier(customer, make_tiers()[number % 4])
    client.force_login(make_user())
    with django_assert_num_queries(8):
        html = client.get("/pop/", {"phone": PHONE}).content.decode()
    assert html.count("This number is theirs") == many


def test_an_address_of_several_is_chosen_too(client: Client) -> None:
    for _ in range(2):
        make_email(make_customer(), "shared@mail.example")
    client.force_login(make_user())
    html = client.get("/pop/", {"email": "Shared@mail.example"}).content.decode()
    assert "2 people share Shared@mail.example" in html
    assert "match=email-chosen" in html


def test_rubbish_beside_the_number_is_passed_over(client: Client) -> None:
    client.force_login(make_user())
    for more in ({"pop": "\0"}, {"q": "\0" * 9}, {"q": "x" * 5000}, {"pop": "x" * 5000}):
        assert client.get("/pop/", {"phone": PHONE} | more).status_code == 200


# --- forgetting ----------------------------------------------------------------------------------------


def test_a_forgotten_customers_calls_have_no_number() -> None:
    agent, customer = make_user(), make_customer()
    before = ring(agent, "before anybody knew them")
    make_phone(customer)
    known = ring(agent, "known")
    other = ring(agent, "other", value="+442079460999")
    erase_customer(customer=customer)
    for pop in (before, known, other):
        pop.refresh_from_db()
    assert (before.value, before.normalised, known.normalised) == ("Erased", "Erased", "Erased")
    assert other.normalised == "+442079460999"
    assert Customer.objects.get(pk=customer.pk).pops.count() == 1
