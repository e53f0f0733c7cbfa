"""Hands a provider's reports to the facts."""

import re
from typing import Any
from uuid import UUID

from anymail.signals import AnymailTrackingEvent, EventType, tracking
from django.dispatch import receiver

from customers.bounces import Bounce, Report
from customers.services.bounces import note_bounce

_REPORTS = {
    EventType.BOUNCED: Report.FAILED,
    EventType.REJECTED: Report.FAILED,
    EventType.FAILED: Report.FAILED,
    EventType.DEFERRED: Report.DELAYED,
    EventType.DELIVERED: Report.DELIVERED,
    EventType.COMPLAINED: Report.JUNK,
}
_STATUS = re.compile(r"\b[45]\.\d{1,3}\.\d{1,3}\b")
# Where a provider says by its own words alone that the address is not there.
_GONE = {"HardBounce", "BadEmailAddress", "suppress-bounce"}


@receiver(tracking, dispatch_uid="portal.post")
def note_report(event: AnymailTrackingEvent, esp_name: str, **more: Any) -> None:
    """Note one report; what is none of our business (opened, clicked) is passed over."""
    kind = _REPORTS.get(event.event_type)
    if kind is None:
        return
    said = " ".join(str(event.mta_response or event.description or "").split())
    raw = event.esp_event if isinstance(event.esp_event, dict) else {}
    data = raw.get("event-data") or {}
    status = _STATUS.search(said)
    code = str((data.get("delivery-status") or {}).get("code", ""))
    quoted = f"smtp; {code} {said}" if code and not status else f"{esp_name}: {said}"
    is_gone = {str(raw.get("Type", "")), str(data.get("reason", ""))} & _GONE
    bounce = Bounce(
        report=kind,
        message_id=str(event.message_id or ""),
        number="",
        recipients=(str(event.recipient),) if event.recipient else (),
        status=status[0] if status else "5.1.0" if is_gone else "",
        words=quoted[:500],
        key=f"{esp_name}:{event.event_id}" if event.event_id else "",
    )
    note_bounce(bounce=bounce, public_id=_number_of(event))


def _number_of(event: AnymailTrackingEvent) -> str:
    """Return the letter's number where the provider gives it back, and it is one."""
    try:
        return str(UUID(str((event.metadata or {}).get("letter", ""))))
    except ValueError:
        return ""
