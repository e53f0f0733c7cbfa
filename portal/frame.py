"""The frame of a page, copied: head, bar, ways to the other rooms, keys. It is the same from page to page of a reader.

For a page that is drawn many times in a minute and whose own content is quickly drawn (portal.jinja), walking the
templates of the frame would take as long as the content.
"""

from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.contrib.auth.context_processors import PermWrapper
from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

from portal.copies import PK_MARK, copied, mark, secret_of
from portal.desk.access import way_back
from portal.models import User
from portal.roles import permissions_of


def framed(request: HttpRequest, template: str, *, path: str = "", **values: Any) -> SafeString:
    """Return the HTML of a page for somebody who is signed in.

    The template differs from one request to the next by nothing but `values` (text, or HTML that is marked as safe),
    who reads it, and the messages that await them. `path` is where the page stands, if not where it was asked for.
    """
    user: User = request.user  # type: ignore[assignment]
    if len(get_messages(request)):
        # Said once: there is nothing to copy.
        return mark_safe(get_template(template).render({**values, "stands_at": path}, request))  # noqa: S308 - a template's
    reader = {"pk": user.pk, "short_name": user.get_short_name(), "display_name": user.display_name}
    asked = {"path": path or way_back(request), "secret": secret_of(request)}
    match = request.resolver_match
    key = (
        *(user.role, user.is_active and permissions_of(user.role), user.has_keys),
        *(match.url_name if match else "", settings.SITE_NAME, *values),
    )
    return copied(template, key, lambda: _of_anybody(request, values), {**values, **reader, **asked})


def _of_anybody(request: HttpRequest, values: dict[str, Any]) -> dict[str, Any]:
    """What the template is drawn with once: this reader's rights, and marks for all else."""
    given: User = request.user  # type: ignore[assignment]
    user = User(
        pk=PK_MARK,
        role=given.role,
        is_active=given.is_active,
        has_keys=given.has_keys,
        display_name=mark("display_name"),
    )
    user.get_short_name = lambda: mark("short_name")  # type: ignore[method-assign]
    asked = SimpleNamespace(
        user=user,
        resolver_match=request.resolver_match,
        _secret_of_page=mark("secret"),
    )
    drawn = {"request": asked, "user": user, "perms": PermWrapper(user), "stands_at": mark("path")}
    return drawn | {name: mark(name) for name in values}
