"""Claiming: work cut into rows, each taken by one worker and done in one transaction."""

from typing import TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


def claim(rows: QuerySet[Row], *, still: QuerySet[Model]) -> Row | None:
    """Lock the first row that nobody holds, if `still` finds what it is part of once the lock is held.

    In the caller's transaction. None where there is none to claim.
    """
    row = rows.order_by("pk").select_for_update(skip_locked=True).first()
    # Asked again: a cancelling that waits for the rows being done must find this one, or this one it.
    return row if row is not None and still.exists() else None
