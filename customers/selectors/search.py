"""The one search box: by phone in any notation or by its tail, address, number, order, or beginnings of names."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection
from django.db.models import Case, CharField, Exists, F, OrderBy, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Length
from django.utils.translation import gettext as _

from customers.addresses import normalise_email
from customers.enums import ContactKind
from customers.models import Customer, NameWord
from customers.names import search_words, words
from customers.phones import digits, normalise_phone, without_extension
from customers.selectors.merged import survivor
from customers.selectors.prepared import Statement
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
_EXACT_POINT, _EXACT_NUMBER, _EXACT_ORDER, _EXACT_NAME, _WHOLE_WORDS, _PHONE_TAIL, _BEGINNING = range(7)


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

    Takes at most four queries: one each for phones (where the text looks like one), addresses, numbers (a customer's,
    or an order's) and names. Whoever may not see phones and addresses finds by whole ones only: a tail or a beginning
    would spell them out digit by digit. Rubbish finds nobody.
    """
    try:
        text = tidy(text[:_LONGEST])
    except ValueError:
        return []
    if not text or limit < 1:
        return []
    if Customer.objects.visible_to(user).query.is_empty():
        return []
    is_trusted = user.has_perm("customers.view_contact_points")
    best: dict[int, tuple[int, str, Customer]] = {}
    sees_orders = user.has_perm("customers.view_order")
    for rank, why, customer in _candidates(text, is_trusted, sees_orders, limit):
        if customer.pk not in best or rank < best[customer.pk][0]:
            best[customer.pk] = (rank, why, customer)
    ordered = sorted(best.values(), key=lambda found: (found[0], found[2].full_name.casefold(), found[2].pk))
    return [Found(customer=customer, why=why) for _rank, why, customer in ordered[:limit]]


Candidate = tuple[int, str, Customer]


def _candidates(text: str, is_trusted: bool, sees_orders: bool, limit: int) -> Iterator[Candidate]:
    """Ask only where the text can be an answer: which queries run depends on the text, never on what is found."""
    if _PHONE_LIKE.fullmatch(text) and len(digits(text)) >= _TAIL:
        yield from _by_phone(text, is_trusted, limit)
    if " " not in text:
        yield from _by_email(text, is_trusted, limit)
    yield from _by_number(text, sees_orders and any(map(str.isdecimal, text)), limit)
    asked = list(dict.fromkeys(words(text)))[:_MOST_WORDS]
    if asked and "@" not in text:
        yield from _by_name(asked, limit)


def _by_phone(text: str, is_trusted: bool, limit: int) -> Iterator[Candidate]:
    """Exact in this house's notation; else by the digits from the end, which is how a foreign notation is found."""
    try:
        exact = normalise_phone(text, settings.HOUSE_COUNTRY)
    except ValueError:
        exact = ""
    line = without_extension(exact)
    tails = phone_tails(text) if is_trusted else set()
    begins = [_begins(tail[::-1]) for tail in sorted(tails)]
    found = _phones(len(begins), limit).fetch(
        exact=exact, line=line, **{f"tail_{n}": tail for n, tail in enumerate(begins)}
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


def _by_email(text: str, is_trusted: bool, limit: int) -> Iterator[Candidate]:
    try:
        exact = normalise_email(text)
    except ValueError:
        exact = ""
    beginning = exact or unicodedata.normalize("NFC", text.casefold())
    found = _emails(is_trusted, limit).fetch(text=_begins(beginning) if is_trusted else exact)
    for customer in found:
        if customer.found_by == exact:
            yield _EXACT_POINT, _("Email is this address"), customer
        else:
            yield _BEGINNING, _("Email begins with “%(text)s”") % {"text": beginning}, customer


def _by_number(text: str, is_order: bool, limit: int) -> Iterator[Candidate]:
    """A customer's own number; with `is_order` also that of an order, which may be told with a sign and in small."""
    typed = text.lstrip("#").strip()
    order = {"order": typed, "upper": typed.upper()} if is_order else {}
    for customer in _numbers(is_order, limit).fetch(number=text, **order):
        if customer.found_by:
            yield _EXACT_ORDER, _("Order %(number)s is theirs") % {"number": customer.found_by}, customer
        else:
            yield _EXACT_NUMBER, _("Customer number is %(number)s") % {"number": text}, survivor(customer)


def _by_name(asked: list[str], limit: int) -> Iterator[Candidate]:
    """Every word that was asked begins one of the customer's. The longest leads: it is the rarest, mostly."""
    leading, *others = sorted(asked, key=len, reverse=True)
    begins = {f"word_{n}": _begins(word) for n, word in enumerate([leading, *others])}
    whole = {f"whole_{n}": word for n, word in enumerate([leading, *others])} if others else {}
    for customer in _names(len(begins), limit).fetch(**begins, **whole):
        shown = _("Name: %(words)s") % {"words": " ".join(asked)}
        if asked in map(words, customer.names):
            yield _EXACT_NAME, shown, customer
        elif set(asked) <= search_words(*customer.names):
            yield _WHOLE_WORDS, shown, customer
        elif _begin(asked, search_words(*customer.names)):
            yield _BEGINNING, _("Name begins with “%(words)s”") % {"words": " ".join(asked)}, customer
        elif _begin(asked, its_words := search_words(*customer.names, customer.firm)):
            rank = _WHOLE_WORDS if set(asked) <= its_words else _BEGINNING
            yield rank, _("Buys for %(firm)s") % {"firm": customer.firm}, customer
        else:
            # What is left are the words of those who were merged into them.
            yield _BEGINNING, _("Name before a merging: %(words)s") % {"words": " ".join(asked)}, customer


def _begin(asked: list[str], known: set[str]) -> bool:
    """Whether each word that was asked begins one that is known."""
    return all(any(word.startswith(one) for word in known) for one in asked)


# --- the statements, each written once -----------------------------------------------------------


def _begins(text: str) -> str:
    """The pattern of what begins with a text."""
    return f"{connection.ops.prep_for_like_query(text)}%"


def _hole(name: str) -> str:
    """A stand-in for a text; nobody's name and no number has such letters."""
    return f"\ue000{name}\ue001"


@cache
def _phones(tails: int, limit: int) -> Statement:
    is_exact = Q(contact_points__normalised__in=[_hole("exact"), _hole("line")])
    condition = is_exact
    for n in range(tails):
        condition |= Q(contact_points__tail__startswith=_hole(f"tail_{n}"))
    found = (
        Customer.objects.present()
        .filter(condition, contact_points__kind=ContactKind.PHONE, contact_points__is_active=True)
        .annotate(found_by=F("contact_points__normalised"))
        .order_by(Case(When(is_exact, then=0), default=1), "pk")[: 2 * limit]
    )
    holes = {"exact": _hole("exact"), "line": _hole("line")}
    return Statement(found, **holes, **{f"tail_{n}": _begins(_hole(f"tail_{n}")) for n in range(tails)})


@cache
def _emails(is_trusted: bool, limit: int) -> Statement:
    text = _hole("text")
    lookup = "startswith" if is_trusted else "exact"
    found = (
        Customer.objects.present()
        .filter(
            **{f"contact_points__normalised__{lookup}": text},
            contact_points__kind=ContactKind.EMAIL,
            contact_points__is_active=True,
        )
        .annotate(found_by=F("contact_points__normalised"))
        .order_by(ByteOrder(F("contact_points__normalised")), "pk")[: 2 * limit]
    )
    return Statement(found, text=_begins(text) if is_trusted else text)


@cache
def _numbers(is_order: bool, limit: int) -> Statement:
    holes = {"number": _hole("number")}
    found = Customer.objects.filter(external_id=holes["number"]).annotate(found_by=Value("", CharField()))
    found = found.order_by("pk")[:limit]
    if is_order:
        holes |= {"order": _hole("order"), "upper": _hole("upper")}
        theirs = Customer.objects.filter(orders__external_id__in=[holes["order"], holes["upper"]])
        theirs = theirs.annotate(found_by=F("orders__external_id")).order_by("pk")[:limit]
        found = found.union(theirs, all=True)
    return Statement(found, **holes)


@cache
def _names(count: int, limit: int) -> Statement:
    """So many words, the first of which leads."""
    # In the index's order a word comes before those that it begins, so the exact ones are not cut off.
    found = _named(count, "startswith", "word").order_by(ByteOrder(F("name_words__word")), "pk")[: 3 * limit]
    holes = {f"word_{n}": _begins(_hole(f"word_{n}")) for n in range(count)}
    if count > 1:
        # That order knows the leading word alone. Who has every word as it was asked comes by a way of their own; the
        # shortest names first, which are those that have no other word.
        whole = _named(count, "exact", "whole").order_by(Length("full_name"), "pk")[: 3 * limit]
        found = found.union(whole, all=True)
        holes |= {f"whole_{n}": _hole(f"whole_{n}") for n in range(count)}
    return Statement(found, **holes)


def _named(count: int, lookup: str, holes: str) -> QuerySet[Customer]:
    """Customers with so many words."""
    found = Customer.objects.filter(**{f"name_words__word__{lookup}": _hole(f"{holes}_0")})
    for n in range(1, count):
        other = NameWord.objects.filter(customer=OuterRef("pk"), **{f"word__{lookup}": _hole(f"{holes}_{n}")})
        found = found.filter(Exists(other))
    return found
