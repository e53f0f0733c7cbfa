"""The demo's data before it is loaded: the shipped orders, the invented people, the files for the import."""

import csv
import io
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import phonenumbers
import pytest
from email_validator import validate_email
from hypothesis import given
from hypothesis import strategies as st

from portal.demo import people, retail
from portal.demo.cast import ASSISTANT, HAPPY, HAPPY_AT_HOME, LET_DOWN, LET_DOWN_AT_HOME, NEW, PEOPLE, SHARED
from portal.demo.files import CUSTOMER_COLUMNS, ORDER_COLUMNS, our_faults, write_orders, write_people
from portal.demo.people import Person, invent_people
from portal.demo.places import places
from portal.demo.retail import LONDON, Invoice, match_returns, read_invoices, shift, weeks_until
from portal.demo.segments import SEGMENTS, segments_of

ORIGINAL = Path(__file__).resolve().parents[3] / "shared/data/online_retail/online_retail_invoices.csv"

# What the regulators keep free for fiction, as E.164 (SOURCE.md says who and where).
FREE = re.compile(
    r"""
    \+44(1(1[3-8]|[2-6]1)496|2079460|1914980|2896496|2920180|1632960|7700900)\d+   # Ofcom
    | \+1[2-9]\d\d55501\d\d                                        # NANPA
    | \+61[2378]5550\d{4}                                          # ACMA
    | \+49(3023125|4066969|6990009|8999998|2214710)\d{3} | \+4917139200\d\d        # Bundesnetzagentur
    | \+33(19900|26191|35301|46571|53649|63998)\d{4}               # Arcep
    | \+3532091\d{5}                                               # ComReg
    | \+46(846500 4\d\d | 3139006[0-4]\d | 4062804[0-4]\d | 701740(60[5-9]|6[1-9]\d)) # PTS
    """,
    re.VERBOSE,
)


@pytest.fixture(scope="module")
def invoices() -> list[Invoice]:
    return read_invoices()


@pytest.fixture(scope="module")
def persons(invoices: list[Invoice]) -> list[Person]:
    return invent_people(invoices)


def _figures(rows: list[dict[str, str]]) -> tuple[int, int, int, int, Decimal]:
    known = [row for row in rows if row["CustomerID"]]
    return (
        len(known),
        len({row["InvoiceNo"] for row in known}),
        len({row["CustomerID"] for row in known}),
        len({row["CustomerID"] for row in known if Decimal(row["value"]) > 0}),
        sum((Decimal(row["value"]) for row in known), Decimal(0)),
    )


FIGURES = (22_221, 22_190, 4_372, 4_338, Decimal("8300065.81"))


def test_shipped_copy_is_small() -> None:
    assert retail.FILE.stat().st_size < 1_000_000


def test_original_has_the_known_figures() -> None:
    if not ORIGINAL.exists():
        pytest.skip(f"the original is not here: {ORIGINAL}")
    with ORIGINAL.open(newline="") as file:
        assert _figures(list(csv.DictReader(file))) == FIGURES


def test_shipped_copy_is_the_original_where_a_customer_is_known() -> None:
    import gzip

    with gzip.open(retail.FILE, "rt", newline="") as file:
        shipped = list(csv.DictReader(file))
    assert _figures(shipped) == FIGURES
    if ORIGINAL.exists():
        with ORIGINAL.open(newline="") as file:
            assert shipped == [row for row in csv.DictReader(file) if row["CustomerID"]]


def test_reading_keeps_every_invoice_and_every_penny(invoices: list[Invoice]) -> None:
    assert len(invoices) == len({invoice.number for invoice in invoices}) == FIGURES[1]
    assert sum(invoice.amount for invoice in invoices) == FIGURES[4]
    assert len({invoice.customer for invoice in invoices}) == FIGURES[2]
    assert len({invoice.customer for invoice in invoices if invoice.amount > 0}) == FIGURES[3]
    assert [invoice.placed_at for invoice in invoices] == sorted(invoice.placed_at for invoice in invoices)


def test_returns_are_negative_and_nothing_else_is(invoices: list[Invoice]) -> None:
    assert {invoice.number for invoice in invoices if invoice.amount < 0} == {
        invoice.number for invoice in invoices if invoice.is_return
    }
    assert sum(invoice.amount == 0 for invoice in invoices) == 4


def test_matched_returns_send_back_part_of_an_earlier_order(invoices: list[Invoice]) -> None:
    by_number = {invoice.number: invoice for invoice in invoices}
    matched = match_returns(invoices)
    assert len(matched) > 3_000
    for back, order in ((by_number[back], by_number[order]) for back, order in matched.items()):
        assert back.is_return
        assert not order.is_return
        assert back.customer == order.customer
        assert timedelta() < back.placed_at - order.placed_at <= timedelta(days=120)
        assert order.amount >= -back.amount
        assert order.units >= -back.units


def test_our_faults_are_a_modest_share_of_matched_returns(invoices: list[Invoice]) -> None:
    matched = match_returns(invoices)
    faults = set(our_faults(invoices, matched))
    assert faults <= set(matched)
    assert 0.12 < len(faults) / len(matched) < 0.18
    assert "C581499" in faults


LAST = datetime.fromisoformat("2011-12-09T12:50")


def test_last_invoice_is_the_one_dates_are_moved_by(invoices: list[Invoice]) -> None:
    assert invoices[-1].placed_at == LAST


@given(st.datetimes(datetime.fromisoformat("2024-01-01"), datetime.fromisoformat("2060-01-01"), timezones=st.just(UTC)))
def test_last_order_is_recent_and_never_in_the_future(now: datetime) -> None:
    last = shift(LAST, weeks_until(LAST, now))
    assert last <= now
    # An hour more, where the clocks change within the week.
    assert now - last < timedelta(weeks=1, hours=2)


@given(st.datetimes(datetime.fromisoformat("2010-12-01"), LAST), st.integers(600, 2000))
def test_shifting_keeps_weekday_and_time_of_day(moment: datetime, weeks: int) -> None:
    # The shop writes no invoices at night, when a clock time may not exist.
    moment = moment.replace(hour=6 + moment.hour * 14 // 24)
    shifted = shift(moment, weeks).astimezone(LONDON)
    assert (shifted.weekday(), shifted.time()) == (moment.weekday(), moment.time())
    assert (shifted.date() - moment.date()).days % 7 == 0


def test_shop_writes_no_invoices_at_night(invoices: list[Invoice]) -> None:
    assert all(6 <= invoice.placed_at.hour < 21 for invoice in invoices)


def test_people_are_the_same_each_time(invoices: list[Invoice], persons: list[Person]) -> None:
    people._tables.cache_clear()
    assert invent_people(invoices) == persons


def test_there_is_one_person_for_each_customer(persons: list[Person]) -> None:
    assert len({person.number for person in persons}) == len(persons) == FIGURES[2]


def test_every_phone_is_kept_free_for_fiction(persons: list[Person]) -> None:
    for person in persons:
        for phone in person.phones:
            assert FREE.fullmatch(phone), f"{person.number}: {phone} may belong to somebody"
            assert phonenumbers.is_possible_number(phonenumbers.parse(phone))


def test_every_range_in_the_places_is_kept_free_for_fiction() -> None:
    for name, place in places().items():
        for pattern in (*place.mobiles, *(city.landlines for city in place.cities if city.landlines)):
            for digit in "09":
                assert FREE.fullmatch(pattern.replace("x", digit)), f"{name}: {pattern}"


@pytest.mark.parametrize("phone", ["+442079461000", "+447700901000", "+12125550200", "+493023126000", "+33199010000"])
def test_the_check_of_phones_knows_neighbours_of_the_ranges(phone: str) -> None:
    assert not FREE.fullmatch(phone)


def test_phones_are_many_and_shared_by_few(persons: list[Person]) -> None:
    given = Counter(phone for person in persons for phone in person.phones)
    assert len(given) > 3_000
    assert max(given.values()) == 2
    assert sum(count == 2 for count in given.values()) < 100


def test_every_address_is_at_an_example_domain_and_unique(persons: list[Person]) -> None:
    addresses = [address for person in persons for address in person.emails]
    assert len(addresses) == len(set(addresses)) > len(persons)
    for address in addresses:
        assert re.fullmatch(r"[a-z0-9.]+@(example\.(com|net|org)|[a-z-]+\.example)", address)
        validate_email(address, check_deliverability=False)


def test_everybody_has_an_address_a_name_and_a_place(persons: list[Person]) -> None:
    from zoneinfo import ZoneInfo

    for person in persons:
        assert person.emails
        assert person.given_name
        assert person.family_name
        assert len(person.full_name) <= 200
        assert re.fullmatch("([A-Z]{2})?", person.country)
        assert bool(person.country) == bool(person.city)
        ZoneInfo(person.time_zone)


def test_all_countries_of_the_set_are_known(invoices: list[Invoice]) -> None:
    assert {invoice.country for invoice in invoices} == set(places())


def test_the_cast_is_as_its_stories_need_it(invoices: list[Invoice], persons: list[Person]) -> None:
    orders = retail.by_customer(invoices)
    known = {person.number: person for person in persons}
    assert set(PEOPLE) == {LET_DOWN, HAPPY, NEW, *SHARED, LET_DOWN_AT_HOME, HAPPY_AT_HOME, ASSISTANT}
    assert known[HAPPY].full_name == known[HAPPY_AT_HOME].full_name
    assert len(orders[LET_DOWN]) > 30
    assert orders[LET_DOWN][-1].number == "C581499"
    assert len(orders[HAPPY]) > 100
    assert [order.placed_at.date() for order in orders[NEW]] == [LAST.date()]
    assert known[SHARED[0]].phones == known[SHARED[1]].phones
    assert all(known[number].phones for number in PEOPLE)


def test_people_file_has_the_columns_of_the_import(persons: list[Person]) -> None:
    file = io.StringIO()
    write_people(file, persons, weeks=780)
    file.seek(0)
    rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == CUSTOMER_COLUMNS
    assert len(rows) == FIGURES[2]
    okafor = next(row for row in rows if row["external_id"] == LET_DOWN)
    assert (okafor["full_name"], okafor["phone"]) == ("Adaeze Okafor", "+44 131 496 0142")
    assert {row["consent_feedback"] for row in rows} == {"yes", "no", ""}


def test_segments_are_read_off_the_set(invoices: list[Invoice], persons: list[Person]) -> None:
    found = segments_of(persons, invoices)
    counts = Counter(slug for slugs in found.values() for slug in slugs)
    assert counts == {"at-home": 3950, "abroad": 417, "wholesale": 463, "gift-season": 597, "bought-once": 1494}
    assert set(counts) == set(SEGMENTS)
    assert found[NEW] == ["abroad", "bought-once"]
    assert not [slugs for slugs in found.values() if {"at-home", "abroad"} <= set(slugs)]


def test_people_file_names_their_segments(persons: list[Person]) -> None:
    file = io.StringIO()
    write_people(file, persons[:2], weeks=1, segments={persons[0].number: ["abroad", "wholesale"]})
    file.seek(0)
    assert [row["segments"] for row in csv.DictReader(file)] == ["abroad;wholesale", ""]


def test_orders_file_keeps_the_totals_and_leaves_the_margin_open(invoices: list[Invoice]) -> None:
    file = io.StringIO()
    write_orders(file, invoices, weeks=780)
    file.seek(0)
    rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == ORDER_COLUMNS
    assert len({row["external_id"] for row in rows}) == len(rows) == FIGURES[1]
    assert sum(Decimal(row["amount"]) for row in rows) == FIGURES[4]
    assert {row["margin"] for row in rows} == {""}
    assert {row["currency"] for row in rows} == {"GBP"}
    assert all(Decimal(row["amount"]) < 0 for row in rows if row["is_our_fault"] == "yes")
    assert max(len(row["description"]) for row in rows) <= 200
    assert datetime.fromisoformat(rows[-1]["placed_at"]) == datetime(2026, 11, 20, 12, 50, tzinfo=UTC)


def test_files_are_the_same_each_time(invoices: list[Invoice], persons: list[Person]) -> None:
    files = [io.StringIO(), io.StringIO()]
    for file in files:
        write_people(file, persons, weeks=1)
        write_orders(file, invoices, weeks=1)
    assert files[0].getvalue() == files[1].getvalue()
