"""Asking and mending in the admin."""

from feedback.admin import asking, evidence, mending, surveys

__all__ = ["asking", "evidence", "mending", "surveys"]
