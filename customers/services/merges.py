"""Two customers turn out to be one: merging them, and undoing it.

Everything about the one that goes in is given to the one that goes on, row by row and on the record; its own row stays
and leads there. Both rows are locked first, which whoever writes about one of them waits for (`following`). A merging
waits for nobody for long: it steps back and tries again, so that no circle of waiting costs others their work.
"""

import random
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import pghistory
from django.core.exceptions import ValidationError
from django.db import OperationalError, connection, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from customers.enums import DuplicateState, MergeDeed
from customers.models import BlockKey, Customer, Duplicate, Erasure, Merge, Touch, Unlooked
from customers.selectors.clock import database_now
from customers.services.contact_points import hold_back_strays
from customers.services.moving import change_back, change_row, columns, give_back, move_rows
from customers.services.people import PROFILE, index_names
from customers.zones import UNSAID

if TYPE_CHECKING:
    from portal.models import User

T = TypeVar("T")

# Shorter than the second after which PostgreSQL looks for circles, so that it is always the merging that steps back.
_PATIENCE = "200ms"
_ATTEMPTS = 25
_STEPS_BACK = {"55P03", "40P01"}  # lock not available, deadlock detected


@dataclass(frozen=True)
class Settler:
    """What an app has to say when two customers become one.

    `lock(ids)`: taken before anything else. `settle(merge)`: before rows are moved, what cannot stand twice.
    `part(merge)`: before they are given back, what has come since and must go along. `restore(merge)`: after they were
    given back.
    """

    lock: Callable[[list[int]], None] = lambda _ids: None
    settle: Callable[[Merge], None] = lambda _merge: None
    part: Callable[[Merge], None] = lambda _merge: None
    restore: Callable[[Merge], None] = lambda _merge: None


_settlers: list[Settler] = []


def register_settler(settler: Settler) -> None:
    """Have an app settle what cannot stand twice. Called inside the transaction that merges."""
    if settler not in _settlers:
        _settlers.append(settler)


def merge_customers(
    *, survivor: Customer, absorbed: Customer, by: "User | None", taken: Collection[str] = ()
) -> tuple[Merge, bool]:
    """Merge one customer into another and return the merging with True, or the one that made them one with False.

    `taken`: the fields of `PROFILE` whose value is taken over from the absorbed; blank ones of the survivor are filled
    in any case. Of two first days the earlier stands.

    Raises:
        ValidationError: they are one row, one of them was forgotten or merged into somebody else, or somebody is at
            work on one of them at this moment.
    """
    return _patiently(lambda: _merge(survivor.pk, absorbed.pk, by, taken))


def undo_merge(*, merge: Merge, by: "User | None") -> bool:
    """Put back what a merging did, and leave what came since with the survivor; False where that was done already.

    Raises:
        ValidationError: there was another merging after it that has to be undone first, one of them was forgotten, or
            somebody is at work on one of them at this moment.
    """
    return _patiently(lambda: _undo(merge.pk, by))


def _patiently(work: Callable[[], T]) -> T:
    """Do the work in a transaction; where somebody holds what it needs, step back and try again."""
    for attempt in range(_ATTEMPTS):
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SELECT set_config('lock_timeout', %s, true)", [_PATIENCE])
                done = work()
                with connection.cursor() as cursor:
                    # For whoever goes on in a transaction around this one.
                    cursor.execute("SELECT set_config('lock_timeout', '0', true)")
                return done
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) not in _STEPS_BACK:
                raise
        time.sleep(random.uniform(0.01, 0.05) * (1 + attempt / 5))  # noqa: S311 - not a secret
    raise ValidationError(_("Somebody is writing about one of them just now. Please try again in a minute."))


def lock_pair(ids: list[int]) -> dict[int, Customer]:
    """Lock both, so that whoever writes about one of them waits; in order, so that two mergings do not block."""
    return {one.pk: one for one in Customer.objects.select_for_update().filter(pk__in=ids).order_by("pk")}


def _merge(survivor_id: int, absorbed_id: int, by: "User | None", taken: Collection[str]) -> tuple[Merge, bool]:
    ids = sorted({survivor_id, absorbed_id})
    for settler in _settlers:
        settler.lock(ids)
    found = lock_pair(ids)
    if len(ids) == 2 and len(found) == 2 and (known := _already(ids, found)):
        return known, False
    _refuse(ids, found)
    survivor, absorbed = found[survivor_id], found[absorbed_id]
    with pghistory.context(user=by.pk if by else None):
        merge = Merge.objects.create(survivor=survivor, absorbed=absorbed, by=by)
        for settler in _settlers:
            settler.settle(merge)
        _join_profiles(merge, survivor, absorbed, taken)
        _forget_derived([absorbed_id])
        for column in columns():
            move_rows(merge=merge, column=column)
        # The words of both names were among the rows: the survivor is found by either.
        Customer.objects.filter(pk=absorbed_id).update(merged_into=survivor)
    _decide(ids, DuplicateState.MERGED, by)
    _look_anew(survivor_id)
    _forget_derived([absorbed_id])
    return merge, True


def _already(ids: list[int], found: dict[int, Customer]) -> Merge | None:
    """Return the merging that made these two one, in whichever direction."""
    if not any(one.merged_into_id in ids for one in found.values()):
        return None
    return Merge.objects.filter(undone_at=None, survivor__in=ids, absorbed__in=ids).first()


def _refuse(ids: list[int], found: dict[int, Customer]) -> None:
    if len(ids) < 2:
        raise ValidationError(_("That is one and the same customer already."))
    if len(found) < 2:
        raise ValidationError(_("One of them is not there any more."))
    if Erasure.objects.filter(customer__in=ids).exists():
        raise ValidationError(_("One of them was forgotten at their wish, and is left alone."))
    for one in found.values():
        if one.merged_into_id is not None:
            raise ValidationError(_("One of them was merged into somebody else meanwhile. Open them again."))
    persons = {one.person_id for one in found.values()}
    if len(persons) == 1 and None not in persons:
        raise ValidationError(
            _("They are one person in two roles, each with a value of its own. Take one out of the person first.")
        )


def _join_profiles(merge: Merge, survivor: Customer, absorbed: Customer, taken: Collection[str]) -> None:
    fields = {
        name: getattr(absorbed, name)
        for name in PROFILE
        if getattr(absorbed, name) not in ("", None)
        and (name in taken or getattr(survivor, name) in ("", None) or (name == "time_zone" and _is_unsaid(survivor)))
    }
    days = [day for day in (survivor.customer_since, absorbed.customer_since) if day]
    if days and "customer_since" not in taken:
        fields["customer_since"] = min(days)
    change_row(merge=merge, row=survivor, **fields)


def _is_unsaid(customer: Customer) -> bool:
    return customer.time_zone == UNSAID


def _forget_derived(ids: list[int]) -> None:
    """Take away the notes that work on these customers is due: there is nobody to work on."""
    for model in (BlockKey, Unlooked, Touch):
        model._base_manager.filter(customer__in=ids).delete()


def _look_anew(*ids: int) -> None:
    """Have what is derived from facts reckoned anew for these customers, as if each fact of theirs had changed."""
    for model, moment in ((Touch, "touched_at"), (Unlooked, "noted_at")):
        for pk in sorted(ids):
            model._base_manager.update_or_create(customer_id=pk, defaults={moment: Now()})


def _decide(ids: list[int], state: DuplicateState, by: "User | None") -> None:
    one, other = sorted(ids)
    Duplicate.objects.update_or_create(
        one_id=one,
        other_id=other,
        defaults={"state": state, "decided_at": database_now(), "decided_by": by},
        create_defaults={"state": state, "decided_at": database_now(), "decided_by": by, "bits": 0.0},
    )


def _undo(merge_id: int, by: "User | None") -> bool:
    merge = Merge.objects.get(pk=merge_id)
    ids = sorted((merge.survivor_id, merge.absorbed_id))
    for settler in _settlers:
        settler.lock(ids)
    found = lock_pair(ids)
    merge = Merge.objects.select_for_update(of=("self",)).get(pk=merge_id)
    if merge.undone_at is not None:
        return False
    _refuse_undoing(merge, found)
    with pghistory.context(user=by.pk if by else None):
        Customer.objects.filter(pk=merge.absorbed_id).update(merged_into=None)
        for settler in reversed(_settlers):
            settler.part(merge)
        steps = list(merge.steps.order_by("pk"))
        for step in steps:
            if step.deed == MergeDeed.MOVED:
                give_back(merge=merge, step=step)
        for step in reversed(steps):
            if step.deed == MergeDeed.CHANGED:
                change_back(step=step)
        for settler in reversed(_settlers):
            settler.restore(merge)
        for one, other in (ids, ids[::-1]):
            hold_back_strays(customer_id=one, other_id=other)
        index_names(customers=list(Customer.objects.filter(pk__in=ids)))
    Merge.objects.filter(pk=merge_id).update(undone_at=Now(), undone_by=by)
    _decide(ids, DuplicateState.DIFFERENT, by)
    _look_anew(*ids)
    return True


def _refuse_undoing(merge: Merge, found: dict[int, Customer]) -> None:
    if Erasure.objects.filter(customer__in=list(found)).exists():
        raise ValidationError(_("They were forgotten at their wish, so there is nothing left to part."))
    ids = (merge.survivor_id, merge.absorbed_id)
    later = Merge.objects.filter(Q(survivor__in=ids) | Q(absorbed__in=ids), pk__gt=merge.pk, undone_at=None)
    if later.exists():
        raise ValidationError(_("They were merged with somebody else after that. Undo that merging first."))
