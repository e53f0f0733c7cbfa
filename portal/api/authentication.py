"""`Authorization: Bearer reg_…`, looked up by hash."""

from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from portal.models import ApiToken, User

_A_MINUTE = timedelta(minutes=1)


class TokenAuthentication(BaseAuthentication):
    """Knows a program by its token; the token's scopes go with the request as `request.auth`."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """Return the user and the token; unknown, expired and revoked ones are refused in the same words."""
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != b"bearer":
            return None
        key = words[1].decode("ascii", "replace") if len(words) == 2 else ""
        # Once a minute is enough to see that it is in use, and spares a write with every call.
        stale = Q(last_used_at=None) | Q(last_used_at__lt=Now() - _A_MINUTE)
        live = ApiToken.objects.live().select_related("user")
        token = live.annotate(is_stale=stale).filter(key_hash=ApiToken.hash_of(key)).first()
        if token is None:
            raise AuthenticationFailed(_("This token is not known here, or it has ended."))
        if token.is_stale:
            ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=Now())
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """Make a refusal a 401 and not a 403."""
        return "Bearer"


class TokenScheme(OpenApiAuthenticationExtension):
    """Tells the schema about the token."""

    target_class = "portal.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "reg_…",
            "description": "A key made in the admin or by `manage.py token create`. It has scopes and an end.",
        }


def scopes_of(auth: Any) -> set[str] | None:
    """Return the scopes that limit a request; None for somebody who is signed in by session."""
    return set(auth.scopes) if isinstance(auth, ApiToken) else None
