"""The facts, one noun to a file."""

from customers.models.contact_point import ContactPoint, Suppression
from customers.models.customer import Consent, Customer, NameWord
from customers.models.incident import Incident
from customers.models.interaction import Interaction, TouchPoint
from customers.models.letter import Letter
from customers.models.order import Currency, Order, Touch
from customers.models.preference import Preference
from customers.models.promise import Promise

__all__ = [
    "Consent",
    "ContactPoint",
    "Currency",
    "Customer",
    "Incident",
    "Interaction",
    "Letter",
    "NameWord",
    "Order",
    "Preference",
    "Promise",
    "Suppression",
    "Touch",
    "TouchPoint",
]
