"""What customers allow us, as it stands."""

from dataclasses import dataclass

from customers.enums import ConsentPurpose
from customers.models import Consent, Customer


@dataclass(frozen=True)
class Allowed:
    """One purpose, and the customer's newest word on it; None where they have not said."""

    purpose: ConsentPurpose
    word: Consent | None

    @property
    def is_given(self) -> bool | None:
        return self.word.is_given if self.word else None


def consents_of(customer: Customer) -> list[Allowed]:
    """Return every purpose with what stands, one query."""
    newest = Consent.objects.filter(customer=customer).order_by("purpose", "-noted_at", "-pk").distinct("purpose")
    words = {word.purpose: word for word in newest}
    return [Allowed(purpose, words.get(purpose)) for purpose in ConsentPurpose]
