"""What was asked for twice, for two customers who turn out to be one: one request of a kind stays open."""

import pgtrigger

from customers.enums import MergeDeed
from customers.models import Merge
from customers.selectors.clock import database_now
from customers.services.merges import Settler
from customers.services.moving import change_back, change_row
from feedback.enums import RequestState
from feedback.models import GestureRequest
from feedback.models.giving_request import ASKED_TWICE

_REQUEST = GestureRequest._meta.label_lower
_STAYS = "feedback.GestureRequest:gesturerequest_answered_stays"


def settle_requests(merge: Merge) -> None:
    """Of two open requests for one gesture the one that was asked first waits on; whoever asked the other is told."""
    both = GestureRequest.objects.open().filter(customer__in=(merge.survivor_id, merge.absorbed_id))
    kept: set[int] = set()
    # Locked: an answer that comes at this moment finds what became of it.
    for request in both.select_for_update(no_key=True).order_by("asked_at", "pk"):
        if request.kind_id in kept:
            change_row(
                merge=merge,
                row=request,
                state=RequestState.LAPSED,
                answered_at=database_now(),
                answer=ASKED_TWICE,
            )
        kept.add(request.kind_id)


def restore_requests(merge: Merge) -> None:
    """Let both wait again."""
    for step in merge.steps.filter(deed=MergeDeed.CHANGED, table=_REQUEST):
        # What is answered stays so; this one was not.
        with pgtrigger.ignore(_STAYS):
            change_back(step=step)


SETTLER = Settler(settle=settle_requests, restore=restore_requests)
