"""Ends the lines of a session that is signed out."""

from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from portal.models import User
from portal.pops.signs import end_lines
from portal.pops.streams import session_name


@receiver(user_logged_out, dispatch_uid="portal.pops")
def end_desks(request: HttpRequest | None, user: User | None, **more: Any) -> None:
    """End them in every process; a browser that comes back is asked to sign in."""
    name = session_name(request.session.session_key) if request is not None and hasattr(request, "session") else ""
    if user is not None and name:
        end_lines(user_id=user.pk, names=(name,))
