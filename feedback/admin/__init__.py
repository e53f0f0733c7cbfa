"""Asking and mending in the admin."""

from feedback.admin import asking, evidence, mending

__all__ = ["asking", "evidence", "mending"]
