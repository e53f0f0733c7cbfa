"""The board, and one recovery with its story."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from portal.desk.access import DeskRequest, desk_required
from portal.mending.pages import board_page, get_recovery, one_page


@require_safe
@desk_required
def board(request: DeskRequest) -> HttpResponse:
    """What is due, what is late, and by whom: one's own, or with the permission everybody's."""
    if not request.user.has_perm("feedback.view_recovery"):
        raise PermissionDenied
    return board_page(request)


@require_safe
@desk_required
def one(request: DeskRequest, pk: int) -> HttpResponse:
    """What they said, what happened since, and what may be done."""
    return one_page(request, get_recovery(request, pk))
