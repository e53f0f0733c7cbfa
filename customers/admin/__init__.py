"""The facts in the admin. Facts come in at the desk, by import and by the API; here they are looked at."""

from customers.admin.facts import IncidentAdmin, InteractionAdmin, OrderAdmin, PromiseAdmin
from customers.admin.house import CurrencyAdmin, TouchPointAdmin
from customers.admin.letters import LetterAdmin, SuppressionAdmin
from customers.admin.people import ConsentAdmin, CustomerAdmin

__all__ = [
    "ConsentAdmin",
    "CurrencyAdmin",
    "CustomerAdmin",
    "IncidentAdmin",
    "InteractionAdmin",
    "LetterAdmin",
    "OrderAdmin",
    "PromiseAdmin",
    "SuppressionAdmin",
    "TouchPointAdmin",
]
