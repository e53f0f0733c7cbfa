"""What a role and a token's scopes allow, asked of every view."""

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from portal.api.authentication import scopes_of


class RolePermission(BasePermission):
    """Checks the view's `permission_required` and `scope_required`, each a map from method to a name.

    A method that a view does not name is refused: a door that nobody thought of stays shut.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        if request.method == "OPTIONS":
            return bool(request.user and request.user.is_authenticated)
        permission = getattr(view, "permission_required", {}).get(request.method)
        if permission is None or not request.user.is_authenticated or not request.user.has_perm(permission):
            return False
        scopes = scopes_of(request.auth)
        return scopes is None or getattr(view, "scope_required", {}).get(request.method) in scopes
