"""Asking and mending: invitations, answers and recoveries."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class FeedbackConfig(AppConfig):
    """Asking and mending: invitations, answers and recoveries."""

    name = "feedback"
    verbose_name = _("Feedback")

    def ready(self) -> None:
        from customers.emails import register_seal
        from feedback.emails import INVITATION
        from feedback.services.links import seal_invitation
        from feedback.starter import after_migrating

        register_seal(INVITATION, seal_invitation)
        post_migrate.connect(after_migrating, sender=self)
