"""Giving out of a month and taking back; the ledger, the letter and the fact say the same."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db.models import Sum
from django.db.models.functions import Now

from customers.enums import LetterState
from customers.exceptions import Conflict
from customers.models import Gesture, Letter, LetterEvent
from customers.services.consents import note_consent
from customers.services.contact_points import suppress_address
from customers.services.mailing import claim_letter
from feedback.enums import Confirming
from feedback.giving import Purse, month_of
from feedback.giving_letter import Reply
from feedback.models import GestureKind, GivingAllowance, GivingEntry, GivingMonth
from feedback.selectors import giving as selectors
from feedback.selectors.giving import purse_of, this_month
from feedback.services.giving import give_gesture, take_back
from feedback.services.giving_budgets import TooMuch
from feedback.starter_giving import ensure_allowances
from portal.models import User
from tests.factories import make_customer, make_email, make_interaction, make_user
from tests.feedback.giving_makers import SENTENCE, allow, make_giver, make_kind, make_lead, spent
from tests.portal.worlds import give_tier, make_tiers

pytestmark = pytest.mark.django_db


# --- giving --------------------------------------------------------------------------------------------


def test_what_is_given_is_a_fact_a_line_of_the_ledger_and_less_in_the_purse(agent: User, kind: GestureKind) -> None:
    customer = make_customer()
    tier = make_tiers()[1]
    give_tier(customer, tier)
    talk = make_interaction(customer, agent=agent)
    given = give_gesture(customer=customer, kind=kind, by=agent, words="For the wait", interaction=talk)
    gesture = Gesture.objects.get()
    assert given.gesture == gesture
    assert (gesture.what, gesture.cost, gesture.given_by) == ("Flowers: For the wait", 20, agent)
    assert (gesture.customer, gesture.interaction, gesture.source) == (customer, talk, "house")
    entry = GivingEntry.objects.get()
    assert (entry.gesture, entry.kind, entry.amount, entry.by) == (gesture, kind, 20, agent)
    assert set(GivingMonth.objects.values_list("agent", "tier", "spent", "allowed")) == {
        (agent.pk, None, Decimal(20), Decimal(50)),
        (None, None, Decimal(20), None),
        (None, tier.pk, Decimal(20), None),
    }
    assert purse_of(agent) == Purse(Decimal(25), Decimal(50), Decimal(20))
    assert purse_of(agent).most == 25


def test_the_second_press_gives_nothing(agent: User, kind: GestureKind) -> None:
    # The month has room for no second one: the press is known before anything is refused.
    allow(agent, 20, 20)
    customer = make_customer()
    first = give_gesture(customer=customer, kind=kind, by=agent)
    second = give_gesture(customer=customer, kind=kind, by=agent)
    assert (first.is_new, second.is_new) == (True, False)
    assert first.gesture == second.gesture
    assert spent(agent) == 20
    numbered = [give_gesture(customer=customer, kind=make_kind("Tea", 0), by=agent, external_id="7") for _ in "12"]
    assert [one.is_new for one in numbered] == [True, False]
    with pytest.raises(Conflict):
        give_gesture(customer=make_customer(), kind=make_kind("Tea", 0), by=agent, external_id="7")


@pytest.mark.parametrize(
    ("cost", "said"),
    [("25.01", "at a time without asking"), ("12", "left of your month"), ("100.01", "may not cost so much")],
)
def test_more_than_one_may_is_refused_with_a_sentence(agent: User, kind: GestureKind, cost: str, said: str) -> None:
    for _ in range(2):
        give_gesture(customer=make_customer(), kind=kind, by=agent)
    with pytest.raises(ValidationError) as refused:
        give_gesture(customer=make_customer(), kind=kind, by=agent, cost=Decimal(cost))
    assert said in refused.value.message_dict["cost"][0]
    assert isinstance(refused.value, TooMuch) is (cost != "100.01")
    assert (Gesture.objects.count(), spent(agent)) == (2, 40)


def test_what_costs_nothing_needs_no_purse(kind: GestureKind) -> None:
    nobody = make_user()
    GivingAllowance.objects.all().delete()
    assert purse_of(nobody) == Purse()
    assert give_gesture(customer=make_customer(), kind=make_kind("A call", 0), by=nobody).is_new
    with pytest.raises(TooMuch):
        give_gesture(customer=make_customer(), kind=kind, by=nobody)


def test_a_persons_amount_goes_before_their_roles() -> None:
    GivingAllowance.objects.all().delete()
    ensure_allowances()
    agent = make_user()
    assert purse_of(agent).per_month == 200
    allow(agent, 1, 2)
    assert purse_of(agent) == Purse(Decimal(1), Decimal(2))
    assert not ensure_allowances()


@pytest.mark.parametrize("is_for_tier", [True, False])
def test_the_house_and_a_tier_have_budgets_too(kind: GestureKind, is_for_tier: bool) -> None:
    tier = make_tiers()[0]
    customers = [make_customer(), make_customer()]
    for customer in customers:
        give_tier(customer, tier)
    GivingAllowance.objects.create(tier=tier if is_for_tier else None, per_month=30)
    give_gesture(customer=customers[0], kind=kind, by=make_giver())
    with pytest.raises(ValidationError, match="A manager can change that") as refused:
        give_gesture(customer=customers[1], kind=kind, by=make_giver())
    assert not isinstance(refused.value, TooMuch)
    if is_for_tier:
        assert give_gesture(customer=make_customer(), kind=kind, by=make_giver()).is_new


def test_an_amount_that_is_lowered_does_not_undo_what_was_given(agent: User, kind: GestureKind) -> None:
    give_gesture(customer=make_customer(), kind=kind, by=agent)
    allow(agent, 25, 5)
    assert (purse_of(agent).left, purse_of(agent).most) == (0, 0)
    with pytest.raises(TooMuch):
        give_gesture(customer=make_customer(), kind=kind, by=agent)
    allow(agent, 25, 40)
    assert give_gesture(customer=make_customer(), kind=kind, by=agent).is_new
    assert spent(agent) == 40


# --- the month's turn, and the clocks --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "zone", "month"),
    [
        # London is an hour ahead in summer: its April begins while UTC is in March.
        (datetime(2026, 3, 31, 22, 59, 59, tzinfo=UTC), "Europe/London", date(2026, 3, 1)),
        (datetime(2026, 3, 31, 23, 0, tzinfo=UTC), "Europe/London", date(2026, 4, 1)),
        # The clocks go back on 25 October: the last hour of the month is UTC's again.
        (datetime(2026, 10, 31, 23, 59, 59, tzinfo=UTC), "Europe/London", date(2026, 10, 1)),
        (datetime(2026, 11, 1, 0, 0, tzinfo=UTC), "Europe/London", date(2026, 11, 1)),
        # Where the clocks change in the first hours of a month: New York, 1 November 2026.
        (datetime(2026, 11, 1, 3, 59, tzinfo=UTC), "America/New_York", date(2026, 10, 1)),
        (datetime(2026, 11, 1, 4, 0, tzinfo=UTC), "America/New_York", date(2026, 11, 1)),
        (datetime(2026, 12, 31, 10, 0, tzinfo=UTC), "Pacific/Kiritimati", date(2027, 1, 1)),
        (datetime(2027, 1, 1, 9, 0, tzinfo=UTC), "Pacific/Marquesas", date(2026, 12, 1)),
    ],
)
def test_a_month_is_the_houses(moment: datetime, zone: str, month: date) -> None:
    assert month_of(moment, zone) == month


def test_at_the_turn_of_the_month_the_purse_is_full_again(
    agent: User, kind: GestureKind, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.TIME_ZONE = "Europe/London"
    last, first = datetime(2026, 3, 31, 22, 59, tzinfo=UTC), datetime(2026, 3, 31, 23, 0, tzinfo=UTC)
    monkeypatch.setattr(selectors, "database_now", lambda: last)
    gestures = [give_gesture(customer=make_customer(), kind=kind, by=agent).gesture for _ in range(2)]
    assert purse_of(agent).left == 10
    monkeypatch.setattr(selectors, "database_now", lambda: first)
    assert purse_of(agent).left == 50
    give_gesture(customer=make_customer(), kind=kind, by=agent)
    # What is taken back goes to the month that it came out of.
    take_back(gesture=gestures[0], by=agent)
    found = GivingMonth.objects.filter(agent=agent).order_by("month").values_list("month", "spent")
    assert list(found) == [(date(2026, 3, 1), 20), (date(2026, 4, 1), 20)]


# --- taking back -----------------------------------------------------------------------------------------


def test_what_was_a_mistake_is_booked_back_and_stays_to_be_seen(agent: User, kind: GestureKind) -> None:
    customer = make_customer()
    gesture = give_gesture(customer=customer, kind=kind, by=agent).gesture
    assert take_back(gesture=gesture, by=agent, words="Wrong person")
    assert not take_back(gesture=gesture, by=agent)
    gesture.refresh_from_db()
    assert gesture.cost == 0
    assert gesture.taken_back_at
    lines = GivingEntry.objects.order_by("pk").values_list("entry", "amount", "by", "words")
    assert list(lines) == [("given", 20, agent.pk, ""), ("taken_back", -20, agent.pk, "Wrong person")]
    assert set(GivingMonth.objects.values_list("spent", flat=True)) == {Decimal(0)}
    # Given again at once it is another gesture, not the one that was taken back.
    again = give_gesture(customer=customer, kind=kind, by=agent)
    assert again.is_new
    assert again.gesture != gesture


def test_who_may_take_it_back(agent: User, kind: GestureKind) -> None:
    gesture = give_gesture(customer=make_customer(), kind=kind, by=agent).gesture
    with pytest.raises(ValidationError, match="or a lead"):
        take_back(gesture=gesture, by=make_giver())
    Gesture.objects.update(given_at=Now() - timedelta(hours=25))
    with pytest.raises(ValidationError, match="within a day"):
        take_back(gesture=gesture, by=agent)
    assert take_back(gesture=gesture, by=make_lead())
    imported = Gesture.objects.create(customer=make_customer(), what="Old", cost=5)
    with pytest.raises(ValidationError, match="not given from here"):
        take_back(gesture=imported, by=make_lead())


# --- the letter ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "said", "spoken"), [("de", "Blumen", "de"), ("fr", "Flowers", "en")])
def test_the_letter_is_written_with_the_gesture_in_their_language(
    agent: User, language: str, said: str, spoken: str
) -> None:
    kind = make_kind(confirming=Confirming.SERVICE, words=SENTENCE)
    customer = make_customer(language=language)
    address = make_email(customer)
    given = [give_gesture(customer=customer, kind=kind, by=agent, writes_letter=True) for _ in "12"]
    assert [one.letter for one in given] == [Reply.WRITTEN, None]
    letter = Letter.objects.get()
    assert (letter.kind, letter.subject_key) == ("feedback.gesture", str(given[0].gesture.pk))
    assert (letter.to_address, letter.language, letter.customer) == (address.value, spoken, customer)
    assert said in letter.text
    assert said in letter.html
    assert f'lang="{spoken}"' in letter.html
    assert claim_letter() is not None


def test_no_letter_where_none_is_wanted_or_may_go(agent: User) -> None:
    treat = make_kind("Treat", 1, confirming=Confirming.TREAT, words=SENTENCE)
    service = make_kind("Service", 1, confirming=Confirming.SERVICE, words=SENTENCE)
    customer = make_customer()
    point = make_email(customer)
    note_consent(customer=customer, purpose="marketing", is_given=False)

    def reply(kind: GestureKind, **fields: Any) -> Reply | None:
        return give_gesture(customer=customer, kind=kind, by=agent, writes_letter=True, **fields).letter

    assert reply(treat) is Reply.NO_CONSENT
    assert reply(make_kind("Plain", 1)) is Reply.NOT_FOR_THIS_KIND
    assert reply(service) is Reply.WRITTEN
    suppress_address(address=point.value, reason="by_hand")
    assert reply(service, words="Once more") is Reply.NO_ADDRESS
    assert give_gesture(customer=make_customer(), kind=service, by=agent).letter is None
    assert Letter.objects.count() == 1


def test_a_letter_about_what_was_taken_back_does_not_leave(agent: User) -> None:
    kind = make_kind(confirming=Confirming.TREAT, words=SENTENCE)
    customers = [make_customer(), make_customer()]
    for customer in customers:
        make_email(customer)
        gesture = give_gesture(customer=customer, kind=kind, by=agent, writes_letter=True).gesture
    take_back(gesture=gesture, by=agent)
    note_consent(customer=customers[0], purpose="marketing", is_given=False)
    assert claim_letter() is None
    assert set(Letter.objects.values_list("state", flat=True)) == {LetterState.SUPPRESSED}
    assert set(LetterEvent.objects.values_list("words", flat=True)) == {
        "The gesture was taken back",
        "They want no news or offers",
    }


def test_the_months_are_the_ledgers_sums(agent: User, kind: GestureKind) -> None:
    for _ in range(2):
        gesture = give_gesture(customer=make_customer(), kind=kind, by=agent).gesture
    take_back(gesture=gesture, by=agent)
    month = GivingMonth.objects.get(agent=agent, month=this_month())
    assert month.spent == GivingEntry.objects.filter(agent_month=month).aggregate(all=Sum("amount"))["all"] == 20
