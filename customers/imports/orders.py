"""Taking in orders, a batch at a time, with the same rules as recording them one by one."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from customers.imports.once import OnceImport
from customers.imports.report import Report
from customers.imports.table import Column, Row, moment, money, truth
from customers.imports.whose import NUMBER, whose
from customers.models import Customer, Order
from customers.services.orders import build_order, known_currencies, refuse_other_content

COLUMNS: tuple[Column, ...] = (
    Column(
        "external_id",
        gettext_noop("the order's number at the source; the same number is the same order"),
        is_required=True,
    ),
    NUMBER,
    Column("placed_at", gettext_noop("when, in ISO 8601 with its offset: 2026-03-01T09:30:00Z"), is_required=True),
    Column("amount", gettext_noop("1234.50; below zero for a return"), is_required=True),
    Column("currency", gettext_noop("GBP, EUR, … as far as the house has a rate for it"), is_required=True),
    Column("margin", gettext_noop("what is left of the amount; blank: estimated by the house's rate, and marked")),
    Column("is_our_fault", gettext_noop("yes for a return that we caused")),
    Column("description", gettext_noop("what it was")),
)


class OrdersImport(OnceImport[Order]):
    """An import of orders from one source."""

    columns = COLUMNS

    def __init__(self, source: str, region: str) -> None:
        super().__init__(source, region)
        self.currencies = known_currencies()
        self.recorded_at: datetime

    def take(self, rows: Sequence[Row], report: Report) -> None:
        """Check a batch of rows and write the good ones, all of them as recorded at one moment."""
        self.recorded_at = _now()
        super().take(rows, report)

    def recorded(self) -> QuerySet[Order]:
        return Order.objects.all()

    def refuse_other_content(self, fact: Order, known: Order) -> None:
        refuse_other_content(order=fact, known=known)

    def build(self, row: Row, customers: dict[str | None, Customer]) -> Order:
        order = build_order(
            customer=whose(row, customers, self.source),
            source=self.source,
            external_id=row["external_id"],
            placed_at=moment("placed_at", row["placed_at"]),
            amount=money("amount", row["amount"]),
            currency=row["currency"],
            margin=money("margin", row["margin"]) if row["margin"] else None,
            is_our_fault=truth("is_our_fault", row["is_our_fault"]) or False,
            description=row["description"],
            currencies=self.currencies,
        )
        # A value in the place of the column's default lets Django send arrays in place of a row each.
        order.recorded_at = self.recorded_at
        return order


def _now() -> datetime:
    """Return the time by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        (now,) = cursor.fetchone()
    return now
