"""Whose number or address this is, for somebody who is on the line: certain, perhaps, or nobody's.

The page that a phone system opens, the API and the pop on an open desk all ask here.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection
from django.db.models import Case, Exists, F, Max, OuterRef, Q, QuerySet, Subquery, When
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from customers.addresses import normalise_email, without_tag
from customers.enums import Channel, ContactKind, MatchOutcome
from customers.models import Customer, Incident, Interaction, Promise
from customers.phones import digits, normalise_phone, without_extension
from customers.selectors.prepared import NOBODY, Statement
from customers.selectors.search import phone_tails
from customers.selectors.selves import role_words

if TYPE_CHECKING:
    from portal.models import User

# As many as one key each can choose; of a hotel's number more people are not listed, but asked for their name.
MOST = 9
# Among more than this many we do not even look for the likeliest.
_LOOKED_AT = 60
# Digits from which on a number's end says who it may be: fewer are shared by too many strangers.
_TAIL = 8
# A number and an address that nobody has, without more and with an extension or a tag.
_STAND_INS = {
    (ContactKind.PHONE.value, True): "+0",
    (ContactKind.PHONE.value, False): "+0;ext=0",
    (ContactKind.EMAIL.value, True): "nobody@nowhere.invalid",
    (ContactKind.EMAIL.value, False): "nobody+more@nowhere.invalid",
}


class Nearness(IntEnum):
    """How near a number or address that we know comes to the one that was given; the nearest come first."""

    EXACT = 0
    LINE = 1
    TAG = 2
    RETIRED = 3
    TAIL = 4


_WHY_PHONE = {
    Nearness.EXACT: gettext_noop("This number is theirs"),
    Nearness.LINE: gettext_noop("The same line, with another extension or none"),
    Nearness.RETIRED: gettext_noop("This number was theirs once"),
    Nearness.TAIL: gettext_noop("Their number ends in the same digits"),
}
_WHY_EMAIL = {
    Nearness.EXACT: gettext_noop("This address is theirs"),
    Nearness.TAG: gettext_noop("The same address, but for what stands after the plus sign"),
    Nearness.RETIRED: gettext_noop("This address was theirs once"),
}


@dataclass(frozen=True)
class Candidate:
    """Somebody whom the number or address may mean.

    `why` is a sentence for a colleague. `called_at`: when they last called from this very number; `talked_at`: when
    they were last in touch in this way. `matter`: what of theirs is open, in words, or empty.
    """

    customer: Customer
    nearness: Nearness
    why: str
    called_at: datetime | None = None
    talked_at: datetime | None = None
    matter: str = ""


@dataclass(frozen=True)
class Match:
    """What is known of who has a number or address. `normalised` is the form in which it is compared."""

    kind: str
    text: str
    normalised: str
    outcome: str
    candidates: tuple[Candidate, ...] = ()

    @property
    def customer(self) -> Customer | None:
        """The one person, where the match is certain."""
        return self.candidates[0].customer if self.outcome == MatchOutcome.KNOWN else None

    @property
    def is_one_person(self) -> bool:
        """Whether all of them are one person, in several roles."""
        persons = {one.customer.person_id for one in self.candidates}
        return len(self.candidates) > 1 and len(persons) == 1 and None not in persons

    @property
    def likeliest(self) -> tuple[Candidate, ...]:
        """As many as a key each can choose."""
        return self.candidates[:MOST]

    @property
    def has_more(self) -> bool:
        return len(self.candidates) > MOST

    def ranked(self, called_at: Mapping[int, datetime]) -> "Match":
        """Return the same with the likeliest first, given when each (by key) last called from this very number."""
        known = (replace(one, called_at=called_at.get(one.customer.pk)) for one in self.candidates)
        return replace(self, candidates=tuple(sorted(known, key=_likelihood)))


def match_caller(*, user: "User", kind: str, text: str, region: str = "") -> Match:
    """Return whose number (`kind` phone) or address (email) this is, as far as this colleague may know.

    *Known* takes one query, *unknown* at most three, *maybe* at most four. One person is certain where they alone have
    exactly this number, in use, and nobody else has an extension on the same line. Whoever may not see phones and
    addresses is told of whole ones only: a near one would spell them out.

    Raises:
        ValueError: this is no number, or no address; the message is a sentence for the person who wrote it.
    """
    is_phone = kind == ContactKind.PHONE
    exact = normalise_phone(text, region or settings.HOUSE_COUNTRY) if is_phone else normalise_email(text)
    known = Match(kind=kind, text=text, normalised=exact, outcome=MatchOutcome.UNKNOWN)
    found = _in_use(user, kind, exact)
    certain = [row for row in found if row.found_by == exact]
    is_decisive = not is_phone or len(found) == 1 or without_extension(exact) != exact
    if len(certain) == 1 and is_decisive:
        only = Candidate(certain[0], Nearness.EXACT, _why(kind, Nearness.EXACT))
        return replace(known, outcome=MatchOutcome.KNOWN, candidates=(only,))
    if not user.has_perm("customers.view_contact_points"):
        rows = [(row, Nearness.EXACT) for row in certain]
    else:
        mine = Customer.objects.visible_to(user)
        rows = [(row, _nearness(kind, exact, row.found_by)) for row in found]
        rows += [(row, Nearness.RETIRED) for row in _retired(mine, kind, exact)]
        if not rows and is_phone:
            rows = [(row, Nearness.TAIL) for row in _by_tail(mine, text)]
    return _maybe(known, rows) if rows else known


def match_phone(*, user: "User", phone: str, region: str = "") -> list[Customer]:
    """Return the customers with this number in use, those with exactly this one first, then in the order we met them.

    A number with an extension also finds those who have the line's plain number, and a plain number those who have
    an extension on it. What is no phone number finds nobody.
    """
    try:
        exact = normalise_phone(phone, region or settings.HOUSE_COUNTRY)
    except ValueError:
        return []
    return _in_use(user, ContactKind.PHONE, exact, limit=None)


def match_email(*, user: "User", email: str) -> list[Customer]:
    """Return the customers with this address in use, in the order we met them; what is no address finds nobody."""
    try:
        exact = normalise_email(email)
    except ValueError:
        return []
    same = Q(contact_points__normalised=exact)
    return _once(_with_points(Customer.objects.visible_to(user), ContactKind.EMAIL, same), exact)


# --- who has it ----------------------------------------------------------------------------------------


def _in_use(user: "User", kind: str, exact: str, limit: int | None = _LOOKED_AT) -> list[Any]:
    """Those who have the number, or the same line with another extension or none; of addresses, whatever its tag."""
    is_plain, sees = _plain(kind, exact) == exact, user.has_perm("customers.view_customer")
    asked = _statement_of(kind, is_plain, limit, user.__class__, user.role, user.is_active, sees)
    return _each_once(asked.fetch(**_likenesses(kind, exact)), exact)


@lru_cache(maxsize=32)
def _statement_of(
    kind: str, is_plain: bool, limit: int | None, colleague: type["User"], role: str, is_active: bool, _sees: bool
) -> Statement:
    """The question of `_in_use`, as a role may ask it: written once, for whoever is on the line should not wait."""
    exact = _STAND_INS[kind, is_plain]
    # Were it ever to matter who asks, nobody would be found.
    anybody = colleague(pk=NOBODY, role=role, is_active=is_active)
    found = _with_points(Customer.objects.visible_to(anybody), kind, _same(kind, exact))
    holes = _likenesses(kind, exact)
    if limit is None and "line" in holes:
        # The line says it all where nobody has to come first.
        del holes["exact"]
    return Statement(_exact_first(found, exact, limit), **holes)


def _plain(kind: str, exact: str) -> str:
    return without_extension(exact) if kind == ContactKind.PHONE else without_tag(exact)


def _same(kind: str, exact: str) -> Q:
    plain = _plain(kind, exact)
    if kind == ContactKind.PHONE and exact == plain:
        # The whole line from its end: one value, by which one plan does for all numbers.
        return Q(contact_points__tail=plain[::-1])
    same = Q(contact_points__normalised__in={exact, plain})
    if exact != plain:
        return same
    name, _at, domain = plain.rpartition("@")
    tagged = Q(contact_points__normalised__startswith=f"{name}+")
    return same | tagged & Q(contact_points__normalised__endswith=f"@{domain}")


def _likenesses(kind: str, exact: str) -> dict[str, str]:
    """The values in `_same`, by name."""
    plain, escaped = _plain(kind, exact), connection.ops.prep_for_like_query
    if exact != plain:
        return {"exact": exact, "plain": plain}
    if kind == ContactKind.PHONE:
        return {"exact": exact, "line": plain[::-1]}
    name, _at, domain = plain.rpartition("@")
    return {"exact": exact, "tagged": f"{escaped(name)}+%", "domain": f"%@{escaped(domain)}"}


def _retired(mine: QuerySet[Customer], kind: str, exact: str) -> list[Any]:
    same = Q(contact_points__normalised__in={exact, without_extension(exact)})
    return _once(_with_points(mine, kind, same, is_active=False), exact, _LOOKED_AT)


def _by_tail(mine: QuerySet[Customer], text: str) -> list[Any]:
    """A number in another country's notation, or with the wrong code before it: its last digits stay the same."""
    if len(digits(text)) < _TAIL:
        return []
    same = Q()
    for tail in phone_tails(text):
        same |= Q(contact_points__tail__startswith=tail[::-1])
    return _once(_with_points(mine, ContactKind.PHONE, same), "", _LOOKED_AT)


def _with_points(mine: QuerySet[Customer], kind: str, points: Q, *, is_active: bool = True) -> QuerySet[Any]:
    found = mine.filter(points, contact_points__kind=kind, contact_points__is_active=is_active)
    return found.annotate(found_by=F("contact_points__normalised"))


def _once(found: QuerySet[Any], exact: str, limit: int | None = None) -> list[Any]:
    return _each_once(_exact_first(found, exact, limit), exact)


def _exact_first(found: QuerySet[Any], exact: str, limit: int | None) -> QuerySet[Any]:
    if limit is None:
        return found
    return found.order_by(Case(When(contact_points__normalised=exact, then=0), default=1), "pk")[: 2 * limit]


def _each_once(rows: Iterable[Any], exact: str) -> list[Any]:
    once: dict[int, Any] = {}
    for customer in sorted(rows, key=lambda customer: (customer.found_by != exact, customer.pk)):
        once.setdefault(customer.pk, customer)
    return list(once.values())


# --- who is the likeliest ------------------------------------------------------------------------------


def _maybe(known: Match, rows: Iterable[tuple[Any, Nearness]]) -> Match:
    nearest: dict[int, tuple[Any, Nearness]] = {}
    for row, nearness in sorted(rows, key=lambda found: found[1]):
        nearest.setdefault(row.pk, (row, nearness))
    facts = _facts(known.kind, nearest)
    persons = Counter(row.person_id for row, _nearness in nearest.values() if row.person_id is not None)
    candidates = [
        Candidate(
            row,
            nearness,
            _why_of(row, known.kind, nearness, is_several=persons[row.person_id] > 1),
            talked_at=facts[pk].talked_at if pk in facts else None,
            matter=_matter(facts[pk]) if pk in facts else "",
        )
        for pk, (row, nearness) in nearest.items()
    ]
    in_order = tuple(sorted(candidates, key=_likelihood))
    return replace(known, outcome=MatchOutcome.MAYBE, candidates=in_order)


def _facts(kind: str, ids: Iterable[int]) -> dict[int, Any]:
    """When each was last in touch in this way, and whether something of theirs is open (1 query)."""
    channel = Channel.PHONE if kind == ContactKind.PHONE else Channel.EMAIL
    theirs = Interaction.objects.filter(customer=OuterRef("pk"), channel=channel, is_mistaken=False)
    last = theirs.order_by().values("customer").annotate(at=Max("opened_at")).values("at")
    found: QuerySet[Any] = Customer.objects.filter(pk__in=list(ids)).annotate(
        talked_at=Subquery(last),
        has_talk=Exists(Interaction.objects.open().filter(customer=OuterRef("pk"))),
        has_incident=Exists(Incident.objects.open().filter(customer=OuterRef("pk"))),
        has_promise=Exists(Promise.objects.open().filter(customer=OuterRef("pk"))),
    )
    return {row.pk: row for row in found}


def _matter(facts: Any) -> str:
    if facts.has_talk:
        return _("A contact with them is open")
    if facts.has_incident:
        return _("Something went wrong for them, and is open")
    return _("They wait for a promise of ours") if facts.has_promise else ""


def _likelihood(one: Candidate) -> tuple[Any, ...]:
    """The nearest first; among them who called last from this very number, then who has an open matter."""
    called, talked = one.called_at, one.talked_at
    return (
        one.nearness,
        called is None,
        -called.timestamp() if called else 0.0,
        not one.matter,
        talked is None,
        -talked.timestamp() if talked else 0.0,
        one.customer.pk,
    )


def _nearness(kind: str, exact: str, found_by: str) -> Nearness:
    if found_by == exact:
        return Nearness.EXACT
    return Nearness.LINE if kind == ContactKind.PHONE else Nearness.TAG


def _why_of(customer: Customer, kind: str, nearness: Nearness, *, is_several: bool) -> str:
    """Why they may be meant; of a person who is here more than once, in which role this is."""
    why = _why(kind, nearness)
    if not is_several:
        return why
    role = _("The same person, %(role)s") % {"role": role_words(customer.capacity, customer.firm)}
    return role if nearness == Nearness.EXACT else f"{role}. {why}"


def _why(kind: str, nearness: Nearness) -> str:
    why = _WHY_PHONE if kind == ContactKind.PHONE else _WHY_EMAIL
    return _(why[nearness])
