"""How far previews are, whom they would move, and what groups customers are in."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from django.db import connection, transaction
from django.db.models import QuerySet, Sum

from customers.models import Segment
from tiers.engine import Whole
from tiers.enums import PreviewState
from tiers.models import Preview, PreviewMove, Scheme
from tiers.selectors.columns import read_columns
from tiers.selectors.population import Population
from tiers.selectors.rules import digest, ladder

# So many rows are taken out of the database at once.
_CHUNK = 2_000
_NO_SUCH_TIER = -1

_COUNTRIES = """
    SELECT id, (CASE WHEN country = '' THEN 0 ELSE 256 * ascii(country) + ascii(substr(country, 2)) END)::bigint
    FROM customers_customer WHERE {who} ORDER BY id
"""
_MEMBERS = """
    SELECT customer_id, segment_id FROM customers_segmentmember AS member
    JOIN customers_segment AS segment ON segment.id = segment_id AND segment.is_active WHERE {who}
"""


@dataclass(frozen=True, slots=True)
class Progress:
    """How many customers are done, of how many, in the present pass."""

    done: int
    total: int

    @property
    def percent(self) -> int:
        """The same in whole per cent, rounded down."""
        return 100 * self.done // self.total if self.total else 0


def progress(preview: Preview) -> Progress:
    """Return how far a preview is (1 query)."""
    passed = "measured_at" if preview.state == PreviewState.MEASURING else "done_at"
    done = preview.shards.exclude(**{passed: None}).aggregate(done=Sum("customers"))["done"]
    return Progress(done=done or 0, total=preview.customers)


def mark_of(scheme: Scheme) -> str:
    """Return the mark of a scheme's rules as they are now."""
    return digest(ladder(scheme))


def waiting_previews() -> list[int]:
    """Return the previews under way that nobody works on: none of their ranges is claimed."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            WITH free AS (
                SELECT preview_id FROM tiers_previewshard WHERE preview_id IN (
                    SELECT id FROM tiers_preview WHERE state = ANY(%s)
                ) FOR KEY SHARE SKIP LOCKED
            )
            SELECT preview.id FROM tiers_preview AS preview
            WHERE state = ANY(%s)
              AND (SELECT count(*) FROM tiers_previewshard WHERE preview_id = preview.id)
                  = (SELECT count(*) FROM free WHERE preview_id = preview.id)
            ORDER BY preview.id
            """,
            [[state.value for state in PreviewState.under_way()]] * 2,
        )
        return [row[0] for row in cursor.fetchall()]


def countries_of(who: Population, ids: Whole) -> Whole:
    """Return the country of each of `ids` (ascending, all of `who`) as a number; see `country_of`."""
    where, params = who.where("id")
    found = read_columns(_COUNTRIES.format(who=where), params, ("id", "country"))
    places = np.searchsorted(ids, found["id"])
    known = places < len(ids)
    known[known] = ids[places[known]] == found["id"][known]
    countries = np.zeros(len(ids), dtype=np.int64)
    countries[places[known]] = found["country"][known]
    return countries


def country_of(key: int) -> str:
    """Return the code of a country from its number: “GB”, or "" for 0."""
    return chr(key // 256) + chr(key % 256) if key else ""


def members_of(who: Population, ids: Whole) -> tuple[Whole, Whole]:
    """Return who of `ids` is in which segment in use: places in `ids`, and segments by primary key."""
    where, params = who.where("customer_id")
    found = read_columns(_MEMBERS.format(who=where), params, ("customer", "segment"))
    places = np.searchsorted(ids, found["customer"])
    known = places < len(ids)
    known[known] = ids[places[known]] == found["customer"][known]
    return places[known], found["segment"][known]


def segment_names(keys: list[int]) -> dict[int, str]:
    """Return the names of segments by primary key (1 query)."""
    return dict(Segment.objects.filter(pk__in=keys).values_list("pk", "name"))


def moves_of(preview: Preview, start: int | None = None, end: int | None = None) -> QuerySet[PreviewMove]:
    """Return who would move; `start`, `end`: only from and to these tiers by primary key (0 for none yet)."""
    found = PreviewMove.objects.filter(preview=preview).order_by("customer_id")
    if start is not None:
        found = found.filter(from_tier=start or None)
    return found if end is None else found.filter(to_tier=end)


def count_of(preview: Preview, start: int | None = None, end: int | None = None) -> int:
    """Return how many of them there are, out of the matrix: no query, however many they are."""
    results = preview.results or {}
    tiers = [_NO_SUCH_TIER, *(tier["pk"] for tier in results.get("tiers", ()))]
    starts = [0, *tiers[1:]]
    return sum(
        count
        for before, row in zip(starts, results.get("matrix", ()), strict=True)
        for after, count in zip(tiers[1:], row, strict=True)
        if before != after and start in (None, before) and end in (None, after)
    )


def batches(moves: QuerySet[PreviewMove]) -> Iterator[list[PreviewMove]]:
    """Yield moves with their customers and tiers in batches, each read when it is asked for."""
    last = 0
    rows = moves.select_related("customer", "from_tier", "to_tier")
    while batch := list(rows.filter(customer_id__gt=last)[:_CHUNK]):
        yield batch
        last = batch[-1].customer_id
