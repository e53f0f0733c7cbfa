"""Taking in gestures, a batch at a time, with the same rules as recording them one by one."""

from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from customers.imports.once import OnceImport
from customers.imports.table import Column, Row, moment, money
from customers.imports.whose import NUMBER, whose
from customers.models import Customer, Gesture
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


class GesturesImport(OnceImport[Gesture]):
    """An import of gestures from one source."""

    columns = COLUMNS

    def recorded(self) -> QuerySet[Gesture]:
        return Gesture.objects.select_related("customer")

    def build(self, row: Row, customers: dict[str | None, Customer]) -> Gesture:
        return build_gesture(
            customer=whose(row, customers, self.source),
            source=self.source,
            external_id=row["external_id"],
            what=row["what"],
            cost=money("cost", row["cost"]),
            given_at=moment("given_at", row["given_at"]),
        )

    def refuse_other_content(self, fact: Gesture, known: Gesture) -> None:
        refuse_other_content(gesture=fact, known=known)
