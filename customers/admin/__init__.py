"""The facts in the admin. Facts come in at the desk, by import and by the API; here they are looked at."""

from customers.admin.facts import GestureAdmin, IncidentAdmin, InteractionAdmin, OrderAdmin, PromiseAdmin, RatingAdmin
from customers.admin.house import CurrencyAdmin, SegmentAdmin, TouchPointAdmin
from customers.admin.letters import LetterAdmin
from customers.admin.merges import MergeAdmin
from customers.admin.people import ConsentAdmin, CustomerAdmin, PersonAdmin, RelationshipAdmin
from customers.admin.speaking import SpeakingRulesAdmin
from customers.admin.suppressions import LiftedSuppressionAdmin, SuppressionAdmin

__all__ = [
    "ConsentAdmin",
    "CurrencyAdmin",
    "CustomerAdmin",
    "GestureAdmin",
    "IncidentAdmin",
    "InteractionAdmin",
    "LetterAdmin",
    "LiftedSuppressionAdmin",
    "MergeAdmin",
    "OrderAdmin",
    "PersonAdmin",
    "PromiseAdmin",
    "RatingAdmin",
    "RelationshipAdmin",
    "SegmentAdmin",
    "SpeakingRulesAdmin",
    "SuppressionAdmin",
    "TouchPointAdmin",
]
