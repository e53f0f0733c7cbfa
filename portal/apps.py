"""The site itself."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    """The site: sign-in, the desk, the contact view and the API root."""

    name = "portal"
    verbose_name = _("Portal")
