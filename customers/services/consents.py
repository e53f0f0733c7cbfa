"""What customers allow us."""

from django.db import transaction

from customers.models import Consent, Customer


@transaction.atomic
def note_consent(*, customer: Customer, purpose: str, is_given: bool, source: str = "") -> Consent | None:
    """Note a customer's yes or no to a purpose, or return None where that is what stands already.

    A no to what is sensitive retires the preferences of special categories in the same transaction: a trigger does
    that, so that no door forgets it.

    Raises:
        ValidationError: the purpose is not one of `ConsentPurpose`, or the source is too long.
    """
    consent = build_consent(customer=customer, purpose=purpose, is_given=is_given, source=source)
    # The same word twice at once is one word.
    Customer.objects.select_for_update(no_key=True).only("pk").get(pk=customer.pk)
    newest = Consent.objects.filter(customer=customer, purpose=purpose).order_by("-noted_at", "-pk").first()
    if newest is not None and newest.is_given == is_given:
        return None
    consent.save()
    consent.refresh_from_db(fields=["noted_at"])
    return consent


def build_consent(*, customer: Customer, purpose: str, is_given: bool, source: str = "") -> Consent:
    """Return a consent that is not saved yet, checked.

    Raises:
        ValidationError: the purpose is not one of `ConsentPurpose`, or the source is too long.
    """
    consent = Consent(customer=customer, purpose=purpose, is_given=is_given, source=" ".join(source.split()))
    consent.clean_fields(exclude=["customer"])
    return consent
