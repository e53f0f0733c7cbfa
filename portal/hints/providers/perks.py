"""A perk that they are entitled to and have not used in a year."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from portal.hints.providers.candidate import Candidate

if TYPE_CHECKING:
    from portal.contact.contact import Contact


def candidates(contact: "Contact") -> list[Candidate]:
    """Return the perks not used, in the order of the tier."""
    if contact.explained is None:
        return []
    reason = _("Because %(tier)s comes with it, and they have not used it this year, as far as we know.")
    reason %= {"tier": contact.explained.tier.name}
    text = _("Remind them: %(perk)s")
    return [
        Candidate(f"perk:{perk.pk}", text % {"perk": perk.text}, reason, "tiers.view_perk")
        for perk in contact.hint_facts.perks
    ]
