"""Recording what the business says of a customer's influence and advocacy."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from customers.enums import RatingKind
from customers.models import Customer, Rating
from customers.models.rating import HIGHEST, LOWEST
from customers.services.fields import past_day, text_of


@transaction.atomic
def record_rating(*, customer: Customer, kind: str, value: int, as_of: date, source: str) -> tuple[Rating, bool]:
    """Record a rating from 0 to 100 and return the one that stands, with whether this call changed anything.

    The newest day stands: an older one changes nothing, and of the same day what was said last.

    Raises:
        ValidationError: a field does not hold, by the field's name.
    """
    told = build_rating(customer=customer, kind=kind, value=value, as_of=as_of, source=source)
    known, is_new = Rating.objects.select_for_update().get_or_create(
        customer=customer, kind=told.kind, defaults={"value": told.value, "as_of": told.as_of, "source": told.source}
    )
    if is_new:
        return known, True
    if not take_over(known=known, told=told):
        return known, False
    known.save(update_fields=["value", "as_of", "source"])
    return known, True


def build_rating(*, customer: Customer, kind: str, value: int, as_of: date, source: str) -> Rating:
    """Return a rating that is not saved yet, every field checked.

    Raises:
        ValidationError: a field does not hold; a wrong value goes by the rating's kind, as in the file's columns.
    """
    if kind not in RatingKind.values:
        sentence = _("There is no such rating. Known are: %(known)s.")
        raise ValidationError({"kind": sentence % {"known": ", ".join(RatingKind.values)}})
    if not LOWEST <= value <= HIGHEST:
        raise ValidationError({str(kind): _("This should be a whole number from 0 to 100.")})
    return Rating(
        customer=customer,
        kind=kind,
        value=value,
        as_of=past_day("as_of", as_of),
        source=text_of(Rating, "source", source),
    )


def take_over(*, known: Rating, told: Rating) -> bool:
    """Set a known rating to what was told, without saving, if that is news; return whether it is."""
    if told.as_of < known.as_of or (told.as_of, told.value) == (known.as_of, known.value):
        return False
    known.value, known.as_of, known.source = told.value, told.as_of, told.source
    return True
