"""Facts: people, orders, conversations, what went wrong, what was promised."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class CustomersConfig(AppConfig):
    """Facts: people, orders, conversations, what went wrong, what was promised."""

    name = "customers"
    verbose_name = _("Customers")

    def ready(self) -> None:
        """Give a new house what it starts with."""
        from customers.emails import register_sample
        from customers.reminding import PROMISE
        from customers.samples import sample_promise
        from customers.services.doubles import SETTLER, STAYING
        from customers.services.merges import register_settler
        from customers.services.moving import stays
        from customers.starter import after_migrate

        register_sample(PROMISE, name=_("To a colleague: a promise"), write=sample_promise, is_for_colleagues=True)
        register_settler(SETTLER)
        for table, why in STAYING.items():
            stays(table, why)
        post_migrate.connect(after_migrate, sender=self, dispatch_uid="customers.starter")
