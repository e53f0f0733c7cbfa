"""The house's own customers: which of their fields are compared, with which weights, and by which keys they meet.

The chances are set by hand, on the careful side (a house has no ground truth); those of m follow what is common for
names and addresses that people type (Herzog, Scheuren & Winkler, “Data Quality and Record Linkage Techniques”, 2007).
"""

from customers.likeness.blocking import Recipe
from customers.likeness.comparing import by_addresses, by_letters, by_names, exactly
from customers.likeness.scoring import Chances, FieldWeights
from customers.names import words

WEIGHTS = (
    FieldWeights("email", by_addresses, Chances(0.6, 0.00005), Chances(0.35, 0.999), Chances(0.05, 0.0005)),
    # Households and offices share a line: a phone alone never reaches `PROPOSE_FROM`.
    FieldWeights("phone", exactly, Chances(0.6, 0.001), Chances(0.4, 0.999)),
    FieldWeights("name", by_names, Chances(0.75, 0.0005), Chances(0.05, 0.97), Chances(0.2, 0.005)),
    FieldWeights("city", by_letters, Chances(0.8, 0.1), Chances(0.15, 0.89), Chances(0.05, 0.01)),
    # A time zone would say the same again.
    FieldWeights("country", exactly, Chances(0.97, 0.4), Chances(0.03, 0.6)),
)
RECIPES = (
    Recipe.of("email"),
    Recipe.of("mailbox"),
    Recipe.of("phone"),
    Recipe.of("name"),
    Recipe.of("family:sound", "given:sound"),
    Recipe.of("family:sound", "given:initial", "city"),
    Recipe.of("given", "city:sound"),
)
# So many bits make two customers worth a person's look.
PROPOSE_FROM = 10.0
# A mailbox's name that is shorter than this is everybody's.
_SHORT_MAILBOX = 5


def describe(
    *,
    names: list[str],
    given_name: str,
    family_name: str,
    city: str,
    country: str,
    phones: list[str],
    emails: list[str],
) -> dict[str, list[str]]:
    """Return a customer as a record. Phones in E.164, emails in their compared form, names as they are written."""
    lines = sorted({" ".join(words(name)) for name in names} - {""})
    parts = words(names[0]) if names else []
    mailboxes = {email.partition("@")[0] for email in emails}
    return {
        "name": lines,
        "given": [" ".join(words(given_name))] if given_name else parts[:1] if len(parts) > 1 else [],
        "family": [" ".join(words(family_name))] if family_name else parts[-1:],
        "email": sorted(set(emails)),
        "mailbox": sorted(box for box in mailboxes if len(box) >= _SHORT_MAILBOX),
        "phone": sorted({phone.partition(";")[0] for phone in phones}),
        "city": [" ".join(words(city))] if words(city) else [],
        "country": [country] if country else [],
    }
