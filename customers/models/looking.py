"""Triggers that note of whom something has changed by which duplicates are found: rows of `Unlooked`."""

import pgtrigger


def looks_anew(noun: str, whose: str) -> tuple[pgtrigger.Trigger, ...]:
    """Return the triggers that note whose rows of `customers_<noun>` a statement added or changed.

    `whose`: the column that says so. Taking something away makes nobody more alike, and needs no look.
    """
    return tuple(_notes(noun, whose, operation) for operation in ("insert", "update"))


def _notes(noun: str, whose: str, operation: str) -> pgtrigger.Trigger:
    """Note, once per statement, whose rows it changed. Ordered, so that two imports never wait in a circle."""
    return pgtrigger.Trigger(
        name=f"{noun}_{operation}_looks_anew",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=getattr(pgtrigger, operation.capitalize()),
        referencing=pgtrigger.Referencing(new="rows_to_look_at"),
        func=f"""
            INSERT INTO customers_unlooked (customer_id)
            SELECT DISTINCT {whose} FROM rows_to_look_at ORDER BY 1
            ON CONFLICT (customer_id) DO UPDATE SET noted_at = clock_timestamp();
            RETURN NULL;
        """,  # noqa: S608 (names of ours)
    )
