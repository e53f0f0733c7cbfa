"""Forgetting a customer: name, addresses and words go everywhere, and what was counted stays.

Orders with their amounts, contacts with their times, answers as yes or no, standings and moves remain, of somebody
called “Erased”. Apps above register what they hold of a customer, as they register seals for letters.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pgtrigger
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import F, Q, TextField, Value
from django.db.models.functions import Left, Replace
from django.utils.html import escape
from django.utils.translation import gettext as _

from customers.addresses import normalise_email
from customers.enums import ContactKind, LetterState
from customers.models import BlockKey, ContactPoint, Customer, Erasure, Letter, LiftedSuppression, NameWord, Suppression
from customers.selectors.merged import same_person, survivor
from customers.services.contact_points import erased_form
from customers.services.selves import leave_person

if TYPE_CHECKING:
    from portal.models import User

ERASED = "Erased"
_OF_CUSTOMER = "customer_id = %(customer)s"
# A name as short as this is part of too many words.
_SHORTEST_NAME = 3

Eraser = Callable[[Customer], None]
_erasers: list[Eraser] = []


def register_eraser(eraser: Eraser) -> None:
    """Have `eraser(customer)` take the customer's words out of the tables of an app above.

    It is called inside the transaction that erases, with the triggers off that guard what is only ever added, and
    before the customer's own row is touched.
    """
    if eraser not in _erasers:
        _erasers.append(eraser)


def erase_customer(*, customer: Customer, by: "User | None" = None) -> bool:
    """Forget a customer; return False where that was done before (words that came since are then taken out, too).

    A letter that waits does not leave any more. Who was merged with them is the same person, and forgotten with them.

    Raises:
        ValidationError: a letter to them is being handed to the mail server at this moment.
    """
    # Off: the guards of what is only ever added, and the notes of what changes. They heed nothing but this setting of
    # pgtrigger's, which ends with the block.
    with transaction.atomic(), pgtrigger.ignore():
        whole = survivor(Customer.objects.get(pk=customer.pk))
        is_new = _erase(whole, by)
        for merged in same_person(whole):
            _erase(merged, by)
        return is_new


def _erase(customer: Customer, by: "User | None") -> bool:
    """Forget what one row and its name knows."""
    customer = Customer.objects.select_for_update().get(pk=customer.pk)
    # Letters are locked, so that none is claimed while we look.
    states = Letter.objects.select_for_update().filter(customer=customer).values_list("state", flat=True)
    if LetterState.SENDING in list(states):
        raise ValidationError(_("A letter to them is just leaving. Please try again in a few minutes."))
    for eraser in _erasers:
        eraser(customer)
    _erase_addresses(customer)
    _erase_letters(customer)
    _erase_facts(customer)
    return Erasure.objects.get_or_create(customer=customer, defaults={"by": by})[1]


def erase_words(
    table: str, customer: Customer, *columns: str, whose: str = _OF_CUSTOMER, history: bool = False
) -> None:
    """Put “Erased” in place of the words in these columns, and with `history` in what they were before.

    Empty ones stay empty. `whose`: the condition, in SQL, on the rows that are about `%(customer)s`.
    """
    changes = ", ".join(
        f"{column} = CASE WHEN {column} IS NULL OR {column} = '' THEN {column} ELSE %(erased)s END"
        for column in columns
    )
    for name in (table, f"{table}event") if history else (table,):
        run_for(customer, f"UPDATE {name} SET {changes} WHERE {whose}")  # noqa: S608 (names of ours)


def run_for(customer: Customer, statement: str) -> None:
    """Run a statement of ours in which `%(customer)s` is the number, and `%(erased)s` the word.

    The two are put in here: pgtrigger puts a parameter of its own before those of a statement, and cannot where they
    have names.
    """
    with connection.cursor() as cursor:
        cursor.execute(statement % {"customer": int(customer.pk), "erased": f"'{ERASED}'"})


def _erase_addresses(customer: Customer) -> None:
    """Take away how to reach them. An address that gets no letters is kept as a keyed digest, and goes on getting none.

    Where somebody else uses the address too, it stays in clear for them.
    """
    points = ContactPoint.objects.filter(customer=customer, kind=ContactKind.EMAIL)
    known = set(points.values_list("normalised", flat=True))
    for address in Letter.objects.filter(customer=customer).exclude(to_address="").values_list("to_address", flat=True):
        try:
            known.add(normalise_email(address))
        except ValueError:
            known.add(address)
    others = ContactPoint.objects.exclude(customer=customer).filter(normalised__in=known, is_active=True)
    for address in known - set(others.values_list("normalised", flat=True)):
        Suppression.objects.filter(address=address).update(address=erased_form(address), detail="")
        LiftedSuppression.objects.filter(address=address).update(
            address=erased_form(address), detail="", why=Value(ERASED)
        )
    for table in ("customers_contactpoint", "customers_contactpointevent"):
        run_for(customer, f"DELETE FROM {table} WHERE {_OF_CUSTOMER}")  # noqa: S608 (names of ours)


def _erase_letters(customer: Customer) -> None:
    """Take away what was written to them, and their name from what was written to colleagues."""
    mine = Letter.objects.filter(customer=customer)
    mine.filter(state=LetterState.QUEUED).update(state=LetterState.SUPPRESSED)
    mine.update(to_address="", subject=ERASED, text="", html="", headers={}, reply="")
    # What servers said of a letter quotes its address.
    letters_of = "letter_id IN (SELECT id FROM customers_letter WHERE customer_id = %(customer)s)"
    erase_words("customers_letterevent", customer, "words", whose=letters_of)
    for name in all_names(customer):
        for found in {name, escape(name)}:
            named = Q(subject__contains=found) | Q(text__contains=found) | Q(html__contains=found)
            Letter.objects.filter(named, customer=None).update(
                subject=Left(_without("subject", found), 200),
                text=_without("text", found),
                html=_without("html", found),
            )


def _without(field: str, name: str) -> Replace:
    return Replace(F(field), Value(name), Value(ERASED), output_field=TextField())


def all_names(customer: Customer) -> list[str]:
    """Return every name that a customer has or had and that is long enough to be told from a word, the longest first.

    Ask before the facts are erased, and what they were.
    """
    past = apps.get_model("customers", "CustomerEvent")._default_manager.filter(id=customer.pk)
    names = {name for row in past.values_list(*Customer.NAMES) for name in row if name}
    return sorted({name for name in {*names, *customer.names} if len(name) >= _SHORTEST_NAME}, key=len, reverse=True)


def _erase_facts(customer: Customer) -> None:
    _erase_ties(customer)
    NameWord.objects.filter(customer=customer).delete()
    BlockKey.objects.filter(customer=customer).delete()
    merges = "merge_id IN (SELECT id FROM customers_merge WHERE %(customer)s IN (survivor_id, absorbed_id))"
    run_for(customer, f"UPDATE customers_mergestep SET before = '{{}}', after = '{{}}' WHERE {merges}")  # noqa: S608
    for table in (f"customers_{noun}{event}" for noun in ("preference", "caution") for event in ("", "event")):
        run_for(customer, f"DELETE FROM {table} WHERE {_OF_CUSTOMER}")  # noqa: S608 (names of ours)
    erase_words("customers_consent", customer, "source")
    erase_words("customers_interaction", customer, "subject", "note")
    for table in ("customers_incident", "customers_takenbackincident"):
        erase_words(table, customer, "text", "resolution")
    erase_words("customers_promise", customer, "text", history=True)
    of_promise = "promise_id IN (SELECT id FROM customers_promise WHERE customer_id = %(customer)s)"
    erase_words("customers_promisestep", customer, "words", whose=of_promise)
    erase_words("customers_gesture", customer, "what")
    erase_words("customers_order", customer, "description")
    names = ("full_name", "given_name", "family_name", "known_as", "say_as", "pronouns", "city", "firm")
    erase_words("customers_customer", customer, *names, whose="id = %(customer)s", history=True)
    for table in ("customers_customer", "customers_customerevent"):
        # Without its number there, the source that knew them finds nobody.
        run_for(customer, f"UPDATE {table} SET external_id = NULL WHERE id = %(customer)s")  # noqa: S608


def _erase_ties(customer: Customer) -> None:
    """Take away what they are to others, and which others they are: what is said of two is said of each."""
    for table in ("customers_relationship", "customers_relationshipevent"):
        run_for(customer, f"DELETE FROM {table} WHERE %(customer)s IN (customer_id, other_id)")  # noqa: S608
    if customer.person_id is not None:
        leave_person(customer)
    run_for(customer, "UPDATE customers_customerevent SET person_id = NULL WHERE id = %(customer)s")
