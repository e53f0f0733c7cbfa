"""People who sign in, programs that call, the record of who read what, pins, and signs of life."""

from portal.models.heartbeat import Heartbeat
from portal.models.pin import Pin
from portal.models.reading import Reading
from portal.models.token import ApiToken
from portal.models.user import User

__all__ = ["ApiToken", "Heartbeat", "Pin", "Reading", "User"]
