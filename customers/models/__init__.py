"""The facts, one noun to a file."""

from customers.models.caution import Caution
from customers.models.contact_point import ContactPoint, LiftedSuppression, Suppression
from customers.models.customer import Consent, Customer, NameWord
from customers.models.duplicate import BlockKey, Duplicate, Unlooked
from customers.models.erasure import Erasure
from customers.models.gesture import Gesture
from customers.models.incident import Incident, TakenBackIncident
from customers.models.interaction import Interaction, TouchPoint
from customers.models.letter import Letter, LetterEvent
from customers.models.merge import Merge, MergeStep
from customers.models.order import Currency, Order
from customers.models.person import Person
from customers.models.preference import Preference
from customers.models.promise import Promise, PromiseStep
from customers.models.rating import Rating
from customers.models.relationship import Relationship
from customers.models.segment import Segment, SegmentMember
from customers.models.speaking import SpeakingRules
from customers.models.touch import Touch

__all__ = [
    "BlockKey",
    "Caution",
    "Consent",
    "ContactPoint",
    "Currency",
    "Customer",
    "Duplicate",
    "Erasure",
    "Gesture",
    "Incident",
    "Interaction",
    "Letter",
    "LetterEvent",
    "LiftedSuppression",
    "Merge",
    "MergeStep",
    "NameWord",
    "Order",
    "Person",
    "Preference",
    "Promise",
    "PromiseStep",
    "Rating",
    "Relationship",
    "Segment",
    "SegmentMember",
    "SpeakingRules",
    "Suppression",
    "TakenBackIncident",
    "Touch",
    "TouchPoint",
    "Unlooked",
]
