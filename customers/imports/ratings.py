"""Taking in ratings, a batch at a time, with the same rules as recording them one by one."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_noop

from customers.enums import RatingKind
from customers.imports.report import Report, errors_of
from customers.imports.table import Column, Row, day, whole
from customers.imports.whose import NUMBER, customers_of, whose
from customers.models import Customer, Rating
from customers.services.ratings import build_rating, take_over

COLUMNS: tuple[Column, ...] = (
    NUMBER,
    Column("influence", gettext_noop("how many listen to them, 0 to 100; blank: not known")),
    Column("advocacy", gettext_noop("how warmly they speak of us, 0 to 100; blank: not known")),
    Column("as_of", gettext_noop("the day this was so: 2026-03-01; an older day than known changes nothing"), True),
)


class RatingsImport:
    """An import of ratings from one source. Who is rated by another source already is rated by the newer day."""

    columns = COLUMNS
    key = NUMBER.name

    def __init__(self, source: str, region: str) -> None:
        self.source = source

    def take(self, rows: Sequence[Row], report: Report) -> None:
        """Check a batch of rows and write the good ones, in a number of statements that does not depend on theirs."""
        customers = customers_of(rows, self.source)
        # Locked, in order, so that what is newer is never overwritten by what was read before it.
        rated = Rating.objects.select_for_update().filter(customer__in=customers.values()).order_by("pk")
        known = {(rating.customer_id, rating.kind): rating for rating in rated}
        created: list[Rating] = []
        changed: list[Rating] = []
        for row in rows:
            try:
                told = self._ratings(row, customers)
            except ValidationError as error:
                report.refuse(errors_of(error, row.line))
                continue
            new, newer = [], []
            for rating in told:
                standing = known.get((rating.customer_id, rating.kind))
                if standing is None:
                    # Two numbers may be one customer by now.
                    known[rating.customer_id, rating.kind] = rating
                    new.append(rating)
                elif take_over(known=standing, told=rating) and standing.pk is not None:
                    newer.append(standing)
            created += new
            changed += newer
            if new and len(new) == len(told):
                report.created += 1
            elif new or newer:
                report.changed += 1
            else:
                report.unchanged += 1
        Rating.objects.bulk_create(created)
        if changed:
            Rating.objects.bulk_update(changed, ["value", "as_of", "source"])

    def _ratings(self, row: Row, customers: dict[str | None, Customer]) -> list[Rating]:
        customer = whose(row, customers, self.source)
        as_of = day("as_of", row["as_of"])
        return [
            build_rating(customer=customer, kind=kind, value=whole(kind, row[kind]), as_of=as_of, source=self.source)
            for kind in RatingKind.values
            if row[kind]
        ]
