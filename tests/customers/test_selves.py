"""One person in several roles: linked, opened, taken out, matched, not taken for duplicates, merged and forgotten."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from customers.enums import MatchOutcome
from customers.models import Consent, ContactPoint, Customer, Duplicate, Person
from customers.selectors.match import match_caller
from customers.selectors.selves import persons_of, selves_of
from customers.services.duplicates import look_at_everybody, look_for_duplicates
from customers.services.erasing import erase_customer
from customers.services.merges import merge_customers, undo_merge
from customers.services.people import add_customer
from customers.services.selves import add_self, change_role, link_selves, unlink_self
from tests.customers.merging import rows_of
from tests.factories import make_customer, make_interaction, make_order, make_user

pytestmark = pytest.mark.django_db

LINE = "+442079460123"


def two_selves(firm: str = "Firm X") -> tuple[Customer, Customer]:
    private, buyer = make_customer(), make_customer()
    link_selves(customer=private, other=buyer, capacity="firm", firm=firm)
    return fresh(private), fresh(buyer)


def fresh(customer: Customer) -> Customer:
    return Customer.objects.get(pk=customer.pk)


# --- what the database refuses, whoever asks ---


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("customer_capacity_known", {"capacity": "guest"}),
        ("customer_firm_where_they_buy_for_one", {"capacity": "firm"}),
        ("customer_firm_where_they_buy_for_one", {"capacity": "private", "firm": "Firm X"}),
        ("customer_one_self_per_role", {"capacity": "private"}),
        ("customer_one_self_per_role", {"capacity": "firm", "firm": "FIRM x"}),
        ("customer_self_is_not_merged", {"capacity": "other", "merged": True}),
    ],
)
def test_the_database_holds_what_a_self_is(name: str, fields: dict[str, Any]) -> None:
    private, _buyer = two_selves()
    if fields.pop("merged", False):
        fields["merged_into"] = make_customer()
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        Customer.objects.bulk_create([Customer(full_name="One", person=private.person, **fields)])
    assert getattr(error.value.__cause__, "diag").constraint_name == name  # noqa: B009


# --- linking ---


def test_linked_once_with_its_history() -> None:
    agent, private, buyer = make_user(), make_customer(), make_customer()
    person, is_new = link_selves(customer=private, other=buyer, capacity="firm", firm="  Firm  X ", by=agent)
    assert is_new
    assert link_selves(customer=buyer, other=private, capacity="firm", firm="Another") == (person, False)
    assert [one.firm for one in selves_of(user=agent, customer=fresh(private))] == ["", "Firm X"]
    told = fresh(buyer).events.order_by("-pgh_id")[0]  # type: ignore[attr-defined]
    assert (told.person_id, told.pgh_context.metadata["user"]) == (person.pk, agent.pk)
    assert selves_of(user=agent, customer=make_customer()).count() == 1


@pytest.mark.parametrize(
    ("capacity", "firm", "field", "sentence"),
    [
        ("firm", " ", "firm", "name the firm"),
        ("private", "Firm X", "firm", "for a buyer alone"),
        ("guest", "", "capacity", "no such role"),
        ("private", "", "capacity", "in that role already"),
        ("firm", "x" * 201, "firm", "at most 200"),
        ("firm", "a\0b", "firm", "cannot be shown"),
    ],
)
def test_a_role_that_does_not_hold_is_refused(capacity: str, firm: str, field: str, sentence: str) -> None:
    private, other = make_customer(), make_customer()
    with pytest.raises(ValidationError) as error:
        link_selves(customer=private, other=other, capacity=capacity, firm=firm)
    told = error.value.message_dict[field] if hasattr(error.value, "error_dict") else error.value.messages
    assert sentence in told[0]
    assert not Person.objects.exists()


def test_who_is_somebody_else_merged_or_forgotten_is_not_linked() -> None:
    private, _buyer = two_selves()
    _other, taken = two_selves()
    gone, forgotten = make_customer(), make_customer()
    merge_customers(survivor=make_customer(), absorbed=gone, by=None)
    erase_customer(customer=forgotten)
    for other, sentence in (
        (private, "one and the same"),
        (taken, "another person"),
        (gone, "merged into somebody else"),
        (forgotten, "forgotten at their wish"),
    ):
        with pytest.raises(ValidationError, match=sentence):
            link_selves(customer=private, other=other, capacity="firm", firm="Firm Y")


def test_the_last_one_left_stands_alone_again() -> None:
    private, buyer = two_selves()
    third, _ = add_self(customer=buyer, capacity="firm", firm="Firm Y")
    assert unlink_self(customer=third)
    assert not unlink_self(customer=third)
    assert len(persons_of([private.pk, buyer.pk, third.pk])) == 2
    assert unlink_self(customer=buyer)
    assert persons_of([private.pk, buyer.pk, third.pk]) == {}
    assert fresh(buyer).firm == "Firm X", "it keeps its role"


def test_a_linked_self_is_found_by_its_firm() -> None:
    one, two = (add_customer(full_name=name)[0] for name in ("Customer One", "Customer Two"))
    link_selves(customer=one, other=two, capacity="firm", firm="Firm X")
    found = Customer.objects.filter(name_words__word="firm")
    assert list(found) == [two]


def test_a_role_changes_unless_it_is_taken() -> None:
    private, buyer = two_selves()
    assert change_role(customer=buyer, capacity="firm", firm="Firm Z")
    assert not change_role(customer=buyer, capacity="firm", firm="Firm Z")
    with pytest.raises(ValidationError, match="in that role already"):
        change_role(customer=private, capacity="firm", firm="firm z")


# --- another profile ---


def test_another_self_has_names_and_contact_points_and_every_no_but_nothing_else() -> None:
    one, _ = add_customer(full_name="Customer One", known_as="Mx One", phones=[LINE], emails=["one@mail.example"])
    make_order(one)
    for purpose, is_given in (("marketing", False), ("feedback", True), ("recording", False), ("recording", True)):
        Consent.objects.create(customer=one, purpose=purpose, is_given=is_given)
    new, is_new = add_self(customer=one, capacity="firm", firm="Firm X")
    assert is_new
    assert add_self(customer=one, capacity="firm", firm="firm x") == (new, False)
    assert (new.full_name, new.known_as, new.source) == ("Customer One", "Mx One", "house")
    points = list(new.contact_points.order_by("pk").values_list("normalised", "is_preferred"))
    assert points == [(LINE, True), ("one@mail.example", True)]
    assert [(consent.purpose, consent.is_given) for consent in new.consents.all()] == [("marketing", False)]
    assert not new.orders.exists()
    its_words = set(one.name_words.values_list("word", flat=True))
    assert set(new.name_words.values_list("word", flat=True)) == its_words | {"firm", "x"}
    with pytest.raises(ValidationError, match="in which they are here already"):
        add_self(customer=one, capacity="private")


# --- who is on the line ---


def test_a_line_of_one_person_is_a_maybe_that_says_in_which_role() -> None:
    one, _ = add_customer(full_name="Customer One", phones=[LINE])
    add_self(customer=one, capacity="firm", firm="Firm X")
    match = match_caller(user=make_user(), kind="phone", text=LINE)
    assert (match.outcome, match.is_one_person) == (MatchOutcome.MAYBE, True)
    assert {candidate.why for candidate in match.candidates} == {
        "The same person, for themselves",
        "The same person, as buyer for Firm X",
    }
    stranger, _ = add_customer(full_name="Customer Two", phones=[LINE])
    match = match_caller(user=make_user(), kind="phone", text=LINE)
    assert not match.is_one_person
    whys = {candidate.customer.pk: candidate.why for candidate in match.candidates}
    assert whys[stranger.pk] == "This number is theirs"


# --- duplicates and merging ---


def test_selves_are_no_duplicates_and_what_was_thought_is_forgotten() -> None:
    one, other = (add_customer(full_name="Customer One", phones=[LINE], source=source)[0] for source in "ab")
    for who in (one, other):
        ContactPoint.objects.create(customer=who, kind="email", value="m@x.example", normalised="m@x.example")
    look_for_duplicates()
    assert Duplicate.objects.open().count() == 1
    link_selves(customer=one, other=other, capacity="firm", firm="Firm X")
    assert not Duplicate.objects.exists()
    look_at_everybody()
    look_for_duplicates()
    assert not Duplicate.objects.exists()
    unlink_self(customer=one)
    look_for_duplicates()
    assert Duplicate.objects.open().count() == 1


def test_two_selves_of_one_person_are_not_merged() -> None:
    private, buyer = two_selves()
    with pytest.raises(ValidationError, match="one person in two roles"):
        merge_customers(survivor=private, absorbed=buyer, by=None)


@pytest.mark.parametrize("is_other_linked", [False, True])
def test_merging_a_self_moves_the_link_and_undoing_brings_it_back(is_other_linked: bool) -> None:
    private, buyer = two_selves()
    if is_other_linked:
        third, twin = two_selves("Firm Y")
        change_role(customer=third, capacity="other")
    else:
        third, twin = make_customer(), make_customer()
    everybody = (private, buyer, third, twin)
    make_interaction(buyer)
    before = rows_of(*everybody)
    merge, _ = merge_customers(survivor=twin, absorbed=buyer, by=None)
    assert persons_of([buyer.pk]) == {}
    # A role that nobody said gives way; one that somebody did stands.
    assert fresh(twin).firm == ("Firm Y" if is_other_linked else "Firm X")
    linked = {private.pk, twin.pk, third.pk} if is_other_linked else {private.pk, twin.pk}
    persons = persons_of([one.pk for one in everybody])
    assert (persons.keys(), len(set(persons.values()))) == (linked, 1)
    assert undo_merge(merge=merge, by=None)
    assert rows_of(*everybody) == before


def test_merging_two_people_who_would_be_here_twice_in_one_role_is_refused() -> None:
    private, buyer = two_selves()
    other_private, _other = two_selves("Firm Y")
    with pytest.raises(ValidationError, match="twice in one role"):
        merge_customers(survivor=buyer, absorbed=_other, by=None)
    assert persons_of([private.pk])[private.pk] != persons_of([other_private.pk])[other_private.pk]


def test_undoing_where_the_role_was_taken_meanwhile_leaves_the_one_without_it() -> None:
    private, buyer = two_selves()
    add_self(customer=buyer, capacity="other")
    survivor = make_customer()
    merge, _ = merge_customers(survivor=survivor, absorbed=private, by=None)
    unlink_self(customer=survivor)
    link_selves(customer=buyer, other=make_customer(), capacity="private")
    assert undo_merge(merge=merge, by=None)
    assert persons_of([private.pk]) == {}


# --- forgetting ---


def test_forgetting_one_self_leaves_the_others() -> None:
    private, buyer = two_selves()
    third, _ = add_self(customer=private, capacity="other")
    assert erase_customer(customer=buyer)
    assert persons_of([private.pk, buyer.pk, third.pk]).keys() == {private.pk, third.pk}
    assert (fresh(buyer).firm, fresh(private).full_name) == ("Erased", private.full_name)
    assert not fresh(buyer).events.exclude(person=None).exists()  # type: ignore[attr-defined]
