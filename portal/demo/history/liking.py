"""What customers like, and what they allow."""

from datetime import timedelta

from customers.enums import ConsentPurpose, Provenance
from customers.models import Consent, Preference
from portal.demo.history.contacts import Contact
from portal.demo.history.house import House, words

_SHARE = 0.4
_CONSENTS = 400


def write_preferences(house: House, contacts: list[Contact]) -> None:
    """Write what was noted during contacts: said, noticed once, or confirmed the second time."""
    random = house.random
    noted: dict[tuple[int, str], Preference] = {}
    for contact in contacts:
        if random.random() >= _SHARE:
            continue
        liking = random.choice(words()["preference"])
        key = contact.known.customer.pk, liking["text"]
        if key in noted:
            noted[key].provenance = Provenance.CONFIRMED
            continue
        noted[key] = Preference(
            customer=contact.known.customer,
            text=liking["text"],
            provenance=random.choices((Provenance.STATED, Provenance.OBSERVED, Provenance.CONFIRMED), (6, 3, 1))[0],
            is_ask_first=liking.get("ask", False),
            interaction=contact.interaction,
            noted_by=contact.interaction.agent,
            noted_at=contact.closed_at,
        )
    Preference.objects.bulk_create(noted.values())


def write_consents(house: House) -> None:
    """Write a yes or no to news and to recorded calls for some, given as they first ordered."""
    random = house.random
    Consent.objects.bulk_create(
        Consent(
            customer=one.customer,
            purpose=purpose,
            is_given=random.random() < 0.6,
            source="Asked with the first order",
            noted_at=one.purchases[0].placed_at + timedelta(minutes=5),
        )
        for one in random.sample(house.regulars, min(_CONSENTS, len(house.regulars)))
        for purpose in (ConsentPurpose.MARKETING, ConsentPurpose.RECORDING)
    )
