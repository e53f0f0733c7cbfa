"""The site: settings, roles, sign-in, the desk, the contact view, the API root, embedded services."""

from portal.celery import app as celery_app

__all__ = ["celery_app"]
