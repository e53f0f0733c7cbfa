"""What was decided today about asking, counted."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Case, CharField, Count, F, Q, QuerySet, Value, When
from django.db.models.functions import Concat
from django.utils import timezone

from customers.enums import LetterState
from feedback.enums import NotAsked, WaitsFor
from feedback.models import Invitation
from tiers.days import day_of, end_of


@dataclass(frozen=True, slots=True)
class Tally:
    """A reason or a wait in words, its value, and how many there are."""

    value: str
    label: str
    number: int


@dataclass(frozen=True, slots=True)
class Today:
    """What was decided since the house's day began, and what waits now. The most frequent come first."""

    asked: int = 0
    reminded: int = 0
    not_asked: list[Tally] = field(default_factory=list)
    waiting: list[Tally] = field(default_factory=list)
    held_back: int = 0

    @property
    def not_asked_in_all(self) -> int:
        """How many contacts nobody was asked about."""
        return sum(one.number for one in self.not_asked)

    @property
    def waiting_in_all(self) -> int:
        """How many contacts wait."""
        return sum(one.number for one in self.waiting)


def look_at_today() -> Today:
    """Count what was decided today, in three queries.

    Asked are those who have a letter, on its way or sent; one held back as it should have left is counted apart.
    """
    begins = end_of(day_of(timezone.now(), settings.TIME_ZONE) - timedelta(days=1), settings.TIME_ZONE)
    settled = Invitation.objects.filter(waits_for="")
    today = settled.filter(Q(settled_at=None, created_at__gte=begins) | Q(settled_at__gte=begins))
    kind = Case(
        When(~Q(not_asked=""), then=Concat(Value("not:"), F("not_asked"))),
        When(letter__state=LetterState.SUPPRESSED, then=Value("held")),
        default=Value("asked"),
        output_field=CharField(),
    )
    found = _counted(today.annotate(kind=kind), "kind")
    return Today(
        asked=found["asked"],
        held_back=found["held"],
        reminded=Invitation.objects.filter(reminder__created_at__gte=begins).count(),
        not_asked=_labelled({key[4:]: n for key, n in found.items() if key.startswith("not:")}, NotAsked),
        waiting=_labelled(_counted(Invitation.objects.exclude(waits_for=""), "waits_for"), WaitsFor),
    )


def _counted(rows: QuerySet[Invitation], name: str) -> Counter[str]:
    return Counter(dict(rows.order_by().values_list(name).annotate(number=Count("pk"))))


def _labelled(found: dict[str, int], words: Any) -> list[Tally]:
    most = sorted(found.items(), key=lambda one: (-one[1], one[0]))
    return [Tally(value, str(words(value).label), number) for value, number in most]
