"""The house's video server: Jitsi Meet, or one that takes the same passes."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import jwt
from django.conf import settings

from tiers.models import VideoRoom

# A pass is shown once, as the call opens; whoever loses the line fetches a new one.
_PASS_LASTS = timedelta(minutes=5)
# So far may the clocks of the two servers be apart.
_CLOCKS_DIFFER = timedelta(minutes=1)


def has_server() -> bool:
    """Whether the house has a video server."""
    return bool(settings.JITSI_URL)


def origin() -> str:
    """Return the server's origin as policies name it, such as `https://meet.example`; empty without a server."""
    parts = urlsplit(settings.JITSI_URL)
    return f"{parts.scheme}://{parts.netloc}" if settings.JITSI_URL else ""


def address_of(room: VideoRoom, *, name: str, now: datetime, is_host: bool = False) -> str:
    """Return the address of a room with a pass for somebody called `name`; a host may let in, mute and end.

    The pass is a JSON Web Token (RFC 7519), signed with HS256, with the claims of Jitsi's token authentication:
    https://github.com/jitsi/lib-jitsi-meet/blob/master/doc/tokens.md. What tells a host is read by Jitsi's
    `mod_token_affiliation`. Nothing else about the person leaves the house.
    """
    claims: dict[str, Any] = {
        # By default Jitsi takes passes that are issued by its application, for its application.
        "aud": settings.JITSI_APP_ID,
        "iss": settings.JITSI_APP_ID,
        "sub": _subject(),
        "room": room.name,
        "nbf": now - _CLOCKS_DIFFER,
        "exp": min(now + _PASS_LASTS, room.expires_at),
        # Texts alone: a number or nothing makes the server stumble.
        "context": {
            "user": {
                "name": name,
                "affiliation": "owner" if is_host else "member",
                "moderator": "true" if is_host else "false",
            }
        },
    }
    signed = jwt.encode(claims, settings.JITSI_APP_SECRET, algorithm="HS256")
    return f"{settings.JITSI_URL}/{room.name}?{urlencode({'jwt': signed})}"


def _subject() -> str:
    """The tenant, where the address has one, else the domain; in lower case."""
    parts = urlsplit(settings.JITSI_URL)
    return (parts.path.strip("/").rpartition("/")[2] or parts.hostname or "").lower()
