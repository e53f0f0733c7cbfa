"""Taking in CSV files of customers and orders."""

import io
import json
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.exceptions import BadFile
from customers.imports import Report, import_rows
from customers.models import Consent, ContactPoint, Customer, NameWord, Order, Touch
from customers.services.consents import note_consent
from customers.services.contact_points import add_contact_point
from customers.services.erasing import erase_customer
from customers.services.merges import undo_merge
from tests.customers.merging import merge
from tests.factories import make_customer, make_order

CUSTOMERS = """external_id,full_name,known_as,country,phone,phone2,email,consent_feedback
1,Zoë Example,Ms Example,gb,020 7946 0123,07700 900123,Zoe@Mail.Example,yes
2,Customer 2,,FR,01 99 00 12 34,,two@mail.example,no
3,Customer 3,,,,,,
"""
ORDERS = """external_id,customer_external_id,placed_at,amount,currency,margin,is_our_fault,description
a,1,2026-03-01T09:30:00Z,100.00,GBP,40,,A chair
b,1,2026-03-02T09:30:00+01:00,-20.5,gbp,,yes,
c,2,2026-03-03T09:30:00Z,0.10,GBP,,no,
"""
# The queries of an import of one batch, the lock and the savepoint included, whether it has one row or three.
FIRST_CUSTOMERS, AGAIN_CUSTOMERS, FIRST_ORDERS, AGAIN_ORDERS = 11, 6, 8, 7

pytestmark = pytest.mark.django_db


# What an order has to say at least.
ORDER = "external_id,customer_external_id,placed_at,amount,currency\n"


def take(kind: Any, text: str, **options: Any) -> Report:
    options.setdefault("source", "shop")
    return import_rows(kind=kind, file=io.StringIO(text, newline=""), **options)


def counts(report: Report) -> tuple[int, int, int, int]:
    return report.created, report.changed, report.unchanged, report.bad_rows


def everything() -> list[int]:
    return [model.objects.count() for model in (Customer, ContactPoint, NameWord, Consent, Order, Touch)]


def test_customers_arrive_whole() -> None:
    report = take("customers", CUSTOMERS)
    assert (counts(report), report.rows, report.is_kept) == ((3, 0, 0, 0), 3, True)
    one = Customer.objects.get(source="shop", external_id="1")
    assert (one.full_name, one.known_as, one.country, one.language) == ("Zoë Example", "Ms Example", "GB", "en")
    points = one.contact_points.order_by("pk").values_list("kind", "value", "normalised", "is_preferred")
    assert list(points) == [
        ("phone", "020 7946 0123", "+442079460123", True),
        ("phone", "07700 900123", "+447700900123", False),
        ("email", "Zoe@Mail.Example", "zoe@mail.example", True),
    ]
    assert set(one.name_words.values_list("word", flat=True)) == {"zoe", "example", "ms"}
    assert one.consents.get().is_given is True
    # The country in the row decides how its phone number is read.
    assert ContactPoint.objects.get(customer__external_id="2", kind="phone").normalised == "+33199001234"


def test_again_changes_nothing() -> None:
    take("customers", CUSTOMERS)
    take("orders", ORDERS)
    before = everything()
    assert counts(take("customers", CUSTOMERS)) == (0, 0, 3, 0)
    assert counts(take("orders", ORDERS)) == (0, 0, 3, 0)
    assert everything() == before


def test_same_number_from_another_source_is_somebody_else() -> None:
    take("customers", CUSTOMERS)
    assert counts(take("customers", CUSTOMERS, source="web")) == (3, 0, 0, 0)


def test_changes_update_blanks_do_not_erase_and_history_is_kept() -> None:
    take("customers", CUSTOMERS)
    text = (
        "external_id;full_name;known_as;email;consent_feedback\n1;Zoë Newname;;other@mail.example;no\n2;Customer 2;;;\n"
    )
    assert counts(take("customers", text)) == (0, 1, 1, 0)
    one = Customer.objects.get(external_id="1")
    assert (one.full_name, one.known_as, one.country) == ("Zoë Newname", "Ms Example", "GB")
    assert "newname" in one.name_words.values_list("word", flat=True)
    assert "example" in one.name_words.values_list("word", flat=True)  # still in "Ms Example"
    assert one.contact_points.get(normalised="other@mail.example").is_preferred is False
    assert [consent.is_given for consent in one.consents.order_by("pk")] == [True, False]
    with connection.cursor() as cursor:
        cursor.execute("SELECT full_name FROM customers_customerevent WHERE pgh_obj_id = %s ORDER BY pgh_id", [one.pk])
        assert cursor.fetchall() == [("Zoë Example",), ("Zoë Newname",)]


def consents_of(customer: Customer) -> dict[str, bool]:
    """What stands, by purpose."""
    return {one.purpose: one.is_given for one in customer.consents.order_by("noted_at", "pk")}


def test_what_they_allow_is_told_by_purpose() -> None:
    head = "external_id,full_name,consent_feedback,consent_marketing,consent_recording\n"
    assert counts(take("customers", f"{head}1,One,yes,no,\n2,Two,,,no\n")) == (2, 0, 0, 0)
    one, two = Customer.objects.order_by("external_id")
    assert consents_of(one) == {"feedback": True, "marketing": False}
    assert consents_of(two) == {"recording": False}
    assert one.consents.first().source == "Import from shop"  # type: ignore[union-attr]
    assert counts(take("customers", f"{head}1,One,yes,no,\n2,Two,,,no\n")) == (0, 0, 2, 0)
    assert counts(take("customers", f"{head}1,One,,yes,yes\n2,Two,,,\n")) == (0, 1, 1, 0)
    assert consents_of(one) == {"feedback": True, "marketing": True, "recording": True}
    assert consents_of(two) == {"recording": False}
    report = take("customers", f"{head}3,Three,perhaps,maybe,\n")
    assert [error.column for error in report.errors] == ["consent_feedback", "consent_marketing"]


def test_of_two_who_are_one_a_no_stands_by_its_purpose() -> None:
    head = "external_id,full_name,consent_feedback,consent_marketing\n"
    take("customers", f"{head}1,One,yes,\n2,Two,no,\n")
    one, two = Customer.objects.order_by("external_id")
    merge(one, two)
    assert consents_of(one)["feedback"] is False
    take("customers", f"{head}1,One,yes,yes\n")
    assert consents_of(one) == {"feedback": False, "marketing": True}, "nobody has said no to news"


def test_a_retired_number_is_not_revived() -> None:
    take("customers", CUSTOMERS)
    ContactPoint.objects.filter(normalised="+442079460123").update(is_active=False)
    assert counts(take("customers", CUSTOMERS)) == (0, 0, 3, 0)
    one = Customer.objects.get(external_id="1")
    assert not one.contact_points.filter(normalised="+442079460123", is_active=True)
    assert add_contact_point(customer=one, kind="phone", value="020 7946 0123")[1] is True


def test_orders_are_exact() -> None:
    take("customers", CUSTOMERS)
    Touch.objects.all().delete()
    assert counts(take("orders", ORDERS)) == (3, 0, 0, 0)
    a, b, c = Order.objects.order_by("external_id")
    assert (a.amount, a.margin, a.is_margin_estimated, a.kind) == (Decimal("100.00"), Decimal(40), False, "purchase")
    assert (b.amount, b.margin, b.is_margin_estimated, b.kind) == (Decimal("-20.50"), Decimal("-6.15"), True, "return")
    assert b.is_our_fault is True
    assert b.placed_at.isoformat() == "2026-03-02T08:30:00+00:00"
    assert (c.house_amount, c.house_margin) == (Decimal("0.10"), Decimal("0.03"))
    assert set(Touch.objects.values_list("customer__external_id", flat=True)) == {"1", "2"}


BAD_ORDERS = [
    ("a,1,2026-03-01T09:30:00Z,NaN,GBP", "amount", "This is not an amount. It should be written like 1234.50."),
    ("a,1,2026-03-01T09:30:00Z,1e3,GBP", "amount", "This is not an amount. It should be written like 1234.50."),
    ('a,1,2026-03-01T09:30:00Z,"1,000.00",GBP', "amount", "This is not an amount. It should be written like 1234.50."),
    ("a,1,2026-03-01T09:30:00Z,1.005,GBP", "amount", "Please give at most two decimals."),
    ("a,1,2026-03-01T09:30:00Z,99999999999,GBP", "amount", "This amount is larger than we take. Please check it."),
    ("a,1,2026-03-01T09:30:00Z,10,XYZ", "currency", "We have no rate for the currency “XYZ”. Known are: GBP."),
    ("a,9,2026-03-01T09:30:00Z,10,GBP", "customer_external_id", "No customer of “shop” has the number “9”."),
    ("a,1,yesterday,10,GBP", "placed_at", "This is not a time. It should be written like 2026-03-01T09:30:00Z."),
    (
        "a,1,2026-03-01T09:30:00,10,GBP",
        "placed_at",
        "Please say which clock this is by, as in 2026-03-01T09:30:00Z or …+01:00.",
    ),
    ("a,1,2999-03-01T09:30:00Z,10,GBP", "placed_at", "This time has not come yet."),
    (",1,2026-03-01T09:30:00Z,10,GBP", "external_id", "This must not be blank."),
    ("a\x00,1,2026-03-01T09:30:00Z,10,GBP", "external_id", "There is a character in here that cannot be shown."),
    ("a,1,2026-03-01T09:30:00Z,10", "", "There are 4 cells where the heading has 5."),
]


@pytest.mark.parametrize(("row", "column", "message"), BAD_ORDERS)
def test_a_bad_order_names_its_line_and_column(row: str, column: str, message: str) -> None:
    take("customers", CUSTOMERS)
    text = f"external_id,customer_external_id,placed_at,amount,currency\nok,1,2026-03-01T09:30:00Z,1,GBP\n\n{row}\n"
    report = take("orders", text)
    error = report.errors[0]
    assert (error.line, error.column) == (4, column)
    assert error.message.startswith(message)
    assert (len(report.errors), report.is_kept) == (1, False)
    assert Order.objects.count() == 0
    kept = take("orders", text, keeps_good_rows=True)
    assert (counts(kept), kept.is_kept) == ((1, 0, 0, 1), True)
    assert Order.objects.get().external_id == "ok"


def test_all_that_is_wrong_with_a_customer_is_said_at_once() -> None:
    text = (
        "external_id,full_name,country,time_zone,customer_since,phone,phone2,email,consent_feedback\n"
        '1,"Customer\n1",,,,,,,\n'
        "2,Customer 2,GB,,,12,call me,nobody,\n"
        "3,Customer 3,Britain,,,,,,\n"
        "4,Customer 4,,Mars/Base,,,,,\n"
        "5,Customer 5,,,31.5.2019,,,,\n"
        "6,Customer 6,,,,,,,perhaps\n"
        f"7,{'x' * 201},,,,,,,\n"
        "1,Customer 8,,,,,,,\n"
    )
    before = everything()
    report = take("customers", text)
    assert [(error.line, error.column) for error in report.errors] == [
        *((4, "phone"), (4, "phone2"), (4, "email"), (5, "country"), (6, "time_zone"), (7, "customer_since")),
        *((8, "consent_feedback"), (9, "full_name"), (10, "external_id")),
    ]
    assert str(report.errors[0]) == "line 4, phone: This phone number is too short. Is the area code missing?"
    assert report.errors[-1].message == "The number “1” is already on line 2."
    assert (counts(report), everything()) == ((1, 0, 0, 7), before)
    assert counts(take("customers", text, keeps_good_rows=True)) == (1, 0, 0, 7)
    assert Customer.objects.get().full_name == "Customer 1"


def test_another_content_under_a_known_number_is_an_error() -> None:
    take("customers", CUSTOMERS)
    take("orders", ORDERS)
    report = take("orders", ORDERS.replace("100.00", "101.00").replace("A chair", "Two chairs"))
    assert str(report.errors[0]) == "line 2, external_id: Order a is already recorded, and differs in: amount, what."
    assert counts(report) == (0, 0, 2, 1)


def test_dry_run_checks_everything_and_changes_nothing() -> None:
    before = everything()
    report = take("customers", CUSTOMERS, is_dry_run=True)
    assert (counts(report), report.is_kept, everything()) == ((3, 0, 0, 0), False, before)
    report = take("customers", CUSTOMERS + "4,,,,,,,\n", is_dry_run=True, keeps_good_rows=True)
    assert (counts(report), everything()) == ((3, 0, 0, 1), before)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The file is empty: it should begin with a line of column names."),
        ("\ufeff\n", "The file is empty: it should begin with a line of column names."),
        (
            "external_id,full_name,phon\n",
            "The column “phon” is not known. Known are: external_id, full_name, given_name",
        ),
        ("external_id\n", "The column “full_name” is missing."),
        ("external_id,full_name,phone,Phone \n", "The column “phone” is there twice."),
        ('external_id,full_name\n1,Customer 1\n2,"Customer 2\n3,Customer 3\n', "Line 3 cannot be read: a quotation"),
    ],
)
def test_a_file_that_is_no_table(text: str, sentence: str) -> None:
    with pytest.raises(BadFile) as refused:
        take("customers", text, keeps_good_rows=True)
    assert refused.value.messages[0].startswith(sentence)
    assert Customer.objects.count() == 0


def test_not_utf_8() -> None:
    file = io.TextIOWrapper(
        io.BytesIO("external_id,full_name\n1,Zoë\n".encode("latin-1")), encoding="utf-8", newline=""
    )
    with pytest.raises(BadFile, match="not in UTF-8"):
        import_rows(kind="customers", file=file, source="shop")


def test_a_source_without_a_name() -> None:
    with pytest.raises(ValidationError, match="source"):
        take("customers", CUSTOMERS, source="  ")


def test_mark_semicolons_and_every_end_of_line() -> None:
    for number, end in enumerate(("\n", "\r\n", "\r")):
        text = f"\ufeffExternal_ID;full_name{end}{number};Customer, {number}{end}"
        assert counts(take("customers", text)) == (1, 0, 0, 0)
    assert Customer.objects.filter(full_name="Customer, 2").exists()


def test_only_a_heading() -> None:
    report = take("customers", "external_id,full_name\n")
    assert (report.rows, report.error_count, report.is_kept) == (0, 0, True)


@pytest.mark.parametrize("rows", [1, 3])
def test_queries_do_not_grow_with_rows(rows: int) -> None:
    found = []
    for kind, text in (("customers", CUSTOMERS), ("orders", ORDERS)):
        part = "".join(text.splitlines(keepends=True)[: rows + 1])
        for _time in range(2):
            with CaptureQueriesContext(connection) as queries:
                take(kind, part)
            found.append(len(queries))
    assert found == [FIRST_CUSTOMERS, AGAIN_CUSTOMERS, FIRST_ORDERS, AGAIN_ORDERS], json.dumps(
        [query["sql"][:90] for query in queries], indent=1
    )


def test_batches_hand_over() -> None:
    """Rows on both sides of a batch's end, and a number that comes again in a later batch."""
    rows = [f"{number},Customer {number}" for number in range(2500)]
    done: list[int] = []
    report = take("customers", "\n".join(["external_id,full_name", *rows, "7,Customer 7"]) + "\n", progress=done.append)
    assert (done, report.rows, report.created) == ([1000, 1000, 501], 2501, 2500)
    assert str(report.errors[0]) == "line 2502, external_id: The number “7” is already on line 9."
    assert Customer.objects.count() == 0


def test_an_import_goes_on_after_somebody_was_forgotten() -> None:
    make_order(make_customer())
    people = "external_id,full_name\n1,Ada\n2,Bob\n"
    orders = ORDER + "a,1,2026-03-01T09:30:00Z,1.00,GBP\nb,2,2026-03-01T09:30:00Z,1.00,GBP\n"
    take("customers", people)
    take("orders", orders)
    erase_customer(customer=Customer.objects.get(external_id="1"))
    assert not take("orders", orders).errors, "No customer of “shop” has the number “1”"


def test_an_import_goes_on_after_somebody_was_forgotten_and_came_back() -> None:
    make_order(make_customer())
    people, orders = "external_id,full_name\n1,Ada\n", ORDER + "a,1,2026-03-01T09:30:00Z,1.00,GBP\n"
    take("customers", people)
    take("orders", orders)
    erase_customer(customer=Customer.objects.get(external_id="1"))
    take("customers", people)
    assert not take("orders", orders).errors, "differs in: customer"


def test_an_order_that_came_between_merging_and_undoing() -> None:
    make_order(make_customer())
    one, two = (make_customer(source="shop", external_id=number) for number in "12")
    made = merge(one, two)
    orders = ORDER + "a,2,2026-03-01T09:30:00Z,1.00,GBP\n"
    take("orders", orders)
    undo_merge(merge=made, by=None)
    assert not take("orders", orders).errors


def test_a_no_told_under_a_merged_number_is_heard() -> None:
    one, two = (make_customer(source="shop", external_id=number) for number in "12")
    note_consent(customer=one, purpose="feedback", is_given=True)
    merge(one, two)
    take("customers", f"external_id,full_name,email,consent_feedback\n2,{two.full_name},a@mail.example,no\n")
    assert not one.consents.order_by("-noted_at", "-pk")[0].is_given


def test_the_same_number_at_two_sources_does_not_undo_what_a_colleague_chose() -> None:
    one = make_customer(source="crm", external_id="17", full_name="Ada Lovelace")
    two = make_customer(source="shop", external_id="17", full_name="A. LOVELACE")
    merge(one, two)
    take("customers", "external_id,full_name\n17,A. LOVELACE\n")
    one.refresh_from_db()
    assert one.full_name == "Ada Lovelace"


def test_the_number_of_an_orders_customer_is_tidied_as_the_customers_own_is() -> None:
    make_order(make_customer())
    take("customers", "external_id,full_name\nAB  1,Ada\n")
    assert not take("orders", ORDER + "a,AB  1,2026-03-01T09:30:00Z,1.00,GBP\n").errors


def test_a_customers_number_that_cannot_be_stored_is_an_error_of_its_row() -> None:
    make_order(make_customer())
    assert take("orders", ORDER + "a,1\0,2026-03-01T09:30:00Z,1.00,GBP\n").bad_rows == 1
