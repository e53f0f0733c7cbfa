"""Facts: people, orders, conversations, what went wrong, what was promised."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CustomersConfig(AppConfig):
    """Facts: people, orders, conversations, what went wrong, what was promised."""

    name = "customers"
    verbose_name = _("Customers")
