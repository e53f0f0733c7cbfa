"""Who hears what: leads, managers and analysts all rates, a lead only their own team's by name.

Agents do not come here: a colleague's rate is for whoever can allow for what stands behind it.
"""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpResponseBase

from portal.desk.access import DeskRequest, desk_required
from portal.models import User
from portal.roles import Role

View = Callable[..., HttpResponseBase]


def insight_required(view: View, *, permission: str = "feedback.view_insight") -> View:
    """Let in those who may hear, from the desk; strangers sign in first."""

    def guarded(request: DeskRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(permission):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return desk_required(guarded)


def agents_for(user: User) -> dict[int, str]:
    """Return the names of the colleagues about whom somebody may be told, by primary key (1 query)."""
    colleagues = User.objects.exclude(role=Role.INTEGRATION)
    if not user.has_perm("feedback.view_all_agents"):
        colleagues = colleagues.filter(Q(lead=user) | Q(pk=user.pk))
    return dict(colleagues.order_by("display_name", "pk").values_list("pk", "display_name"))
