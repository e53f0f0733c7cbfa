"""Invents a person for each customer number of the set: the same one each time, whoever else is loaded."""

import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from portal.demo.cast import PEOPLE, SEED
from portal.demo.places import Area, City, PhoneBook, Place, places
from portal.demo.retail import Invoice, by_customer

# Letters that Unicode does not take apart into a plain one and an accent.
_LETTERS = str.maketrans({"ł": "l", "ø": "o", "ß": "ss", "æ": "ae", "þ": "th", "ð": "d"})
_TRADES = ("gifts", "home", "cards", "flowers", "garden", "teashop", "interiors", "and-co")
_PRONOUNS = {"f": "she/her", "m": "he/him", "n": "they/them"}
# Whoever bought within so long after the set begins was a customer before.
_EARLY = timedelta(weeks=8)


@dataclass(frozen=True, slots=True)
class Person:
    """An invented person. `since` is in the set's own calendar (2010–11); phones are E.164."""

    number: str
    given_name: str
    family_name: str
    known_as: str
    say_as: str
    pronouns: str
    language: str
    country: str
    city: str
    time_zone: str
    since: date
    phones: tuple[str, ...]
    emails: tuple[str, ...]
    consent_feedback: str

    @property
    def full_name(self) -> str:
        """Given and family name."""
        return f"{self.given_name} {self.family_name}"


@cache
def _tables() -> dict[str, dict[str, Any]]:
    return tomllib.loads(Path(__file__).with_name("names.toml").read_text(encoding="utf-8"))


@cache
def _names() -> dict[str, dict[str, list[str]]]:
    """Return the lists of names by area: f, m, n, family_f, family_m, and titles as `[f's, m's]`."""
    areas = {}
    for area, table in _tables().items():
        if area == "say":
            continue
        lists = {
            key: [name.replace("_", " ") for name in text.split()] for key, text in table.items() if key != "titles"
        }
        for form in ("family_f", "family_m"):
            lists.setdefault(form, lists.get("family", []))
        lists["titles"] = [table["titles"]["f"], table["titles"]["m"]]
        areas[area] = lists
    return areas


@cache
def _sayings() -> dict[str, str]:
    return {name.replace("_", " "): saying for name, saying in _tables()["say"].items()}


def plain(text: str) -> str:
    """Return the text in small ASCII letters, as it would stand in an address."""
    bare = unicodedata.normalize("NFKD", text.lower().translate(_LETTERS))
    return "".join(sign for sign in bare if sign.isascii() and sign.isalnum())


def invent_people(invoices: Iterable[Invoice]) -> list[Person]:
    """Return a person for each customer among the invoices, by number."""
    theirs = by_customer(invoices)
    start = min(orders[0].placed_at for orders in theirs.values()).date()
    book = PhoneBook({phone for fixed in PEOPLE.values() for phone in fixed["phones"]})
    addresses = {address for fixed in PEOPLE.values() for address in fixed["emails"]}
    people: list[Person] = []
    neighbours: dict[str, Person] = {}
    for number, orders in theirs.items():
        random = Random(f"{SEED}:{number}")
        person = _invent(random, number, places()[orders[-1].country], book, addresses)
        person = replace(person, since=_since(random, orders[0].placed_at.date(), start))
        if number in PEOPLE:
            person = replace(person, **PEOPLE[number])
        elif person.country == "GB":
            person = _household(random, person, neighbours)
        people.append(person)
    return people


def _since(random: Random, first: date, start: date) -> date:
    if first - start >= _EARLY:
        return first
    return first - timedelta(days=int(random.triangular(0, 365 * 9, 300)))


def _invent(random: Random, number: str, place: Place, book: PhoneBook, addresses: set[str]) -> Person:
    area: Area = random.choices(place.areas, [area.weight for area in place.areas])[0]
    city: City = random.choices(place.cities, [city.weight for city in place.cities])[0]
    lists = _names()[area.name]
    form = random.choices(("f", "m", "n" if "n" in lists else "f"), (50, 45, 5))[0]
    given = random.choice(lists[form])
    family = random.choice(lists["family_m" if form == "m" else "family_f"])
    return Person(
        number=number,
        given_name=given,
        family_name=family,
        known_as=_known_as(random, form, given, family, lists["titles"]),
        say_as=_say_as(given, family),
        pronouns=_PRONOUNS[form] if random.random() < (0.8 if form == "n" else 0.12) else "",
        language=area.language,
        country=place.code,
        city=city.name,
        time_zone=city.time_zone,
        since=date.min,
        phones=_phones(random, place, city, book),
        emails=_emails(random, given, family, addresses),
        consent_feedback=random.choices(("yes", "", "no"), (55, 40, 5))[0],
    )


def _known_as(random: Random, form: str, given: str, family: str, titles: list[str]) -> str:
    choice = random.random()
    if choice < 0.15 and form != "n":
        return f"{titles[0 if form == 'f' else 1]} {family}"
    return given if choice < 0.35 else ""


def _say_as(given: str, family: str) -> str:
    """How to say both names, where one of them is known to need it."""
    says = _sayings()
    if given not in says and family not in says:
        return ""
    return f"{says.get(given, given)} {says.get(family, family)}"


def _phones(random: Random, place: Place, city: City, book: PhoneBook) -> tuple[str, ...]:
    """Draw a landline, a mobile, both or none. A quarter of those who could have one gave us none."""
    drawn = []
    if city.landlines and random.random() < 0.65:
        drawn.append(book.draw(random, city.landlines))
    if place.mobiles and random.random() < (0.15 if drawn else 0.4):
        drawn.append(book.draw(random, random.choice(place.mobiles)))
    return tuple(number for number in drawn if number)


def _emails(random: Random, given: str, family: str, addresses: set[str]) -> tuple[str, ...]:
    """Draw one address, sometimes two, at domains that nobody can own; each is given out once."""
    first, last = plain(given), plain(family)
    private = random.choice((f"{first}.{last}", f"{first[0]}.{last}", f"{last}.{first}", f"{first}{last[0]}"))
    wanted = [(private, random.choice(("example.com", "example.net", "example.org", "mail.example", "post.example")))]
    shop = (random.choice(("hello", "orders", first)), f"{last}-{random.choice(_TRADES)}.example")
    if random.random() < 0.3:
        wanted.insert(random.randrange(2), shop)
    return tuple(_free(name, domain, addresses) for name, domain in wanted[: 2 if random.random() < 0.2 else 1])


def _free(name: str, domain: str, addresses: set[str]) -> str:
    address, count = f"{name}@{domain}", 1
    while address in addresses:
        count += 1
        address = f"{name}{count}@{domain}"
    addresses.add(address)
    return address


def _household(random: Random, person: Person, neighbours: dict[str, Person]) -> Person:
    """Let a few share home, landline and family name with the last one of their city."""
    other = neighbours.get(person.city)
    if other and random.random() < 0.015:
        del neighbours[person.city]
        return replace(
            person,
            family_name=other.family_name,
            say_as=_say_as(person.given_name, other.family_name),
            known_as="",
            phones=(other.phones[0], *person.phones[1:]),
        )
    if person.phones:
        neighbours[person.city] = person
    return person
