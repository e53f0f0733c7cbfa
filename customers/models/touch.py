"""The note that something has changed from which numbers about a customer are derived."""

from django.db import models
from django.db.models.functions import Now

from customers.models.customer import Customer


class Touch(models.Model):
    """Something that counts for this customer has changed since somebody last reckoned with it.

    That is that they were added, or that an order, an interaction, an incident, a gesture or a rating of theirs was
    added, changed, moved to another customer (then both are touched) or taken away, by whatever door. Written by the
    triggers of `touching` alone. Whoever derives something from these facts takes rows away in the transaction that
    writes what was derived.
    """

    customer = models.OneToOneField(Customer, primary_key=True, on_delete=models.CASCADE)
    touched_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = (models.Index(fields=("touched_at",), name="touch_oldest_first"),)

    def __str__(self) -> str:
        return str(self.customer_id)
