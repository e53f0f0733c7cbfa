"""People who sign in, programs that call, who is on the line, what was read, hinted, pinned, and signs of life."""

from portal.models.heartbeat import Heartbeat
from portal.models.hint import HintPress, HintShown
from portal.models.hint_arm import HintArm
from portal.models.hint_kinds import HintKind, HintMode, HintOutcome, OfferKind, Situation
from portal.models.hint_rules import HintOffer, HintRule
from portal.models.outside import OutsideCard, OutsideSource
from portal.models.pin import Pin
from portal.models.pop import Pop
from portal.models.presence import Presence
from portal.models.press import Press
from portal.models.reading import Reading
from portal.models.token import ApiToken
from portal.models.user import User

__all__ = [
    "ApiToken",
    "Heartbeat",
    "HintArm",
    "HintKind",
    "HintMode",
    "HintOffer",
    "HintOutcome",
    "HintPress",
    "HintRule",
    "HintShown",
    "OfferKind",
    "OutsideCard",
    "OutsideSource",
    "Pin",
    "Pop",
    "Presence",
    "Press",
    "Reading",
    "Situation",
    "User",
]
