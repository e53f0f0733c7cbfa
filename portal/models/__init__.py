"""People who sign in, programs that call, and the record of who read what."""

from portal.models.reading import Reading
from portal.models.token import ApiToken
from portal.models.user import User

__all__ = ["ApiToken", "Reading", "User"]
