"""What a new house finds in place: touch points to begin with, and its own currency."""

from typing import Any

from django.apps import apps as installed
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS

_TOUCH_POINTS = {
    "phone-desk": "Phone desk",
    "website": "Website",
    "delivery": "Delivery",
    "reception": "Reception",
    "repair": "Repair",
    "billing": "Billing",
    "warehouse": "Warehouse",
    "shop": "Shop",
}


def ensure_starter_facts() -> None:
    """Fill the table of touch points where it is empty, and have the house's currency; what people entered stays."""
    from customers.models import Currency, TouchPoint

    if not TouchPoint.objects.exists():
        rows = [TouchPoint(slug=slug, name=name) for slug, name in _TOUCH_POINTS.items()]
        TouchPoint.objects.bulk_create(rows, ignore_conflicts=True)
    Currency.objects.bulk_create([Currency(code=settings.HOUSE_CURRENCY, rate=1)], ignore_conflicts=True)


def ensure_speaking_rules() -> None:
    """Have the house's rules for before one speaks, with the defaults where nobody has set any."""
    from customers.models import SpeakingRules

    SpeakingRules.objects.get_or_create(pk=1)


def after_migrate(*, using: str = DEFAULT_DB_ALIAS, apps: Any = installed, **_signal: Any) -> None:
    """Receive `post_migrate`; a migration back to before these tables leaves nothing to fill."""
    has_tables = "touchpoint" in apps.all_models["customers"] and "currency" in apps.all_models["customers"]
    if using == DEFAULT_DB_ALIAS and has_tables:
        from customers.services.following import ensure_following

        ensure_starter_facts()
        ensure_following(using=using)
    if using == DEFAULT_DB_ALIAS and "speakingrules" in apps.all_models["customers"]:
        ensure_speaking_rules()
