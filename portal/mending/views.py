"""The board, and one recovery with its story."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from portal.audit import note_reading
from portal.desk.access import DeskRequest, desk_required
from portal.mending.pages import board_page, get_recovery, one_page
from portal.models import Reading


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
    recovery = get_recovery(request, pk)
    note_reading(user=request.user, customers=[recovery.customer], door=Reading.Door.CONTACT_VIEW)
    return one_page(request, recovery)
