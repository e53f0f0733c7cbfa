"""What a role and a token's scopes allow, asked of every view."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from rest_framework.exceptions import MethodNotAllowed, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from portal.api.authentication import scopes_of

if TYPE_CHECKING:
    # Views ask for this class as they are defined.
    from rest_framework.views import APIView


class RolePermission(BasePermission):
    """Checks the view's `permission_required` and `scope_required`, each a map from method to a name.

    A method that a view does not name is refused: a door that nobody thought of stays shut.
    """

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not request.user.is_authenticated:
            return False
        method = "GET" if request.method == "HEAD" else str(request.method)
        named: dict[str, str] = getattr(view, "permission_required", {})
        if method not in named:
            raise MethodNotAllowed(str(request.method))
        if not request.user.has_perm(named[method]):
            raise PermissionDenied(_("Your role does not reach this far."))
        scopes = scopes_of(request.auth)
        if scopes is not None and getattr(view, "scope_required", {}).get(method) not in scopes:
            raise PermissionDenied(_("This token is not for that: it lacks the scope."))
        return True
