"""Asking and mending in the admin."""

from feedback.admin import asking, evidence, giving, mending, surveys

__all__ = ["asking", "evidence", "giving", "mending", "surveys"]
