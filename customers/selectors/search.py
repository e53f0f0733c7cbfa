"""The one search box: by phone in any notation or by its tail, by address, by number, by beginnings of names."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Case, Exists, F, OrderBy, OuterRef, Q, QuerySet, When
from django.utils.translation import gettext as _

from customers.addresses import normalise_email
from customers.enums import ContactKind
from customers.models import Customer, NameWord
from customers.names import search_words, words
from customers.phones import digits, normalise_phone, without_extension
from customers.texts import tidy

if TYPE_CHECKING:
    from portal.models import User

_LONGEST = 200  # letters of a query that are looked at
_MOST_WORDS = 6
_TAIL = 4  # digits from which on a number's end says something
_NATIONAL = 7  # digits from which on it may be a whole number, with a zero in front
_ALIKE = 8  # digits at the end that make two numbers the same one, whatever stands before
# Digits and what people write between them; a word may only say that an extension follows.
_PHONE_LIKE = re.compile(r"(?:tel:)?[\d\s+()./\-\u2010-\u2015]*(?:(?:;?ext[.=]?|x|#)\s*\d+)?", re.IGNORECASE)

# How sure a match makes us; the surest come first.
_EXACT_POINT, _EXACT_NUMBER, _EXACT_NAME, _WHOLE_WORDS, _PHONE_TAIL, _BEGINNING = range(6)


@dataclass(frozen=True)
class Found:
    """A customer, and why they are among the results, in words for the one who searched."""

    customer: Customer
    why: str


class ByteOrder(OrderBy):
    """Order as an index with `text_pattern_ops` is ordered, so that it is read from its start and no further."""

    # Django insists on reading ASC or DESC in it; "less than" is the former.
    template = "%(expression)s USING ~<~ /* %(ordering)s */"


def find_customers(*, user: "User", text: str, limit: int = 20) -> list[Found]:
    """Return at most `limit` customers that a query may mean, the surest first.

    Takes at most four queries: one each for phones (where the text looks like one), addresses, customer numbers and
    names. Whoever may not see phones and addresses finds by whole ones only: a tail or a beginning would spell them
    out digit by digit. Rubbish finds nobody.
    """
    try:
        text = tidy(text[:_LONGEST])
    except ValueError:
        return []
    if not text or limit < 1:
        return []
    visible = Customer.objects.visible_to(user)
    is_trusted = user.has_perm("customers.view_contact_points")
    best: dict[int, tuple[int, str, Customer]] = {}
    for rank, why, customer in _candidates(visible, text, is_trusted, limit):
        if customer.pk not in best or rank < best[customer.pk][0]:
            best[customer.pk] = (rank, why, customer)
    ordered = sorted(best.values(), key=lambda found: (found[0], found[2].full_name.casefold(), found[2].pk))
    return [Found(customer=customer, why=why) for _rank, why, customer in ordered[:limit]]


Candidate = tuple[int, str, Customer]


def _candidates(visible: QuerySet[Customer], text: str, is_trusted: bool, limit: int) -> Iterator[Candidate]:
    """Ask only where the text can be an answer: which queries run depends on the text, never on what is found."""
    if _PHONE_LIKE.fullmatch(text) and len(digits(text)) >= _TAIL:
        yield from _by_phone(visible, text, is_trusted, limit)
    if " " not in text:
        yield from _by_email(visible, text, is_trusted, limit)
    yield from _by_number(visible, text, limit)
    asked = list(dict.fromkeys(words(text)))[:_MOST_WORDS]
    if asked and "@" not in text:
        yield from _by_name(visible, asked, limit)


def _by_phone(visible: QuerySet[Customer], text: str, is_trusted: bool, limit: int) -> Iterator[Candidate]:
    """Exact in this house's notation; else by the digits from the end, which is how a foreign notation is found."""
    try:
        exact = normalise_phone(text)
    except ValueError:
        exact = ""
    line = without_extension(exact)
    tails = phone_tails(text) if is_trusted else set()
    is_exact = Q(contact_points__normalised__in={exact, line})
    condition = is_exact
    for tail in tails:
        condition |= Q(contact_points__tail__startswith=tail[::-1])
    found = (
        visible.filter(condition, contact_points__kind=ContactKind.PHONE, contact_points__is_active=True)
        .annotate(found_by=F("contact_points__normalised"))
        .order_by(Case(When(is_exact, then=0), default=1), "pk")[: 2 * limit]
    )
    is_known = any(customer.found_by in {exact, line} for customer in found)
    for customer in found:
        its_line = without_extension(customer.found_by)
        if customer.found_by in {exact, line}:
            yield _EXACT_POINT, _("Phone is this number"), customer
        elif not is_known or its_line == line or len(digits(text)) <= _ALIKE:
            shown = max((tail for tail in tails if its_line.endswith(tail)), key=len)
            yield _PHONE_TAIL, _("Phone ends in %(digits)s") % {"digits": shown}, customer


def phone_tails(text: str) -> set[str]:
    """Return the digits with which a line may end when this is typed, an extension left out.

    Up to eight digits are taken as they are. A longer text is a whole number in some country's notation: what it
    begins with (00, 011, 0, 8, 06) depends on where one stands, its last eight digits do not.
    """
    typed = digits(re.split(r"ext|x|#|;", text, maxsplit=1, flags=re.IGNORECASE)[0])
    if len(typed) > _ALIKE:
        return {typed[-_ALIKE:]}
    national = typed.lstrip("0") if len(typed) >= _NATIONAL else typed
    return {tail for tail in (typed, national) if len(tail) >= _TAIL}


def _by_email(visible: QuerySet[Customer], text: str, is_trusted: bool, limit: int) -> Iterator[Candidate]:
    try:
        exact = normalise_email(text)
    except ValueError:
        exact = ""
    beginning = exact or unicodedata.normalize("NFC", text.casefold())
    condition = Q(contact_points__normalised=exact)
    if is_trusted:
        condition = Q(contact_points__normalised__startswith=beginning)
    found = (
        visible.filter(condition, contact_points__kind=ContactKind.EMAIL, contact_points__is_active=True)
        .annotate(found_by=F("contact_points__normalised"))
        .order_by(ByteOrder(F("contact_points__normalised")), "pk")[: 2 * limit]
    )
    for customer in found:
        if customer.found_by == exact:
            yield _EXACT_POINT, _("Email is this address"), customer
        else:
            yield _BEGINNING, _("Email begins with “%(text)s”") % {"text": beginning}, customer


def _by_number(visible: QuerySet[Customer], text: str, limit: int) -> Iterator[Candidate]:
    for customer in visible.filter(external_id=text).order_by("pk")[:limit]:
        yield _EXACT_NUMBER, _("Customer number is %(number)s") % {"number": text}, customer


def _by_name(visible: QuerySet[Customer], asked: list[str], limit: int) -> Iterator[Candidate]:
    """Every word that was asked begins one of the customer's. The longest leads: it is the rarest, mostly."""
    leading, *others = sorted(asked, key=len, reverse=True)
    found = visible.filter(name_words__word__startswith=leading)
    for word in others:
        found = found.filter(Exists(NameWord.objects.filter(customer=OuterRef("pk"), word__startswith=word)))
    # In the index's order a word comes before those that it begins, so the exact ones are not cut off.
    for customer in found.order_by(ByteOrder(F("name_words__word")), "pk")[: 3 * limit]:
        shown = _("Name: %(words)s") % {"words": " ".join(asked)}
        if asked in map(words, customer.names):
            yield _EXACT_NAME, shown, customer
        elif set(asked) <= search_words(*customer.names):
            yield _WHOLE_WORDS, shown, customer
        else:
            begins = _("Name begins with “%(words)s”") % {"words": " ".join(asked)}
            yield _BEGINNING, begins, customer
