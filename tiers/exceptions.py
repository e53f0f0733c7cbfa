"""What can be wrong with what is asked of the tiers. Messages are for the person who asked."""

from django.core.exceptions import ValidationError


class NoSchemeError(ValidationError):
    """There are no rules to decide by."""


class WrongDayError(ValidationError):
    """A day that cannot be decided on: it has not come, or a later one has been decided."""
