"""Who is on the line: certain, perhaps, or nobody we know."""

import csv
import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from customers.addresses import normalise_email, without_tag
from customers.enums import ContactKind, MatchOutcome
from customers.models import ContactPoint, Customer, Incident, Promise
from customers.phones import normalise_phone
from customers.selectors.match import MOST, Match, Nearness, match_caller, match_phone
from customers.selectors.search import find_customers
from customers.services.people import add_customer
from portal.models import User
from portal.roles import Role
from tests.customers.vectors import vectors
from tests.factories import make_customer, make_interaction, make_touch_point, make_user

pytestmark = pytest.mark.django_db

LINE = "+442079460123"


def point(value: str, customer: Customer | None = None, *, kind: str = "phone", is_active: bool = True) -> Customer:
    """Somebody who has this number, in the form in which it is compared."""
    customer = customer or make_customer()
    ContactPoint.objects.create(customer=customer, kind=kind, value=value, normalised=value, is_active=is_active)
    return customer


def ask(user: User, text: str, region: str = "", kind: str = ContactKind.PHONE) -> Match:
    return match_caller(user=user, kind=kind, text=text, region=region)


def found(match: Match) -> list[tuple[Customer, Nearness]]:
    return [(one.customer, one.nearness) for one in match.candidates]


# --- every notation ------------------------------------------------------------------------------------


def test_every_valid_input_finds_its_number_and_every_invalid_one_says_why() -> None:
    with vectors("phone_vectors/libphonenumber_parse_inputs.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    agent, owners = make_user(), dict[str, Customer]()
    valid = [row for row in rows if not row["error_type"] and row["is_valid"] == "True"]
    for row in valid:
        number = row["e164"] + (f";ext={row['extension']}" if row["extension"] else "")
        if number not in owners:
            owners[number] = point(number)
    outcomes = {"found": 0, "refused": 0}
    for row in valid:
        match = ask(agent, row["input"], row["default_region"] or "ZZ")
        owner = owners[match.normalised]
        assert (match.candidates[0].customer, match.candidates[0].nearness) == (owner, Nearness.EXACT), row["input"]
        outcomes["found"] += 1
    for row in rows:
        if row["error_type"]:
            with pytest.raises(ValueError, match=r"phone number.*[.?]$"):
                ask(agent, row["input"], row["default_region"] or "ZZ")
            outcomes["refused"] += 1
    assert outcomes == {"found": 185, "refused": 78}


def test_a_number_is_read_as_people_write_it_where_the_house_is(settings: Any) -> None:
    settings.HOUSE_COUNTRY = "FR"
    manager, text = make_user(Role.MANAGER), "01 99 00 12 34"
    known, _ = add_customer(full_name="Customer 1", phones=[text])
    assert [one.normalised for one in known.contact_points.all()] == ["+33199001234"]
    match = ask(manager, text)
    assert (match.outcome, found(match)) == (MatchOutcome.KNOWN, [(known, Nearness.EXACT)])
    assert match_phone(user=manager, phone=text) == [known]
    assert [one.customer for one in find_customers(user=manager, text=text)] == [known]
    # Who lives elsewhere writes as they do there.
    abroad, _ = add_customer(full_name="Customer 2", country="GB", phones=["020 7946 0123"])
    assert found(ask(manager, "+44 20 7946 0123")) == [(abroad, Nearness.EXACT)]


def test_every_valid_address_finds_its_owner_and_every_invalid_one_says_why() -> None:
    cases = json.loads(vectors("email_vectors/email_cases.json").read_text(encoding="utf-8"))
    agent, checked = make_user(), 0
    for group in ("test_email_valid", "test_email_valid_intl_local_part"):
        for text, _parts in cases[group]["cases"]:
            if '"' in text or "<" in text:
                continue
            owner = point(normalise_email(text), kind="email")
            match = ask(agent, f" {text} ", kind=ContactKind.EMAIL)
            assert (match.outcome, match.customer) == (MatchOutcome.KNOWN, owner), text
            ContactPoint.objects.all().delete()
            checked += 1
    assert checked > 20
    for text, _message in cases["test_email_invalid_syntax"]["cases"]:
        if text == text.strip():
            with pytest.raises(ValueError, match=r"\w"):
                ask(agent, text, kind=ContactKind.EMAIL)


# --- certain -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["020 7946 0123", "+44 (0)20 7946-0123", "0044 20 7946 0123", "tel:+442079460123"])
def test_one_person_with_exactly_this_number_is_certain(text: str) -> None:
    owner = point(LINE)
    point("+442079460999", owner)
    match = ask(make_user(), text)
    assert (match.outcome, match.customer, match.normalised) == ("known", owner, LINE)
    assert match.candidates[0].why == "This number is theirs"


def test_an_extension_tells_apart_who_share_a_line_and_a_bare_line_does_not() -> None:
    agent, bare, five, six = make_user(), point(LINE), point(f"{LINE};ext=5"), point(f"{LINE};ext=6")
    assert ask(agent, "020 7946 0123 ext. 5").customer == five
    assert ask(agent, "020 7946 0123 #6").customer == six
    match = ask(agent, "020 7946 0123")
    assert (match.outcome, match.customer) == ("maybe", None)
    assert found(match) == [(bare, Nearness.EXACT), (five, Nearness.LINE), (six, Nearness.LINE)]
    match = ask(agent, "020 7946 0123 x77")
    assert found(match) == [(bare, Nearness.LINE)]
    assert "extension" in match.candidates[0].why


def test_an_address_is_certain_whatever_tags_others_put_on_theirs() -> None:
    agent, plain = make_user(), point("anna@mail.example", kind="email")
    tagged = point("anna+shop@mail.example", kind="email")
    assert ask(agent, "Anna@Mail.example", kind="email").customer == plain
    assert ask(agent, "anna+shop@mail.example", kind="email").customer == tagged
    assert found(ask(agent, "anna+news@mail.example", kind="email")) == [(plain, Nearness.TAG)]
    plain.contact_points.all().delete()
    assert found(ask(agent, "anna@mail.example", kind="email")) == [(tagged, Nearness.TAG)]
    assert ask(agent, "anna@other.example", kind="email").outcome == "unknown"


@pytest.mark.parametrize(
    ("address", "plain"),
    [("a+b@m.example", "a@m.example"), ("+b@m.example", "+b@m.example"), ("a@m.example", "a@m.example")],
)
def test_what_an_address_is_without_its_tag(address: str, plain: str) -> None:
    assert without_tag(address) == plain


# --- perhaps -------------------------------------------------------------------------------------------


def test_several_people_with_one_number_are_perhaps() -> None:
    agent, first, second = make_user(), point(LINE), point(LINE)
    match = ask(agent, LINE)
    assert (match.outcome, found(match)) == ("maybe", [(first, Nearness.EXACT), (second, Nearness.EXACT)])


def test_a_number_no_longer_in_use_is_perhaps_and_stands_behind_one_in_use() -> None:
    agent, gone = make_user(), point(LINE, is_active=False)
    match = ask(agent, LINE)
    assert (match.outcome, found(match)) == ("maybe", [(gone, Nearness.RETIRED)])
    assert match.candidates[0].why == "This number was theirs once"
    here = point(f"{LINE};ext=9")
    assert found(ask(agent, LINE)) == [(here, Nearness.LINE), (gone, Nearness.RETIRED)]
    only = point(LINE, make_customer())
    here.contact_points.all().delete()
    assert ask(agent, LINE).customer == only, "in use by one alone: certain, whoever had it before"


def test_the_same_digits_in_another_countrys_notation_are_perhaps() -> None:
    agent, owner = make_user(), point("+33199001234")
    match = ask(agent, "0119 900 1234")
    assert (match.outcome, found(match)) == ("maybe", [(owner, Nearness.TAIL)])
    assert ask(agent, "01 99 00 12 34", "FR").customer == owner
    point(normalise_phone("0119 900 1234", "GB"))
    assert ask(agent, "0119 900 1234").outcome == "known"


def test_the_likeliest_stands_first() -> None:
    agent, now = make_user(), timezone.now()
    quiet, lately, long_ago, owed, wronged, talking, from_here = (point(LINE) for _ in range(7))
    for who, days in ((lately, 1), (long_ago, 90)):
        make_interaction(who, opened_at=now - timedelta(days=days), closed_at=now)
    Promise.objects.create(customer=owed, text="To ring", due_at=now + timedelta(days=1))
    Incident.objects.create(customer=wronged, kind="late", touch_point=make_touch_point(), text="Late")
    make_interaction(talking, opened_at=now - timedelta(hours=1), channel="chat")
    make_interaction(long_ago, opened_at=now - timedelta(minutes=5), closed_at=now, is_mistaken=True)
    match = ask(agent, LINE).ranked({from_here.pk: now - timedelta(days=400)})
    assert [one.customer for one in match.candidates] == [from_here, owed, wronged, talking, lately, long_ago, quiet]
    words = {one.customer: one.matter for one in match.candidates}
    assert words[talking] == "A contact with them is open"
    assert words[wronged].startswith("Something went wrong")
    assert words[owed].startswith("They wait for a promise")
    assert words[quiet] == ""


def test_a_hotels_number_lists_as_many_as_there_are_keys() -> None:
    for _ in range(MOST + 3):
        point(LINE)
    match = ask(make_user(), LINE)
    assert (len(match.likeliest), match.has_more, len(match.candidates)) == (9, True, 12)


# --- nobody, and who may know --------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["020 7946 0123", "+1 202 555 0123"])
def test_nobody(text: str) -> None:
    point("+442079469999")
    match = ask(make_user(), text)
    assert (match.outcome, match.candidates, match.customer) == ("unknown", (), None)


def test_whoever_may_not_see_numbers_is_told_of_whole_ones_only() -> None:
    analyst, owner = make_user(Role.ANALYST), point(LINE)
    assert ask(analyst, LINE).customer == owner
    point(f"{LINE};ext=5")
    assert found(ask(analyst, LINE)) == [(owner, Nearness.EXACT)]
    ContactPoint.objects.update(is_active=False)
    assert ask(analyst, LINE).outcome == "unknown"
    point("+33199001234")
    assert ask(analyst, "0119 900 1234").outcome == "unknown"


def test_a_stranger_is_told_nothing() -> None:
    point(LINE)
    assert ask(make_user(is_active=False), LINE).outcome == "unknown"


@pytest.mark.parametrize("many", [1, 3])
def test_queries(many: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    agent = make_user()
    for _ in range(many):
        point(LINE)
        point(LINE)
        point("+33199001234")
    point("+442079460999")
    for text, queries in (("020 7946 0999", 1), ("020 7946 0123", 3), ("0119 900 1234", 4), ("020 7946 0777", 3)):
        with django_assert_num_queries(queries):
            ask(agent, text)
