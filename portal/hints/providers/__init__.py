"""What hints are drawn from: a kind to a file, each giving its hints in the order of its own rules."""

from portal.hints.providers import gestures, offers, perks, preferences
from portal.hints.providers.candidate import Provider
from portal.models import HintKind

PROVIDERS: dict[str, Provider] = {
    HintKind.GESTURE: gestures.candidates,
    HintKind.PLAN_B: offers.plans_b,
    HintKind.PREFERENCE: preferences.candidates,
    HintKind.PERK: perks.candidates,
    HintKind.SERVICE: offers.services,
}
