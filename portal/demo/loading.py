"""Loads the demo: colleagues, people in their segments, orders, tiers, history. No step changes anything twice."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Literal

from django.db.models import Max
from django.utils import timezone

from customers.imports import import_rows
from customers.models import Customer, Order
from portal.demo import retail
from portal.demo.accounts import ensure_accounts, has_own_colleagues
from portal.demo.cast import PEOPLE, SEED
from portal.demo.files import write_orders, write_people
from portal.demo.history import has_history, write_history
from portal.demo.mending import write_mending
from portal.demo.offers import write_offers
from portal.demo.people import invent_people
from portal.demo.retail import Invoice
from portal.demo.rules import write_rules
from portal.demo.segments import ensure_segments, segments_of
from tiers.enums import RunKind, RunState
from tiers.models import Run
from tiers.services.runs import retier
from tiers.services.values import fit_value

# So many month ends are decided before today, so that standings have a past.
MONTHS = 12

# Shows a step by its name and length; what it gives takes how much more has been done.
Progress = Callable[[int], None]
Step = Callable[[str, int], AbstractContextManager[Progress]]


class CannotLoadError(Exception):
    """The demo was not loaded; the message says why and what to do."""


def is_loaded() -> bool:
    """Whether the demo is there whole: its history is written last, all at once."""
    return has_history()


def is_somebodys() -> bool:
    """Whether this house has customers or colleagues that are not the demo's."""
    return Customer.objects.exclude(source=retail.SOURCE).exists() or has_own_colleagues()


def load(*, step: Step, customers: int | None = None, now: datetime | None = None) -> bool:
    """Load the demo, or what is missing of it; return False where it is there already.

    `customers` takes so many of them, the cast always among them. A load that was cut short is completed by the next.

    Raises:
        CannotLoadError: the import refused a file.
    """
    if is_loaded():
        return False
    now = now or timezone.now()
    agents = ensure_accounts(may_sign_in=not is_somebodys())
    everything = retail.read_invoices()
    weeks = known_weeks(everything) or retail.weeks_until(everything[-1].placed_at, now)
    people = invent_people(everything)
    chosen = _choose([person.number for person in people], customers)
    people = [person for person in people if person.number in chosen]
    invoices = [invoice for invoice in everything if invoice.customer in chosen]
    ensure_segments()
    with tempfile.TemporaryDirectory(prefix="regulars-demo-") as folder:
        path = Path(folder) / "people.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            write_people(file, people, weeks, segments_of(people, invoices))
        with step("People", len(people)) as progress:
            _import("customers", path, progress)
        path = Path(folder) / "orders.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            write_orders(file, invoices, weeks)
        with step("Orders", len(invoices)) as progress:
            _import("orders", path, progress)
    days = list(_days_to_decide(now))
    with step("Tiers", len(days)) as progress:
        for place, day in enumerate(days):
            # Fitted for the first of the days and for today, as the weekly fit would have been.
            if place in (0, len(days) - 1):
                fit_value(until=day)
            retier(as_of=day)
            progress(1)
    write_rules(now)
    write_mending(now)
    write_offers()
    with step("History", 1) as progress:
        write_history(now=now, agents=agents)
        progress(1)
    return True


def known_weeks(invoices: list[Invoice]) -> int | None:
    """Return by how many weeks an earlier load moved the dates, or nothing where none has got that far."""
    loaded = Order.objects.filter(source=retail.SOURCE).order_by("pk").values_list("external_id", "placed_at").first()
    if loaded is None:
        return None
    number, placed_at = loaded
    invoice = next(invoice for invoice in invoices if invoice.number == number)
    return retail.weeks_until(invoice.placed_at, placed_at)


def _choose(numbers: list[str], count: int | None) -> set[str]:
    """Return so many of the customers, always the same ones and always the cast."""
    if count is None or count >= len(numbers):
        return set(numbers)
    others = [number for number in numbers if number not in PEOPLE]
    return {*PEOPLE, *Random(SEED).sample(others, max(0, min(count - len(PEOPLE), len(others))))}


def _import(kind: Literal["customers", "orders"], path: Path, progress: Progress) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        report = import_rows(kind=kind, file=file, source=retail.SOURCE, progress=progress)
    if not report.is_kept:
        first = "; ".join(f"line {error.line}, {error.column}: {error.message}" for error in report.errors[:3])
        raise CannotLoadError(f"The {kind} of the demo could not be imported, and nothing of them was kept. {first}")


def _days_to_decide(now: datetime) -> Iterator[date]:
    """Yield the last month ends and today (business days), without those that have been decided."""
    today = timezone.localtime(now, timezone.get_default_timezone()).date()
    # Of everybody: single customers are decided about as soon as something of theirs changes.
    whole = Run.objects.filter(state=RunState.FINISHED).exclude(kind=RunKind.TOUCHED)
    decided = whole.aggregate(latest=Max("as_of"))["latest"]
    ends: list[date] = []
    first = today.replace(day=1)
    while len(ends) < MONTHS:
        ends.append(first - timedelta(days=1))
        first = ends[-1].replace(day=1)
    for day in reversed(ends):
        if decided is None or day > decided:
            yield day
    yield today
