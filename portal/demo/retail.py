"""The real invoices that the demo is made of (SOURCE.md), and what is derived from them without chance."""

import csv
import gzip
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

FILE = Path(__file__).with_name("online_retail.csv.gz")
# What customers and orders carry as their source.
SOURCE = "online-retail"
# The shop was a British one; the set gives its clock on the wall.
LONDON = ZoneInfo("Europe/London")
# A return further from the order than this is not matched to it.
_RETURN_WITHIN = timedelta(days=120)


@dataclass(frozen=True, slots=True)
class Invoice:
    """One invoice: when (London wall clock of 2010–11), for whom, and what it came to in pounds."""

    number: str
    customer: str
    country: str
    placed_at: datetime
    lines: int
    units: int
    amount: Decimal

    @property
    def is_return(self) -> bool:
        """Whether the set marks it as a return."""
        return self.number.startswith("C")


def read_invoices() -> list[Invoice]:
    """Return the invoices, oldest first. One that was written in two minutes counts once, at the first."""
    found: dict[tuple[str, str], Invoice] = {}
    with gzip.open(FILE, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            key = row["InvoiceNo"], row["CustomerID"]
            part = Invoice(
                number=row["InvoiceNo"],
                customer=row["CustomerID"],
                country=row["Country"],
                placed_at=datetime.fromisoformat(row["InvoiceDate"]),
                lines=int(row["lines"]),
                units=int(row["units"]),
                amount=Decimal(row["value"]).quantize(Decimal("0.01")),
            )
            known = found.get(key)
            found[key] = part if known is None else _merged(known, part)
    return sorted(found.values(), key=lambda invoice: (invoice.placed_at, invoice.number))


def _merged(one: Invoice, other: Invoice) -> Invoice:
    return Invoice(
        number=one.number,
        customer=one.customer,
        country=one.country,
        placed_at=min(one.placed_at, other.placed_at),
        lines=one.lines + other.lines,
        units=one.units + other.units,
        amount=one.amount + other.amount,
    )


def by_customer(invoices: Iterable[Invoice]) -> dict[str, list[Invoice]]:
    """Return each customer's invoices in the order given; customers by number."""
    found: dict[str, list[Invoice]] = defaultdict(list)
    for invoice in invoices:
        found[invoice.customer].append(invoice)
    return dict(sorted(found.items()))


def weeks_until(last: datetime, now: datetime) -> int:
    """Return by how many weeks `last` (wall clock) can be moved without passing `now` (aware)."""
    return (now.astimezone(LONDON).replace(tzinfo=None) - last) // timedelta(weeks=1)


def shift(moment: datetime, weeks: int) -> datetime:
    """Move a London wall clock time by whole weeks and return it in UTC; weekday and hour stay what they were."""
    return (moment + timedelta(weeks=weeks)).replace(tzinfo=LONDON).astimezone(UTC)


def match_returns(invoices: Iterable[Invoice]) -> dict[str, str]:
    """Return, for each return that can be matched, the number of the order that it sends back.

    That is the customer's latest earlier order of the last 120 days with at least as much money and as many pieces.
    """
    found = {}
    for theirs in by_customer(invoices).values():
        orders = [invoice for invoice in theirs if not invoice.is_return]
        times = [order.placed_at for order in orders]
        for back in theirs:
            if not back.is_return:
                continue
            for order in reversed(orders[: bisect_left(times, back.placed_at)]):
                if back.placed_at - order.placed_at > _RETURN_WITHIN:
                    break
                if order.amount >= -back.amount and order.units >= -back.units:
                    found[back.number] = order.number
                    break
    return found
