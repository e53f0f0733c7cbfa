"""What can be wrong with what we are told. Messages are for the person who told us."""

from datetime import datetime

from django.core.exceptions import ValidationError


class HoldBack(Exception):
    """Raised by a seal: the reason for writing has gone, so the letter does not leave. The text says why."""


class PutOff(Exception):
    """Raised by a seal: the letter should leave, and not yet. The text says why."""

    def __init__(self, reason: str, *, until: datetime) -> None:
        super().__init__(reason)
        self.until = until


class Conflict(ValidationError):
    """The same thing is already recorded, and says something else."""


class NotDialable(ValidationError):
    """A phone number that cannot be one."""


class NotAnAddress(ValidationError):
    """An email address that cannot be one."""


class UnknownCurrency(ValidationError):
    """A currency that the house has no rate for."""


class BadFile(ValidationError):
    """A file that cannot be read as the table that it should be."""
