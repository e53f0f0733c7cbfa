"""Asking and mending: invitations, answers and recoveries."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FeedbackConfig(AppConfig):
    """Asking and mending: invitations, answers and recoveries."""

    name = "feedback"
    verbose_name = _("Feedback")
