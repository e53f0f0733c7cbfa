"""What the database itself refuses, whoever asks: each constraint and trigger, past the services."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import Error, IntegrityError, connection, models, transaction
from django.utils import timezone

from customers.models import (
    BlockKey,
    Consent,
    ContactPoint,
    Currency,
    Customer,
    Gesture,
    Incident,
    LetterEvent,
    LiftedSuppression,
    NameWord,
    Preference,
    Rating,
    Segment,
    SegmentMember,
    Suppression,
    TakenBackIncident,
    TouchPoint,
)
from customers.services.incidents import take_back_incident
from portal.roles import Role
from tests.customers.rows import gesture, incident, interaction, letter, order, point, promise, rating, refused, soon
from tests.factories import make_customer, make_interaction, make_order, make_user
from tests.refusing import refused as refused_by

pytestmark = pytest.mark.django_db


def test_customer() -> None:
    refused("customer_has_a_name", Customer(full_name=""))
    refused("customer_country_iso", Customer(full_name="C", country="gb"))
    one = {"full_name": "C", "source": "s", "external_id": "1"}
    refused("customer_once_per_source", Customer(**one), Customer(**one))
    Customer.objects.bulk_create([Customer(full_name="C"), Customer(full_name="C")])  # without a number, both stay


@pytest.mark.parametrize(
    "number", ["020 7946 0123", "+02079460123", "+44", "+1234567890123456", "+442079460123;ext=", "+44;ext=1", ""]
)
def test_a_phone_is_e164(number: str) -> None:
    refused("contactpoint_phone_is_e164", point(make_customer(), normalised=number))


@pytest.mark.parametrize("address", ["", "anna", "a@b@c", "an na@mail.example", "@mail.example"])
def test_an_email_is_an_address(address: str) -> None:
    refused("contactpoint_email_is_address", point(make_customer(), kind="email", normalised=address))


def test_contact_point_once_while_active() -> None:
    customer = make_customer()
    refused("contactpoint_once_while_active", point(customer), point(customer))
    ContactPoint.objects.bulk_create([point(customer, is_active=False), point(make_customer())])


def test_one_preferred_of_a_kind() -> None:
    customer = make_customer()
    other = point(customer, normalised="+442079460124", is_preferred=True)
    refused("contactpoint_one_preferred", point(customer, is_preferred=True), other)
    ContactPoint.objects.bulk_create([point(customer, kind="email", normalised="a@mail.example", is_preferred=True)])


def test_a_tail_is_that_of_the_line() -> None:
    made = point(make_customer(), normalised="+442079460123;ext=12")
    made.save()
    made.refresh_from_db()
    assert made.tail == "321064970244+"


def test_name_word_and_suppression_once() -> None:
    customer = make_customer()
    refused("nameword_once", NameWord(customer=customer, word="anna"), NameWord(customer=customer, word="anna"))
    gone = {"address": "a@mail.example", "reason": "refused"}
    refused("customers_suppression_address_key", Suppression(**gone), Suppression(**gone))
    refused("liftedsuppression_says_why", LiftedSuppression(**gone, suppressed_at=timezone.now()))
    later = {"suppressed_at": timezone.now() + timedelta(hours=1), "why": "They asked"}
    refused("liftedsuppression_after_it_began", LiftedSuppression(**gone, **later))


def test_currency() -> None:
    refused("currency_code_iso", Currency(code="gbp", rate=1))
    refused("currency_rate_positive", Currency(code="XXX", rate=0))


def test_order() -> None:
    customer = make_customer()
    make_order(customer)
    refused("order_return_is_negative", order(customer, amount=-1))
    refused("order_return_is_negative", order(customer, kind="return", amount=0))
    refused("order_return_is_negative", order(customer, kind="gift"))
    refused("order_fault_only_on_return", order(customer, is_our_fault=True))
    refused("order_once_per_source", order(customer, external_id="1"), order(make_customer(), external_id="1"))
    order(customer, external_id="1", source="t").save()


def test_interaction() -> None:
    customer, agent = make_customer(), make_user()
    known = {"source": "s", "external_id": "1"}
    refused("interaction_once_per_source", interaction(customer, **known), interaction(make_customer(), **known))
    earlier = timezone.now() - timedelta(hours=1)
    refused("interaction_closes_after_opening", interaction(customer, closed_at=earlier))
    refused("interaction_closed_itself_is_closed", interaction(customer, closed_itself=True))
    refused("interaction_mistaken_is_closed", interaction(customer, is_mistaken=True))
    closed = interaction(customer, agent=agent, closed_at=soon())
    open_one = interaction(customer, agent=agent)
    refused("interaction_one_open_per_agent", closed, open_one, interaction(customer, agent=agent))
    interaction(customer, agent=make_user()).save()


def test_touch_point_slug_once() -> None:
    refused("customers_touchpoint_slug_key", TouchPoint(slug="a", name="A"), TouchPoint(slug="a", name="B"))


def test_incident() -> None:
    customer = make_customer()
    about = make_order(customer)
    refused("incident_severity_known", incident(customer, severity=4))
    refused("incident_says_something", incident(customer, text=""))
    earlier = timezone.now() - timedelta(hours=1)
    refused("incident_resolved_after_it_happened", incident(customer, resolved_at=earlier))
    refused("incident_once_per_order_and_kind", incident(customer, order=about), incident(customer, order=about))
    Incident.objects.bulk_create(
        [incident(customer), incident(customer), incident(customer, order=about, kind="broken")]
    )


def test_taken_back_incident() -> None:
    customer, lead = make_customer(), make_user(Role.LEAD)
    told = incident(customer, happened_at=timezone.now())
    told.save()
    number = told.pk
    take_back_incident(incident=told, by=lead)
    kept = TakenBackIncident.objects.get()
    assert (kept.number, kept.text, kept.recorded_by, kept.taken_back_by) == (number, "Late", None, lead)
    kept.pk = None
    refused("takenbackincident_once", kept)
    kept.number, kept.text = 0, ""
    refused("takenbackincident_says_something", kept)


def test_promise() -> None:
    customer = make_customer()
    refused("promise_mistaken_is_given_up", promise(customer, is_mistaken=True))
    refused("promise_says_something", promise(customer, text=""))
    refused("promise_kept_or_broken_not_both", promise(customer, kept_at=soon(), broken_at=soon()))
    refused("promise_due_after_made", promise(customer, due_at=timezone.now() - timedelta(hours=1)))


def test_gesture() -> None:
    customer = make_customer()
    refused("gesture_says_something", gesture(customer, what=""))
    refused("gesture_cost_not_negative", gesture(customer, cost=Decimal("-0.01")))
    known = {"source": "s", "external_id": "1"}
    refused("gesture_once_per_source", gesture(customer, **known), gesture(make_customer(), **known))
    # Without a number, both stay; what costs nothing is a gesture too.
    Gesture.objects.bulk_create([gesture(customer), gesture(customer, cost=0)])


def test_rating() -> None:
    customer = make_customer()
    refused("rating_kind_known", rating(customer, kind="height"))
    refused("rating_between_0_and_100", rating(customer, value=-1))
    refused("rating_between_0_and_100", rating(customer, value=101))
    refused("rating_once_per_kind", rating(customer), rating(customer, source="t"))
    Rating.objects.bulk_create([rating(customer, kind="advocacy", value=0), rating(make_customer(), value=100)])


def test_segment() -> None:
    customer = make_customer()
    refused("segment_kind_known", Segment(slug="a", name="A", kind="other"))
    refused("segment_has_a_name", Segment(slug="a", name="", kind="geographic"))
    abroad = Segment(slug="abroad", name="Abroad", kind="geographic")
    refused("customers_segment_slug_key", abroad, Segment(slug="abroad", name="B", kind="geographic"))
    inside = {"customer": customer, "segment": abroad}
    refused("segmentmember_once", SegmentMember(**inside), SegmentMember(**inside, source="t"))
    SegmentMember(customer=make_customer(), segment=abroad).save()


def test_letter() -> None:
    customer = make_customer()
    refused("letter_once_per_subject", letter(customer, subject_key="1"), letter(customer, subject_key="1"))
    refused("letter_to_a_customer_or_a_colleague", letter(None))
    refused("letter_message_id_once", letter(customer, message_id="<1>"), letter(customer, message_id="<1>"))
    refused("letter_state_known", letter(customer, state="lost"))
    refused("letter_leased_while_sending", letter(customer, state="sending"))
    refused("letter_leased_while_sending", letter(customer, lease=uuid.uuid4(), leased_until=soon()))
    refused("letter_sent_has_a_time", letter(customer, state="sent"))
    refused("letter_sent_has_a_time", letter(customer, sent_at=timezone.now()))
    refused("letter_of_a_customer", letter(Customer(pk=0)))
    refused("letter_came_back_after_it_left", letter(customer, bounced_at=timezone.now()))
    letter(customer, state="sending", lease=uuid.uuid4(), leased_until=soon()).save()
    letter(customer, state="sent", sent_at=timezone.now()).save()


def test_letter_event() -> None:
    sent = letter(make_customer())
    sent.save()

    def event(kind: str, source_key: str = "") -> LetterEvent:
        return LetterEvent(letter=sent, kind=kind, source_key=source_key)

    refused("letterevent_kind_known", event("eaten"))
    refused("letterevent_once_for_all", event("bounced"), event("bounced"))
    refused("letterevent_once_per_source", event("delayed", "1"), event("delayed", "1"))


def test_no_constraint_is_forgotten_here() -> None:
    """Whoever adds a constraint to the facts adds its test above, or beside the tests of its noun."""
    from pathlib import Path

    from django.apps import apps

    text = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    names = {
        constraint.name
        for model in apps.get_app_config("customers").get_models()
        for constraint in model._meta.constraints
    }
    assert {name for name in names if f'"{name}"' not in text} == set()


def test_consents_are_only_added() -> None:
    customer = make_customer()
    consent = Consent.objects.create(customer=customer, purpose="feedback", is_given=True)
    with pytest.raises(Error, match="consent_append_only"), transaction.atomic():
        Consent.objects.filter(pk=consent.pk).update(is_given=False)
    with pytest.raises(Error, match="consent_append_only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE customers_consent SET source = 'other'")
    consent.refresh_from_db()
    assert consent.is_given is True


@pytest.mark.parametrize(
    ("model", "make"),
    [
        ("customer", lambda customer: customer),
        ("contactpoint", point),
        ("preference", lambda customer: Preference(customer=customer, text="Tea")),
        ("promise", promise),
        ("rating", rating),
    ],
)
def test_history_is_kept_of_plain_sql_and_cannot_be_changed(
    model: str, make: Callable[[Customer], models.Model]
) -> None:
    row = make(make_customer())
    row.save()
    column = {"customer": "city", "contactpoint": "label", "rating": "source"}.get(model, "text")
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE customers_{model} SET {column} = 'Changed' WHERE id = %s", [row.pk])
        cursor.execute(
            f"SELECT pgh_label, {column} FROM customers_{model}event WHERE pgh_obj_id = %s ORDER BY pgh_id", [row.pk]
        )
        (made, _before), (changed, after) = cursor.fetchall()
        assert (made, changed, after) == ("insert", "update", "Changed")
        for statement in (f"UPDATE customers_{model}event SET {column} = 'x'", f"DELETE FROM customers_{model}event"):
            with pytest.raises(Error, match="append_only"), transaction.atomic():
                cursor.execute(statement)


def test_what_is_on_record_protects_its_customer() -> None:
    customer = make_customer()
    make_interaction(customer)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError), transaction.atomic():
            cursor.execute("DELETE FROM customers_customer WHERE id = %s", [customer.pk])


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("UPDATE customers_letter SET customer_id = 0", "letter_of_a_customer"),
        (
            "DELETE FROM customers_touch; DELETE FROM customers_unlooked; DELETE FROM customers_customer",
            "customer_stays_for_letters",
        ),
    ],
)
def test_a_letter_names_a_customer_who_is_there_and_stays(statement: str, name: str) -> None:
    letter(make_customer()).save()
    with refused_by(name), connection.cursor() as cursor:
        cursor.execute(f"{statement}; SET CONSTRAINTS ALL IMMEDIATE")


def test_a_gesture_taken_back_costs_nothing() -> None:
    back = Gesture(customer=make_customer(), what="Flowers", cost=Decimal(1), taken_back_at=timezone.now())
    refused("gesture_taken_back_costs_nothing", back)


def test_a_customer_has_a_block_key_once() -> None:
    customer = make_customer()
    refused("blockkey_once", BlockKey(customer=customer, key=1), BlockKey(customer=customer, key=1))
