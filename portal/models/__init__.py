"""People who sign in, programs that call, who is on the line, the record of who read what, and signs of life."""

from portal.models.heartbeat import Heartbeat
from portal.models.pop import Pop
from portal.models.reading import Reading
from portal.models.token import ApiToken
from portal.models.user import User

__all__ = ["ApiToken", "Heartbeat", "Pop", "Reading", "User"]
