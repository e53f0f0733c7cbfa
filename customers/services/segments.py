"""Saying which segments a customer is in."""

from collections.abc import Iterable, Mapping

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from customers.models import Customer, Segment, SegmentMember
from customers.services.fields import text_of


@transaction.atomic
def place_in_segments(*, customer: Customer, slugs: Iterable[str], source: str) -> bool:
    """Put a customer into these segments, and take them out of others that this source had put them into.

    Where another source has them in a segment, they stay. Return whether anything changed.

    Raises:
        ValidationError: there is no segment of such a short name, or the source's name does not hold.
    """
    source = text_of(SegmentMember, "source", source)
    wanted = choose_segments(slugs=slugs, known=known_segments())
    Customer.objects.select_for_update(no_key=True).only("pk").get(pk=customer.pk)
    return bool(replace_memberships(wanted={customer.pk: wanted}, source=source))


def known_segments() -> dict[str, int]:
    """Return all segments, in use or not: short name → primary key."""
    return dict(Segment.objects.order_by("slug").values_list("slug", "pk"))


def choose_segments(*, slugs: Iterable[str], known: Mapping[str, int]) -> set[int]:
    """Return the primary keys of segments by their short names.

    Raises:
        ValidationError: one is not among `known`; the error goes by "segments".
    """
    wanted = {slug.strip().lower() for slug in slugs}
    if unknown := sorted(wanted - known.keys()):
        sentence = _("There is no segment “%(slug)s”. Known are: %(known)s.")
        shown = "".join(letter for letter in unknown[0] if letter.isprintable())[:50]
        names = ", ".join(list(known)[:20]) or _("none yet")
        raise ValidationError({"segments": sentence % {"slug": shown, "known": names}})
    return {known[slug] for slug in wanted}


def replace_memberships(*, wanted: Mapping[int, set[int]], source: str) -> set[int]:
    """Bring one source's memberships up to date for some customers, in three statements; return whose changed.

    `wanted`: customer's primary key → segments' primary keys.
    """
    stored = SegmentMember.objects.filter(customer__in=wanted).values_list("pk", "customer_id", "segment_id", "source")
    having: dict[int, set[int]] = {}
    gone: dict[int, int] = {}
    for pk, customer_id, segment_id, said_by in stored:
        if said_by == source and segment_id not in wanted[customer_id]:
            gone[pk] = customer_id
        else:
            having.setdefault(customer_id, set()).add(segment_id)
    if gone:
        SegmentMember.objects.filter(pk__in=gone).delete()
    new = [
        SegmentMember(customer_id=customer_id, segment_id=segment_id, source=source)
        for customer_id in sorted(wanted)
        for segment_id in sorted(wanted[customer_id] - having.get(customer_id, set()))
    ]
    # Another source may say the same at this moment; then it is said.
    SegmentMember.objects.bulk_create(new, ignore_conflicts=True)
    return {member.customer_id for member in new} | set(gone.values())
