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
        from customers.emails import register_sample, register_seal
        from customers.services.erasing import register_eraser
        from customers.services.moving import stays
        from portal import celery  # noqa: F401
        from portal.erasing import erase_admin_log, erase_hints, erase_outside, erase_pins
        from portal.hints.starter import after_migrating
        from portal.pops import leaving  # noqa: F401
        from portal.pops.services import erase_pops
        from portal.post import receivers  # noqa: F401
        from portal.video.inviting import seal_video
        from portal.video.letter import VIDEO, sample_video

        for eraser in (erase_admin_log, erase_hints, erase_outside, erase_pins, erase_pops):
            register_eraser(eraser)
        register_seal(VIDEO, seal_video)
        register_sample(VIDEO, name=_("The link to a call by video"), write=sample_video)
        stays("portal.outsidecard", "what a system said by the number of one of them; about the other it is asked anew")
        post_migrate.connect(_keep_schedule, sender=self, dispatch_uid="portal.schedule")
        post_migrate.connect(after_migrating, sender=self, dispatch_uid="portal.hints")
