"""Looking for customers who may be one, and saying that two are not. Merging them is left to people: see `merges`."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models.functions import Now

from customers.enums import DuplicateState
from customers.likeness.blocking import keys_of
from customers.likeness.house import PROPOSE_FROM, RECIPES, WEIGHTS
from customers.likeness.scoring import Likeness, compare_records
from customers.models import BlockKey, Duplicate
from customers.selectors.duplicates import meeting, records_of, told_apart
from customers.selectors.selves import persons_of

if TYPE_CHECKING:
    from portal.models import User

BATCH = 300
# One look at a time: two would compare the same pairs.
_LOOKING = 7_283_002


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look did: customers looked at, pairs compared, and pairs that were not known or have changed."""

    customers: int = 0
    compared: int = 0
    proposed: int = 0

    def __add__(self, other: "Looked") -> "Looked":
        return Looked(self.customers + other.customers, self.compared + other.compared, self.proposed + other.proposed)


@transaction.atomic
def look_for_duplicates(*, limit: int = BATCH) -> Looked | None:
    """Look at those who are new or have changed, longest waiting first; None where somebody else is looking.

    A look that breaks off has done nothing, and the next one finds the same customers waiting. Whoever changes a
    customer meanwhile waits for nobody, and has them looked at again.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOOKING])
        if cursor.fetchone() != (True,):
            return None
        cursor.execute(
            "SELECT customer_id, noted_at::text FROM customers_unlooked ORDER BY noted_at, customer_id LIMIT %s",
            [limit],
        )
        notes = cursor.fetchall()
    if not notes:
        return Looked()
    ids = sorted(pk for pk, _noted_at in notes)
    looked = _look(ids)
    _forget(notes)
    return looked


def look_at_everybody() -> int:
    """Have everybody looked at anew; return how many. The looks themselves come from `look_for_duplicates`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO customers_unlooked (customer_id) SELECT id FROM customers_customer "
            "WHERE merged_into_id IS NULL ON CONFLICT DO NOTHING"
        )
        return int(cursor.rowcount)


@transaction.atomic
def tell_apart(*, duplicate: Duplicate, by: "User") -> bool:
    """Record that two customers are not the same; False where something was said of them already.

    They are not proposed again, unless there is a reason that was not there now.
    """
    return bool(
        Duplicate.objects.filter(pk=duplicate.pk, state=DuplicateState.OPEN).update(
            state=DuplicateState.DIFFERENT, decided_at=Now(), decided_by=by
        )
    )


def _look(ids: list[int]) -> Looked:
    records = records_of(ids)
    _keep_keys(ids, {pk: keys_of(record, RECIPES) for pk, record in records.items()})
    pairs = meeting(sorted(records))
    others = {pk for pair in pairs for pk in pair} - records.keys()
    records |= records_of(others)
    alike: dict[tuple[int, int], Likeness] = {}
    for one, other in pairs:
        if one in records and other in records:
            found = compare_records(records[one], records[other], WEIGHTS)
            if found.bits >= PROPOSE_FROM:
                alike[one, other] = found
    persons = persons_of({pk for pair in alike for pk in pair})
    # Selves of one person are alike, as they should be.
    alike = {pair: found for pair, found in alike.items() if len({persons.get(pk, -pk) for pk in pair}) == 2}
    return Looked(len(ids), len(pairs), _propose(ids, alike))


def _keep_keys(ids: list[int], keys: dict[int, set[int]]) -> None:
    BlockKey.objects.filter(customer__in=ids).delete()
    BlockKey.objects.bulk_create(
        [BlockKey(customer_id=pk, key=key) for pk in sorted(keys) for key in sorted(keys[pk])], batch_size=5_000
    )


def _propose(ids: list[int], alike: dict[tuple[int, int], Likeness]) -> int:
    """Bring the pairs of these customers up to date; return how many are new or have changed."""
    recorded = Duplicate.objects.filter(one__in=ids) | Duplicate.objects.filter(other__in=ids)
    known = {(pair.one_id, pair.other_id): pair for pair in recorded}
    gone = [pair.pk for key, pair in known.items() if pair.state == DuplicateState.OPEN and key not in alike]
    Duplicate.objects.filter(pk__in=gone, state=DuplicateState.OPEN).delete()
    apart = told_apart({pk for key in alike for pk in key})
    new: list[Duplicate] = []
    changed = 0
    for key, found in alike.items():
        told = {"bits": round(found.bits, 3), "reasons": found.reasons}
        if key in apart and not set(found.reasons) - apart[key]:
            continue
        if (pair := known.get(key)) is None:
            new.append(Duplicate(one_id=key[0], other_id=key[1], **told))
        else:
            changed += _propose_again(pair, told)
    # A merging may have said so at this moment.
    Duplicate.objects.bulk_create(new, ignore_conflicts=True)
    return len(new) + changed


def _propose_again(pair: Duplicate, told: dict[str, Any]) -> int:
    """Bring a known pair up to date, and ask about it anew where somebody had said “not the same”."""
    if pair.state == DuplicateState.OPEN and {"bits": pair.bits, "reasons": pair.reasons} == told:
        return 0
    not_merged = Duplicate.objects.filter(pk=pair.pk).exclude(state=DuplicateState.MERGED)
    return not_merged.update(state=DuplicateState.OPEN, decided_at=None, decided_by=None, **told)


def _forget(notes: list[tuple[int, str]]) -> None:
    """Take away the notes that were looked at; one that was written anew meanwhile is of another moment, and stays."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM customers_unlooked WHERE customer_id = ANY(ARRAY(
                SELECT note.customer_id FROM customers_unlooked AS note
                JOIN unnest(%s::bigint[], %s::timestamptz[]) AS seen (customer_id, noted_at)
                    USING (customer_id, noted_at)
                FOR UPDATE OF note SKIP LOCKED
            ))
            """,
            [[pk for pk, _ in notes], [noted_at for _, noted_at in notes]],
        )
