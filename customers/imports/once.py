"""Taking in facts that are recorded once and never change: a number seen before must say the same as then."""

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet

from customers.exceptions import Conflict
from customers.imports.report import Report, errors_of
from customers.imports.table import Column, Row
from customers.imports.whose import customers_of
from customers.models import Customer, Erasure, Gesture, Order

Fact = TypeVar("Fact", Gesture, Order)


class OnceImport(Generic[Fact]):
    """An import of facts from one source, which are known by their numbers there."""

    columns: tuple[Column, ...]
    key = "external_id"

    def __init__(self, source: str, region: str) -> None:
        self.source = source

    def take(self, rows: Sequence[Row], report: Report) -> None:
        """Check a batch of rows and write the good ones, in a number of statements that does not depend on theirs."""
        customers = customers_of(rows, self.source)
        recorded = self.recorded().filter(source=self.source, external_id__in=[row["external_id"] for row in rows])
        erased = Exists(Erasure.objects.filter(customer=OuterRef("customer")))
        known: dict[str | None, Any] = {fact.external_id: fact for fact in recorded.annotate(is_forgotten=erased)}
        created: list[Fact] = []
        for row in rows:
            before = known.get(row["external_id"])
            if before is not None and before.is_forgotten:
                # It was counted once, and its words are gone: the source still tells it, of whom we do not know.
                report.unchanged += 1
                continue
            try:
                fact = self.build(row, customers)
                if fact.external_id not in known:
                    created.append(fact)
                    continue
                self.refuse_other_content(fact, known[fact.external_id])
            except Conflict as conflict:
                report.refuse(errors_of(conflict, row.line, "external_id"))
            except ValidationError as error:
                report.refuse(errors_of(error, row.line))
            else:
                report.unchanged += 1
        self.recorded().bulk_create(created)
        report.created += len(created)

    def recorded(self) -> QuerySet[Fact]:
        """Return all facts of the kind, with what it takes to compare them."""
        raise NotImplementedError

    def build(self, row: Row, customers: dict[str | None, Customer]) -> Fact:
        """Return the fact that a row tells, not written yet. Raises `ValidationError` where it tells none."""
        raise NotImplementedError

    def refuse_other_content(self, fact: Fact, known: Fact) -> None:
        """Raise `Conflict` where a fact says other things than the one that is known by its number."""
        raise NotImplementedError
