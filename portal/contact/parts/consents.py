"""What they have said yes and no to, and saying so for what is sensitive."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from customers.models import Consent
from portal.contact.parts.part import Part, Told
from portal.models import User


def _ask(_user: User) -> ArraySubquery:
    """The newest word on each purpose."""
    return ArraySubquery(
        Consent.objects.filter(customer=OuterRef("pk"))
        .order_by("purpose", "-noted_at", "-pk")
        .distinct("purpose")
        .values(json=Told(purpose="purpose", is_given="is_given"))
    )


def _read(consents: list[dict[str, Any]] | None, _user: User) -> dict[str, bool]:
    return {consent["purpose"]: consent["is_given"] for consent in consents or []}


CONSENTS = Part("consents", _ask, _read)
