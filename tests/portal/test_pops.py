"""The pop: how it comes to a desk, and what becomes of it there."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.test import Client

from customers.models import Customer
from customers.services.erasing import erase_customer
from portal.models import Pop, User
from portal.pops.services import answer_pop, dismiss_pop, end_old_pops, forget_old_numbers, record_pop
from portal.roles import Role
from portal.tasks import end_pops
from tests.factories import make_customer, make_touch_point, make_user
from tests.portal.known import with_token
from tests.portal.worlds import PHONE, make_phone, ring

pytestmark = pytest.mark.django_db

API = "/api/v1/pops/"


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
    assert client.post(API, body(agent, external_id="3", phone=phone, region="uk")).status_code == 201
    assert Pop.objects.get(external_id="3").normalised == "+442079460123"


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
