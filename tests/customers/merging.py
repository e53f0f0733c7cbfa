"""What the tests of merging share: everything that the database says of some customers, row by row."""

from typing import Any

from customers.models import (
    Customer,
    Merge,
)
from customers.services.merges import merge_customers
from customers.services.moving import columns

# Derived from names, and made anew with other numbers.
DERIVED = {"customers.nameword"}


def rows_of(*customers: Customer) -> dict[str, list[dict[str, Any]]]:
    """Every row of the tables whose rows are moved, and the customers' own, as they are."""
    ids = [customer.pk for customer in customers]
    found: dict[str, list[Any]] = {
        "customers.customer": list(Customer.objects.filter(pk__in=ids).order_by("pk").values())
    }
    for column in columns():
        if column.table in DERIVED:
            continue
        rows = column.model._base_manager.filter(**{f"{column.field.name}__in": ids}).order_by("pk").values()
        found[f"{column.table}.{column.field.name}"] = list(rows)
    return found


def merge(survivor: Customer, absorbed: Customer, **more: Any) -> Merge:
    made, is_new = merge_customers(survivor=survivor, absorbed=absorbed, by=more.pop("by", None), **more)
    assert is_new
    return made
