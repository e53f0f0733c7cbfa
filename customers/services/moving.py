"""Whose the rows are: which tables know a customer, and giving rows to another one, so that it can be undone.

Every ordinary foreign key to a customer is moved without being named here. What stays, and why, is said in `stays` by
the app that owns the table.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import pgtrigger
from django.apps import apps
from django.db import IntegrityError, models, transaction

from customers.enums import MergeDeed
from customers.models import Customer, Merge, MergeStep

# Not unique, overlapping, or a row that does not hold: the database's own codes.
_NOT_HERE = {"23505", "23P01", "23514"}
# Facts first: what the rooms above hold names them, and has to fit them.
_ROOMS = ("customers", "tiers", "feedback")
# Table → why its rows stay with whom they are about.
_STAYING: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Column:
    """A foreign key to a customer."""

    model: type[models.Model]
    field: "models.ForeignKey[Any, Any]"

    @property
    def table(self) -> str:
        """The model's label, `app.model`."""
        return self.model._meta.label_lower

    @property
    def is_checked_by_row(self) -> bool:
        """Whether the database checks each row of it by itself, as ordinary foreign keys are."""
        return bool(getattr(self.field, "db_constraint", True))


def stays(label: str, why: str) -> None:
    """Say that the rows of a table (`app.model`) stay with the customer whom they are about, and why."""
    _STAYING[label] = why


def why_it_stays(model: type[models.Model]) -> str:
    """Return why the rows of a table are not moved; empty for one that is."""
    if getattr(model, "pgh_tracked_model", None) is not None:
        return "history says whose it was"
    return _STAYING.get(model._meta.label_lower, "")


def columns() -> list[Column]:
    """Return the foreign keys that are moved, those of facts first."""
    found = [
        Column(model, field)
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and not why_it_stays(model)
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and field.related_model is Customer
    ]
    return sorted(found, key=lambda column: _rank(column.model))


def _rank(model: type[models.Model]) -> int:
    app = model._meta.app_label
    return _ROOMS.index(app) if app in _ROOMS else len(_ROOMS)


def unguarded(model: type[models.Model]) -> AbstractContextManager[None]:
    """Return a block in which the triggers do not hold that keep rows of a table as they are."""
    guards = [
        f"{model._meta.app_label}.{model._meta.object_name}:{trigger.name}"
        for trigger in getattr(model._meta, "triggers", ())
        if isinstance(trigger, pgtrigger.Protect) and "UPDATE" in str(trigger.operation)
    ]
    # Without names it would be every trigger of the house.
    return pgtrigger.ignore(*guards) if guards else nullcontext()


def move_rows(*, merge: Merge, column: Column) -> None:
    """Give the rows of one column to the survivor, and note which; those that the survivor has already are left."""
    mine = column.model._base_manager.filter(**{column.field.name: merge.absorbed_id})
    found = list(mine.order_by("pk").values_list("pk", flat=True))
    if not found:
        return
    moved: list[Any] = []
    left: list[Any] = []
    for is_moved, part in _give(column, found, to=merge.survivor_id):
        (moved if is_moved else left).extend(part)
    for deed, rows in ((MergeDeed.MOVED, moved), (MergeDeed.LEFT, left)):
        if rows:
            MergeStep.objects.create(
                merge=merge, deed=deed, table=column.table, column=column.field.name, rows=[str(row) for row in rows]
            )


def give_back(*, merge: Merge, step: MergeStep) -> None:
    """Give the rows of a step back that are still the survivor's; what came since the merging stays there."""
    model = apps.get_model(step.table)
    field: Any = model._meta.get_field(step.column)
    rows = [str(merge.survivor_id)] if field.primary_key else step.rows
    held = model._base_manager.filter(**{step.column: merge.survivor_id}, pk__in=rows)
    still = list(held.order_by("pk").values_list("pk", flat=True))
    list(_give(Column(model, field), still, merge.absorbed_id))


def _give(column: Column, rows: list[Any], to: int) -> Iterator[tuple[bool, list[Any]]]:
    """Give rows to a customer, all at once where the database lets it; else by halves down to those that it refuses."""
    if not rows:
        return
    try:
        with unguarded(column.model), transaction.atomic():
            column.model._base_manager.filter(pk__in=rows).update(**{column.field.attname: to})
    except IntegrityError as error:
        if getattr(error.__cause__, "sqlstate", None) not in _NOT_HERE:
            raise
        if len(rows) == 1:
            yield False, rows
            return
        middle = len(rows) // 2
        yield from _give(column, rows[:middle], to)
        yield from _give(column, rows[middle:], to)
    else:
        yield True, rows


def change_row(*, merge: Merge, row: models.Model, **fields: Any) -> None:
    """Change fields of a row, and note what they were and what they are."""
    model = type(row)
    changed = [name for name, value in fields.items() if getattr(row, name) != value]
    if not changed:
        return
    before = _written(row, changed)
    model._base_manager.filter(pk=row.pk).update(**{name: fields[name] for name in changed})
    row.refresh_from_db(fields=changed)
    MergeStep.objects.create(
        merge=merge,
        deed=MergeDeed.CHANGED,
        table=model._meta.label_lower,
        rows=[str(row.pk)],
        before=before,
        after=_written(row, changed),
    )


def change_back(*, step: MergeStep) -> None:
    """Put back what a step changed, field by field, where nobody has changed it since."""
    model = apps.get_model(step.table)
    row = model._base_manager.filter(pk=step.rows[0]).first()
    if row is None:
        return
    now = _written(row, list(step.after))
    again = {name: _read(model, name, value) for name, value in step.before.items() if now[name] == step.after[name]}
    if not again:
        return
    try:
        with unguarded(model), transaction.atomic():
            model._base_manager.filter(pk=row.pk).update(**again)
    except IntegrityError as error:
        # Somebody has put something else in its place since.
        if getattr(error.__cause__, "sqlstate", None) not in _NOT_HERE:
            raise


def _written(row: models.Model, names: list[str]) -> dict[str, str | None]:
    """Return fields as text, to the microsecond."""
    fields = [row._meta.get_field(name) for name in names]
    return {
        field.name: None if getattr(row, field.attname) is None else field.value_to_string(row)  # type: ignore[union-attr]
        for field in fields
    }


def _read(model: type[models.Model], name: str, text: str | None) -> Any:
    field: Any = model._meta.get_field(name)
    return None if text is None else field.to_python(text)
