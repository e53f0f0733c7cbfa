"""A gesture where we failed them and nothing has been given since."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from customers.enums import IncidentKind
from portal.hints.providers.candidate import Candidate, on_day

if TYPE_CHECKING:
    from datetime import datetime

    from portal.contact.contact import Contact

_BECAUSE = {
    IncidentKind.LATE: gettext_noop("Because we were late %(day)s"),
    IncidentKind.BROKEN: gettext_noop("Because their parcel came broken %(day)s"),
    IncidentKind.RETURNED: gettext_noop("Because they had to send something back %(day)s"),
    IncidentKind.WRONG_BILL: gettext_noop("Because their bill was wrong %(day)s"),
    IncidentKind.WAITING: gettext_noop("Because we kept them waiting %(day)s"),
    IncidentKind.COURTESY: gettext_noop("Because we were not courteous %(day)s"),
    IncidentKind.MIX_UP: gettext_noop("Because we mixed something up %(day)s"),
    IncidentKind.DIGITAL: gettext_noop("Because our website failed them %(day)s"),
}
_LET_DOWN = gettext_noop("Because we let them down %(day)s")


def candidates(contact: "Contact") -> list[Candidate]:
    """Return at most one: for an answer that we have to mend, else for the worst open incident of ours.

    The catalogue says which gesture fits best; without one it is left to the colleague.
    """
    best = next(iter(contact.giving.fitting), None)
    text = _("Make it good with a small gesture: a note by hand, or the delivery charge given back")
    if best is not None:
        text = _("Make it good with a gesture: %(gesture)s") % {"gesture": best.name}
    for recovery in contact.recoveries:
        if not _is_given_since(contact, recovery.opened_at):
            day = on_day(recovery.opened_at, contact.now)
            reason = _("Because they told us %(day)s that they did not enjoy it, and nothing has been given since.")
            return [Candidate(f"gesture:recovery:{recovery.pk}", text, reason % {"day": day}, "feedback.view_recovery")]
    for incident in contact.open_incidents:
        if incident.is_our_fault and not _is_given_since(contact, incident.happened_at):
            reason = _("%(because)s, and nothing has been given since.")
            because = because_of(incident.kind, on_day(incident.happened_at, contact.now))
            return [
                Candidate(
                    f"gesture:incident:{incident.pk}", text, reason % {"because": because}, "customers.view_incident"
                )
            ]
    return []


def _is_given_since(contact: "Contact", at: "datetime") -> bool:
    given_at = contact.hint_facts.gesture_at
    return given_at is not None and given_at >= at


def because_of(kind: str, day: str) -> str:
    """Return what went wrong as a reason: “Because their parcel came broken on 3 March”."""
    return _(_BECAUSE.get(IncidentKind(kind), _LET_DOWN)) % {"day": day}
