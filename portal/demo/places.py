"""Where customers of the set may live, and the phone numbers that belong to nobody (places.toml, SOURCE.md)."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random


@dataclass(frozen=True, slots=True)
class City:
    """A city, how likely it is, and its range of landlines (x for any digit), if it has one."""

    name: str
    weight: int
    landlines: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class Area:
    """A language area of names, how likely it is in a country, and the language spoken."""

    name: str
    weight: int
    language: str


@dataclass(frozen=True, slots=True)
class Place:
    """A country: ISO code (or nothing), its cities, the areas names come from, ranges of mobile numbers."""

    code: str
    cities: tuple[City, ...]
    areas: tuple[Area, ...]
    mobiles: tuple[str, ...]


@cache
def places() -> dict[str, Place]:
    """Return the places by the country's name in the set."""
    tables = tomllib.loads(Path(__file__).with_name("places.toml").read_text(encoding="utf-8"))
    return {
        name: Place(
            code=table["code"],
            cities=tuple(_city(line, table["time_zone"]) for line in table["cities"]),
            areas=tuple(_area(line) for line in table["areas"]),
            mobiles=tuple(table.get("mobiles", ())),
        )
        for name, table in tables.items()
    }


def _city(line: str, time_zone: str) -> City:
    name, weight, landlines, *own = line.split("|")
    return City(name=name, weight=int(weight), landlines=landlines, time_zone=own[0] if own else time_zone)


def _area(line: str) -> Area:
    name, weight, language = line.split()
    return Area(name=name, weight=int(weight), language=language)


class PhoneBook:
    """Gives out each number of the ranges once."""

    def __init__(self, taken: set[str]) -> None:
        self._taken = taken
        self._given: dict[str, int] = {}

    def draw(self, random: Random, pattern: str) -> str:
        """Return a free number of a range as E.164, or nothing where the range is nearly used up."""
        if self._given.get(pattern, 0) >= 10 ** pattern.count("x") * 9 // 10:
            return ""
        while True:
            number = "".join(str(random.randrange(10)) if sign == "x" else sign for sign in pattern)
            if number not in self._taken:
                self._taken.add(number)
                self._given[pattern] = self._given.get(pattern, 0) + 1
                return number
