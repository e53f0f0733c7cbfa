"""Triggers that note whose facts have changed: rows of `Touch`, which other tables' triggers write."""

import pgtrigger

_WHOSE = "SELECT customer_id FROM ROWS"


def touches(noun: str) -> tuple[pgtrigger.Trigger, ...]:
    """Return the triggers that note whose rows of `customers_<noun>` a statement added, took away or changed."""
    new, old = f"new_{noun}s", f"old_{noun}s"
    added, gone = (_WHOSE.replace("ROWS", rows) for rows in (new, old))
    return (
        _touches(noun, "insert", new=new, changed=added),
        _touches(noun, "delete", old=old, changed=gone),
        _touches(noun, "update", old=old, new=new, changed=f"{gone} UNION {added}"),
    )


def touches_when_added(noun: str, whose: str) -> pgtrigger.Trigger:
    """Return the trigger that notes whose rows were added to `customers_<noun>`; `whose`: the column that says so."""
    new = f"new_{noun}s"
    return _touches(
        noun, "insert", new=new, changed=_WHOSE.replace("customer_id", f"{whose} AS customer_id").replace("ROWS", new)
    )


def _touches(
    noun: str, operation: str, *, changed: str, old: str | None = None, new: str | None = None
) -> pgtrigger.Trigger:
    """Note, once per statement, whose rows it changed. Ordered, so that two imports never wait in a circle."""
    return pgtrigger.Trigger(
        name=f"{noun}_{operation}_touches",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=getattr(pgtrigger, operation.capitalize()),
        referencing=pgtrigger.Referencing(old=old, new=new),
        func="""
            INSERT INTO customers_touch (customer_id, touched_at)
            SELECT customer_id, clock_timestamp() FROM (SELECT DISTINCT customer_id FROM (CHANGED) AS rows) AS touched
            ORDER BY customer_id
            ON CONFLICT (customer_id) DO UPDATE SET touched_at = EXCLUDED.touched_at;
            RETURN NULL;
        """.replace("CHANGED", changed),
    )
