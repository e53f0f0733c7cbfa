"""The note that something has changed from which numbers about a customer are derived."""

import pgtrigger
from django.db import models
from django.db.models.functions import Now

from customers.models.customer import Customer

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


class Touch(models.Model):
    """Something that counts for this customer has changed since somebody last reckoned with it.

    That is an order, an interaction, an incident, a gesture or a rating: added, changed, moved to another customer
    (then both are touched) or taken away, by whatever door. Written by the triggers of `touches` alone. Whoever
    derives something from these facts takes rows away in the transaction that writes what was derived.
    """

    customer = models.OneToOneField(Customer, primary_key=True, on_delete=models.CASCADE)
    touched_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = (models.Index(fields=("touched_at",), name="touch_oldest_first"),)

    def __str__(self) -> str:
        return str(self.customer_id)
