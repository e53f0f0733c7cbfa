"""One line of the timeline for each thing that happened, in the words of a good host."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.dateparse import parse_duration
from django.utils.translation import gettext as _

from customers.enums import Channel, IncidentKind, LetterState
from customers.models import Order
from feedback.enums import Enjoyed, NotAsked, WaitsFor
from portal import dates
from portal.contact.parts.part import moment
from portal.money import write_money


@dataclass(frozen=True)
class Line:
    """What happened: when, in a sentence, with a quiet remark. `mood` is "", "owing" or "good".

    `ended_at`, `agent_id`: of a contact that is closed, and of which nobody has said that it was a mistake.
    """

    at: datetime
    day: str
    text: str
    remark: str = ""
    amount: str = ""
    mood: str = ""
    ended_at: datetime | None = None
    agent_id: int | None = None


@dataclass(frozen=True)
class Pinned:
    """That an entry is pinned: why, in words, and who and when in a quiet remark."""

    pk: int
    at: datetime
    reason: str
    remark: str


Writer = Callable[[datetime, dict[str, Any], datetime], Line]


def _line(at: datetime, now: datetime, text: str, *remarks: str, amount: str = "", mood: str = "") -> Line:
    return Line(at, dates.short_day(at, now=now), text, " · ".join(filter(None, remarks)), amount, mood)


def pinned(data: dict[str, Any], now: datetime) -> Pinned:
    """Write what stands at a pinned entry."""
    at = moment(data["at"])
    assert at is not None  # noqa: S101 - the column is not null
    day = dates.day(at, now=now)
    return Pinned(data["pk"], at, data["reason"], _("pinned by %(name)s, %(day)s") % {"name": data["by"], "day": day})


def order(at: datetime, data: dict[str, Any], now: datetime) -> Line:
    is_return = data["kind"] == Order.Kind.RETURN
    text = _("Return %(number)s") if is_return else _("Order %(number)s")
    text %= {"number": data["number"]}
    if data["what"]:
        text = f"{text}, {data['what']}"
    fault = _("Our fault, so it does not count against them") if data["is_our_fault"] else ""
    amount = write_money(Decimal(data["amount"]), data["currency"]) if "amount" in data else ""
    return _line(at, now, text, fault, amount=amount)


def interaction(at: datetime, data: dict[str, Any], now: datetime) -> Line:
    channel = str(Channel(data["channel"]).label)
    text = f"{channel}: {data['subject']}" if data["subject"] else channel
    waited = parse_duration(data["waited"]) if data["waited"] else None
    kept = _("kept waiting %(span)s") % {"span": dates.span(waited)} if waited else ""
    state = "" if data["closed_at"] else _("still open")
    if data["is_mistaken"]:
        return _line(at, now, text, data["note"], _("opened by mistake"), data["agent"] or "")
    why_not = NotAsked(data["not_asked"]).label if data["not_asked"] else ""
    asked = _("Not asked how it was: %(reason)s") % {"reason": _lower(str(why_not))} if why_not else ""
    if data["waits_for"]:
        asked = _("Not asked yet: that waits %(what)s") % {"what": _lower(str(WaitsFor(data["waits_for"]).label))}
    line = _line(at, now, text, data["note"], data["place"], data["agent"] or "", kept, state, asked)
    return replace(line, ended_at=moment(data["closed_at"]), agent_id=data["agent_id"])


def _lower(sentence: str) -> str:
    """A sentence as a part of another one."""
    return sentence[:1].lower() + sentence[1:]


def letter(at: datetime, data: dict[str, Any], now: datetime) -> Line:
    state = _("it came back") if data["bounced_at"] else str(LetterState(data["state"]).label)
    return _line(at, now, _("We wrote: “%(subject)s”") % {"subject": data["subject"]}, state)


def answer(at: datetime, data: dict[str, Any], now: datetime) -> Line:
    said = str(Enjoyed(data["enjoyed"]).label)
    text = _("We asked whether they enjoyed our service. “%(answer)s”") % {"answer": said}
    if data["comment"]:
        text = _("%(text)s: “%(comment)s”") % {"text": text, "comment": data["comment"]}
    counted = "" if data["is_counted"] else _("perhaps not a person; not counted")
    if data["conflict"]:
        counted = _("another answer stands; kept beside it")
    opened = _("We set out to mend it") if data["recovery"] else ""
    mood = "good" if data["enjoyed"] == Enjoyed.YES else "owing"
    return _line(at, now, text, counted, opened, mood=mood if data["is_counted"] else "")


def incident(at: datetime, data: dict[str, Any], now: datetime) -> Line:
    resolved = moment(data["resolved_at"])
    put_right = _("put right %(day)s") % {"day": dates.day(resolved, now=now)} if resolved else _("not put right yet")
    if data["resolution"]:
        put_right = f"{put_right}: {data['resolution']}"
    kind = str(IncidentKind(data["kind"]).label)
    return _line(at, now, data["text"], kind, data["place"], put_right, mood="" if resolved else "owing")


def promise(at: datetime, data: dict[str, Any], now: datetime) -> Line:
    due, kept, broken = moment(data["due_at"]), moment(data["kept_at"]), moment(data["broken_at"])
    assert due is not None  # noqa: S101 - the column is not null
    text = _("We promised: %(text)s") % {"text": data["text"]}
    by = _("by %(moment)s") % {"moment": dates.moment(due, now=now)}
    if data["is_mistaken"]:
        return _line(at, now, text, by, _("promised by mistake"), data["owner"] or "")
    late = kept is not None and kept > due
    if kept:
        state = _("kept, %(span)s late") % {"span": dates.span(kept - due)} if late else _("kept")
    elif broken:
        state = _("not kept")
    else:
        state = _("open, late") if due < now else _("open")
    mood = "owing" if broken or late or (not kept and due < now) else ""
    return _line(at, now, text, by, state, data["owner"] or "", mood=mood)


def move(at: datetime, data: dict[str, Any], now: datetime) -> Line:
    names = {"from": data["from"], "to": data["to"]}
    if data["from"] is None:
        return _line(at, now, _("Became a %(to)s") % names)
    if data["reason"] == "demoted":
        return _line(at, now, _("Moved from %(from)s to %(to)s") % names)
    return _line(at, now, _("Moved up from %(from)s to %(to)s") % names, mood="good")


def gesture(at: datetime, data: dict[str, Any], now: datetime) -> Line:
    return _line(at, now, _("A gesture: %(what)s") % {"what": data["what"]}, data["by"] or "", mood="good")
