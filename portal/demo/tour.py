"""Three things to try in the loaded demo."""

from pathlib import Path
from urllib.parse import quote

from django.conf import settings

from customers.enums import ContactKind
from customers.models import ContactPoint, Customer
from customers.phones import format_phone
from portal.demo import retail
from portal.demo.accounts import AGENT
from portal.demo.cast import HAPPY, LET_DOWN, SHARED


def things_to_try(site_url: str) -> list[str]:
    """Return what a newcomer might do first, from the names and numbers that are loaded; nothing where none are."""
    known = {
        str(customer.external_id): customer
        for customer in Customer.objects.filter(source=retail.SOURCE, external_id__in=(LET_DOWN, HAPPY, *SHARED))
    }
    if len(known) < 4:
        return []
    let_down, happy, one, other = (known[number] for number in (LET_DOWN, HAPPY, *SHARED))
    line = _phone(one)
    pop = f"{site_url.rstrip('/')}/pop/?phone={quote(line, safe='')}"
    mail = _short(settings.STATE_DIR / "mail")
    return [
        f"Sign in as {AGENT} and search for {_local(_phone(let_down))}: {let_down.full_name}, whom we have let down.",
        f"Open {pop} as a phone system would: {one.full_name} and {other.full_name} share that line.",
        f"Search for “{happy.family_name[:5].lower()}”, open a contact with {happy.full_name} and close it. Within a "
        f"minute there is a letter in {mail}: open its .html, press “no” in it, and look at your desk again.",
    ]


def _phone(customer: Customer) -> str:
    points = ContactPoint.objects.filter(customer=customer, kind=ContactKind.PHONE, is_active=True)
    return points.order_by("pk").values_list("normalised", flat=True)[0]


def _local(phone: str) -> str:
    """Return a number as the British write it."""
    return format_phone(phone).replace("+44 ", "0")


def _short(path: Path) -> str:
    """Return a path from here, where it lies below."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
