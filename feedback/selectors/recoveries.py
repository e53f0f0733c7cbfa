"""What is to be mended."""

from typing import TYPE_CHECKING

from django.db.models import QuerySet

from feedback.models import Recovery

if TYPE_CHECKING:
    from portal.models import User


def open_recoveries(*, user: "User") -> QuerySet[Recovery]:
    """Return the open recoveries on a colleague's desk, the soonest due first, with customer, answer and owner."""
    return (
        Recovery.objects.visible_to(user).open().select_related("customer", "answer", "owner").order_by("due_at", "pk")
    )
