"""What the tests of merging share: everything that the database says of some customers, row by row."""

from typing import Any

from django.apps import apps
from django.db import models

from customers.models import Customer
from customers.services.moving import columns

# Derived from names, and made anew with other numbers.
DERIVED = {"customers.nameword"}


def rows_of(*customers: Customer) -> dict[str, list[dict[str, Any]]]:
    """Every row of the tables whose rows are moved, and the customers' own, as they are."""
    ids = [customer.pk for customer in customers]
    found = {"customers.customer": list(Customer.objects.filter(pk__in=ids).order_by("pk").values())}
    for column in columns():
        if column.table in DERIVED:
            continue
        rows = column.model._base_manager.filter(**{f"{column.field.name}__in": ids}).order_by("pk").values()
        found[f"{column.table}.{column.field.name}"] = list(rows)
    return found


def tables_of(model: type[models.Model]) -> list[type[models.Model]]:
    """The tables with a foreign key to a model, or a column that is called like one."""
    return [
        other
        for other in apps.get_models(include_auto_created=True)
        if any(field.related_model is model for field in other._meta.concrete_fields)
    ]
