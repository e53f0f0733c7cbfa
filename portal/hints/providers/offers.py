"""What managers wrote down to offer: a plan B for what broke, and services to what was bought."""

from typing import TYPE_CHECKING

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from customers.enums import ConsentPurpose
from portal.hints.providers.candidate import Candidate, on_day
from portal.models import HintKind

if TYPE_CHECKING:
    from portal.contact.contact import Contact
    from portal.hints.facts import Offered

_NEEDS = "customers.view_order"
_LONGEST = 48


def plans_b(contact: "Contact") -> list[Candidate]:
    """Return what helps out where something broke lately and is not put right, the newest first."""
    return [
        Candidate(f"plan_b:{offer.pk}:{offer.about}", offer.text, _why_broken(contact, offer), _NEEDS)
        for offer in contact.hint_facts.offers
        if offer.kind == HintKind.PLAN_B
    ]


def services(contact: "Contact") -> list[Candidate]:
    """Return services to what was bought lately, each once. None while we owe something, or where they want no news."""
    if contact.speaking.is_owing or ConsentPurpose.MARKETING in contact.refused:
        return []
    found: dict[int, Candidate] = {}
    for offer in contact.hint_facts.offers:
        if offer.kind == HintKind.SERVICE and offer.pk not in found:
            reason = _("Because they bought “%(what)s” %(day)s.") % _names(contact, offer)
            found[offer.pk] = Candidate(f"service:{offer.pk}", offer.text, reason, _NEEDS)
    return list(found.values())


def _why_broken(contact: "Contact", offer: "Offered") -> str:
    if offer.what:
        return _("Because “%(what)s” came broken %(day)s.") % _names(contact, offer)
    return _("Because their parcel came broken %(day)s.") % _names(contact, offer)


def _names(contact: "Contact", offer: "Offered") -> dict[str, str]:
    return {"what": Truncator(offer.what).chars(_LONGEST), "day": on_day(offer.at, contact.now)}
