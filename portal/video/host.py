"""The host's door to a room."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models.functions import Now
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from customers.models import Customer
from portal.desk.access import DeskRequest, desk_required
from portal.video.server import address_of, has_server
from tiers.models import VideoRoom


@require_safe
@desk_required
def join(request: DeskRequest, public_id: UUID, pk: int) -> HttpResponse:
    """Lead a colleague into the room that they made, as its host. A link, not a press: nothing changes by it."""
    if not request.user.has_perm("tiers.add_videoroom"):
        raise PermissionDenied
    customer = get_object_or_404(Customer.objects.visible_to(request.user), public_id=public_id)
    mine = VideoRoom.objects.live().filter(customer=customer, agent=request.user, interaction__closed_at=None)
    room: Any = get_object_or_404(mine.annotate(now=Now()), pk=pk if has_server() else None)
    address = address_of(room, name=request.user.display_name, now=room.now, is_host=True)
    return HttpResponse(status=303, headers={"Location": address})
