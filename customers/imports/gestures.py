"""Taking in gestures, a batch at a time, with the same rules as recording them one by one."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_noop

from customers.exceptions import Conflict
from customers.imports.report import Report, errors_of
from customers.imports.table import Column, Row, moment, money
from customers.imports.whose import NUMBER, customers_of, whose
from customers.models import Gesture
from customers.services.gestures import build_gesture, refuse_other_content

COLUMNS: tuple[Column, ...] = (
    Column(
        "external_id",
        gettext_noop("the gesture's number at the source; the same number is the same gesture"),
        is_required=True,
    ),
    NUMBER,
    Column("what", gettext_noop("what was given or done: Flowers"), is_required=True),
    Column("cost", gettext_noop("what it cost us, in the house's currency: 12.50"), is_required=True),
    Column("given_at", gettext_noop("when, in ISO 8601 with its offset: 2026-03-01T09:30:00Z"), is_required=True),
)


class GesturesImport:
    """An import of gestures from one source."""

    columns = COLUMNS
    key = "external_id"

    def __init__(self, source: str, region: str) -> None:
        self.source = source

    def take(self, rows: Sequence[Row], report: Report) -> None:
        """Check a batch of rows and write the good ones, in a number of statements that does not depend on theirs."""
        customers = customers_of(rows, self.source)
        numbers = [row["external_id"] for row in rows]
        recorded = Gesture.objects.filter(source=self.source, external_id__in=numbers).select_related("customer")
        known = {gesture.external_id: gesture for gesture in recorded}
        created = []
        for row in rows:
            try:
                gesture = build_gesture(
                    customer=whose(row, customers, self.source),
                    source=self.source,
                    external_id=row["external_id"],
                    what=row["what"],
                    cost=money("cost", row["cost"]),
                    given_at=moment("given_at", row["given_at"]),
                )
                if gesture.external_id not in known:
                    created.append(gesture)
                    continue
                refuse_other_content(gesture=gesture, known=known[gesture.external_id])
            except Conflict as conflict:
                report.refuse(errors_of(conflict, row.line, "external_id"))
            except ValidationError as error:
                report.refuse(errors_of(error, row.line))
            else:
                report.unchanged += 1
        Gesture.objects.bulk_create(created)
        report.created += len(created)
