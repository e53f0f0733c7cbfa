"""Ways that led to a customer before a merging lead to the survivor, and come apart again."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from customers.enums import LetterState
from customers.imports.run import import_rows
from customers.models import (
    Consent,
    ContactPoint,
    Customer,
    Incident,
    Interaction,
    Letter,
    Merge,
    Order,
    Promise,
)
from customers.selectors.merged import moved_to, same_person, survivor
from customers.services import mailing
from customers.services.conversations import close_interaction, open_interaction
from customers.services.merges import undo_merge
from feedback.amends import PUT_RIGHT
from feedback.models import Invitation, Recovery
from feedback.services.answers import record_answer
from feedback.services.invitations import invite_due
from feedback.services.put_right import ask_put_right
from tests.customers.merging import merge, rows_of
from tests.factories import make_customer, make_email, make_interaction, make_order, make_touch_point, make_user
from tests.feedback.makers import make_closed, make_invitation, make_link
from tests.feedback.test_invitations import an_hour_passes, make_incident, reason
from tests.feedback.test_put_right import mended
from tests.portal.worlds import make_recovery

pytestmark = pytest.mark.django_db


def test_what_arrives_for_the_old_one_lands_with_the_survivor() -> None:
    one, other = make_customer(), make_customer(source="webshop", external_id="7")
    merge(one, other)
    assert make_order(other).customer_id == other.pk, "the row in hand does not know"
    make_email(other, "late@mail.example")
    open_interaction(customer=other, channel="phone", touch_point=make_touch_point(), agent=make_user())
    Letter.objects.create(customer=other, kind="k", subject_key="1", to_address="a@mail.example", subject="S", text="T")
    for model in (Order, ContactPoint, Interaction, Letter):
        assert set(model.objects.values_list("customer", flat=True)) == {one.pk}
    Order.objects.get().save()
    stale = Promise(customer=other, text="x", due_at=timezone.now() + timedelta(days=1))
    stale.save()
    stale.save()
    assert set(Promise.objects.values_list("customer", flat=True)) == {one.pk}


def test_a_chain_of_three_leads_to_the_last_and_comes_apart_in_order() -> None:
    one, two, three = make_customer(), make_customer(), make_customer()
    for who in (one, two, three):
        make_order(who)
    before = rows_of(one, two, three)
    first = merge(two, three)
    second = merge(one, two)
    assert survivor(Customer.objects.get(pk=three.pk)) == one
    assert moved_to(user=make_user(), public_id=three.public_id) == one
    assert {who.pk for who in same_person(one)} == {two.pk, three.pk}
    make_order(three)
    assert Order.objects.filter(customer=one).count() == 4
    with pytest.raises(ValidationError, match="Undo that merging first"):
        undo_merge(merge=first, by=None)
    assert undo_merge(merge=second, by=None)
    assert undo_merge(merge=first, by=None)
    late = Order.objects.latest("pk")
    assert late.customer == one
    late.delete()
    assert rows_of(one, two, three) == before


def test_an_import_by_both_numbers_goes_on_finding_one_customer() -> None:
    file = (
        "external_id,full_name,phone,consent_feedback\n1,Customer A,+442079460111,yes\n2,Customer B,+442079460112,no\n"
    )
    import_rows(kind="customers", file=StringIO(file), source="shop")
    one, other = Customer.objects.order_by("external_id")
    merge(one, other)
    for number in ("112", "113"):
        again = StringIO(file.replace("112", number))
        report = import_rows(kind="customers", file=again, source="shop")
        assert (report.created, report.error_count) == (0, 0)
    assert set(one.contact_points.values_list("value", flat=True)) == {f"+442079460{end}" for end in (111, 112, 113)}
    one.refresh_from_db()
    assert one.full_name == "Customer A"
    assert Consent.objects.count() == 2, "what was said before the merging is not said again"


def test_an_answer_by_an_old_link_counts_and_its_recovery_is_the_survivors() -> None:
    one, other = make_customer(), make_customer()
    make_recovery(other)
    Recovery.objects.all().delete()
    invitation = Invitation.objects.get()
    invitation.answers.all().delete()
    link, _ = make_link(invitation)
    merge(one, other)
    answer, _pressed = record_answer(link=link, enjoyed="no")
    assert answer.is_counted
    assert Recovery.objects.get().customer == one
    assert Invitation.objects.get().customer == one


def parted_after(merged: Merge) -> None:
    """Undo a merging, with what the database otherwise looks at in the end only."""
    undo_merge(merge=merged, by=None)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("is_waiting", [True, False])
def test_what_was_asked_since_about_an_older_contact_goes_back_with_it(is_waiting: bool) -> None:
    one, other = make_customer(), make_customer()
    make_email(other)
    talk = make_interaction(other)
    merged = merge(one, other)
    talk.refresh_from_db()
    close_interaction(interaction=talk)
    if is_waiting:
        make_incident(one)
    invite_due()
    assert Invitation.objects.get().customer == one
    parted_after(merged)
    assert Invitation.objects.get().customer == other
    assert set(Letter.objects.values_list("customer", flat=True)) == (set() if is_waiting else {other.pk})
    Incident.objects.update(resolved_at=Now())
    an_hour_passes()
    invite_due()
    assert Letter.objects.get().customer == other
    assert mailing.claim_letter()


def test_a_letter_that_was_waited_for_goes_back_with_its_contact() -> None:
    one, other = make_customer(), make_customer()
    for who in (one, other):
        make_email(who)
    talk = make_closed(other)
    make_incident(other)
    assert reason(talk) == "incident"
    merged = merge(one, other)
    Incident.objects.update(resolved_at=Now())
    an_hour_passes()
    invite_due()
    parted_after(merged)
    letter = Letter.objects.get()
    assert (letter.customer, Invitation.objects.get().customer) == (other, other)
    assert mailing.claim_letter() is None, "it would go to where the survivor reads"
    letter.refresh_from_db()
    assert (letter.state, letter.reply) == (LetterState.SUPPRESSED, "The address is not theirs.")


def test_amends_go_back_with_the_contact_that_they_are_about() -> None:
    one, other = make_customer(), make_customer()
    make_email(other)
    link, _ = make_link(make_invitation(make_closed(other)))
    merged = merge(one, other)
    record_answer(link=link, enjoyed="no")
    assert Recovery.objects.get().customer == one
    parted_after(merged)
    assert Recovery.objects.get().customer == other


def test_nobody_is_asked_whether_we_put_right_what_was_another_ones() -> None:
    one, other = make_customer(), make_customer()
    for who in (one, other):
        make_email(who)
    mended(customer=other)
    merged = merge(one, other)
    Letter.objects.update(state="sent", sent_at=Now())
    assert ask_put_right() == 1
    parted_after(merged)
    letter = Letter.objects.get(kind=PUT_RIGHT)
    assert letter.to_address == one.contact_points.get().value
    assert (letter.customer, Recovery.objects.get().customer) == (other, other)
    assert mailing.claim_letter() is None
    letter.refresh_from_db()
    assert letter.state == LetterState.SUPPRESSED
