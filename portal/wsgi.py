"""The WSGI entry point; any WSGI server can serve `portal.wsgi:application`."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
# A web process keeps its connections in a pool; commands and workers hold one each.
os.environ.setdefault("DATABASE_POOL", "8")

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

if not settings.HAS_SECRET_KEY:
    # Each process would make up its own, and nobody would stay signed in.
    raise ImproperlyConfigured("SECRET_KEY is not set. Give every web process the same long random text.")

application = get_wsgi_application()

from portal.pops.signs import note_signals  # noqa: E402 (the apps have to be there)

note_signals()
