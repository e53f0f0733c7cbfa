"""The site itself."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


def _keep_schedule(using: str, **more: Any) -> None:
    """Add the schedule once the tables are there."""
    from portal.schedule import ensure_schedule

    ensure_schedule(using=using)


class PortalConfig(AppConfig):
    """The site: sign-in, the desk, the contact view and the API root."""

    name = "portal"
    verbose_name = _("Portal")

    def ready(self) -> None:
        # Here, not in the package: the embedded services import the package too, and start quicker without Celery.
        from customers.services.erasing import register_eraser
        from portal import celery  # noqa: F401
        from portal.erasing import erase_admin_log
        from portal.pops import leaving  # noqa: F401
        from portal.pops.services import erase_pops
        from portal.post import receivers  # noqa: F401

        register_eraser(erase_admin_log)
        register_eraser(erase_pops)
        post_migrate.connect(_keep_schedule, sender=self, dispatch_uid="portal.schedule")
