"""Before one speaks: what we put a customer through, worst first, how much it is, and what to say first."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language_info, gettext_noop
from django.utils.translation import gettext as _

from customers.enums import ConsentPurpose, IncidentKind
from customers.noise import Level, decayed, index, level_of
from customers.zones import zone_of
from feedback.emails import language_of
from feedback.enums import Enjoyed
from portal import dates
from portal.contact import opening
from portal.contact.opening import Facts
from portal.contact.parts.cautions import CautionRow
from portal.contact.parts.incidents import RECENT, IncidentRow
from portal.contact.parts.noise import LateRow, LowRow, Rules, Troubles, WaitRow
from portal.contact.parts.opening import Occasions
from portal.contact.parts.promises import PromiseRow
from portal.contact.parts.recoveries import RecoveryRow
from portal.contact.parts.selves import SelfRow, worst_of
from portal.contact.wording import write_line

if TYPE_CHECKING:
    from customers.models import Customer

_LEVELS = {
    Level.LITTLE: gettext_noop("a little lately"),
    Level.SOME: gettext_noop("some trouble lately"),
    Level.MUCH: gettext_noop("much lately"),
    Level.VERY_MUCH: gettext_noop("very much lately"),
}
# So many lines stand open, the worst; the rest is folded.
SHOWN = 3


@dataclass(frozen=True)
class Part:
    """One trouble in the sum: what it was, when, its weight then and now."""

    text: str
    at: datetime
    weight: float
    now: float


@dataclass(frozen=True)
class SpeakLine:
    """One line of the block. `kind` says how it is drawn: recovery, late, incident, wait, coming, past or mended."""

    kind: str
    row: Any
    weight: float
    text: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Said:
    """The suggested line: in the house's language, and in the customer's where that is another one of ours."""

    kind: str
    text: str
    language: str
    own_text: str = ""
    own_direction: str = "ltr"


@dataclass
class Speaking:
    """What to know before one speaks, reckoned from what was read."""

    customer: "Customer"
    now: datetime
    rules: Rules
    troubles: Troubles
    occasions: Occasions
    recoveries: list[RecoveryRow]
    promises: list[PromiseRow]
    incidents: list[IncidentRow]
    cautions: list[CautionRow]
    refused: list[str]
    # The same person in other roles.
    selves: list[SelfRow] = field(default_factory=list)

    # --- how much it is

    @cached_property
    def parts(self) -> list[Part]:
        """What the noise index is the sum of, the heaviest now first."""
        half_life = self.rules.weights.half_life_days
        parts = [
            Part(text, at, weight, decayed(weight, at, now=self.now, half_life_days=half_life))
            for text, at, weight in self._weighed()
            if weight
        ]
        return sorted(parts, key=lambda part: part.now, reverse=True)

    @cached_property
    def noise(self) -> float:
        """The noise index (customers.noise)."""
        weighed = [(part.weight, part.at) for part in self.parts]
        return index(weighed, now=self.now, half_life_days=self.rules.weights.half_life_days)

    @property
    def level(self) -> Level:
        return level_of(self.noise)

    @cached_property
    def level_words(self) -> str:
        """The index as one would say it; nothing where there is nothing to say."""
        return _(_LEVELS[self.level]) if self.level in _LEVELS else ""

    def _weighed(self) -> Iterator[tuple[str, datetime, float]]:
        """Every trouble: what it was, when, and what it weighed on that day."""
        weights = self.rules.weights
        for incident in self.troubles.incidents:
            yield incident.text, incident.happened_at, weights.incident(incident.severity)
        for promise in self.troubles.promises:
            late = promise.kept_at - promise.due_at if promise.kept_at else None
            weight = weights.promise if late is None else weights.promise_kept(late)
            yield _("Promise: %(text)s") % {"text": promise.text}, promise.due_at, weight
        for low in self.troubles.answers:
            weight = weights.answer(is_no=low.enjoyed == Enjoyed.NO)
            yield _("Answer: %(said)s") % {"said": Enjoyed(low.enjoyed).label}, low.answered_at, weight
        for wait in self._long_waits:
            span = dates.span(wait.length)
            yield _("Kept waiting %(span)s") % {"span": span}, wait.opened_at, weights.waited(wait.length)

    @cached_property
    def _long_waits(self) -> list[WaitRow]:
        """Waits that count, but for those that somebody wrote down as an incident."""
        told = {one.interaction_id for one in self.troubles.incidents if one.kind == IncidentKind.WAITING}
        waits = self.troubles.waits
        return [wait for wait in waits if wait.pk not in told and self.rules.weights.waited(wait.length)]

    def _now(self, weight: float, at: datetime) -> float:
        return decayed(weight, at, now=self.now, half_life_days=self.rules.weights.half_life_days)

    # --- the lines

    @cached_property
    def owed(self) -> list[SpeakLine]:
        """What is still to be made good, the heaviest now first."""
        weights = self.rules.weights
        lines = [
            SpeakLine(
                "recovery",
                one,
                self._now(weights.answer(is_no=one.enjoyed == Enjoyed.NO), one.opened_at),
                at=one.opened_at,
            )
            for one in self.recoveries
        ]
        lines += [
            SpeakLine("late", one, self._now(weights.promise, one.due_at), at=one.due_at)
            for one in self.promises
            if one.is_late(self.now)
        ]
        lines += [
            SpeakLine("incident", one, self._now(weights.incident(one.severity), one.happened_at), at=one.happened_at)
            for one in self.incidents
            if one.resolved_at is None
        ]
        lines += [self._wait_line(wait) for wait in self._long_waits if self._is_fresh(wait)]
        return sorted(lines, key=lambda line: line.weight, reverse=True)

    @cached_property
    def past(self) -> list[SpeakLine]:
        """What went wrong of late and is over, the heaviest now first."""
        weights, since = self.rules.weights, self.now - RECENT
        lines = [
            SpeakLine("mended", one, self._now(weights.incident(one.severity), one.happened_at), at=one.happened_at)
            for one in self.incidents
            if one.resolved_at is not None
        ]
        lines += [self._wait_line(one) for one in self._long_waits if one.opened_at > since and not self._is_fresh(one)]
        over = [one for one in self.troubles.promises if one.kept_at or one.broken_at]
        lines += [self._promise_line(one) for one in over if one.due_at > since]
        lines += [self._low_line(one) for one in self.troubles.answers if not one.is_open and one.answered_at > since]
        return sorted(lines, key=lambda line: line.weight, reverse=True)

    @property
    def coming(self) -> list[SpeakLine]:
        """Promises whose time is still to come, the nearest first."""
        return [SpeakLine("coming", one, 0, at=one.due_at) for one in self.promises if not one.is_late(self.now)]

    @cached_property
    def lines(self) -> list[SpeakLine]:
        """All of them: what we owe, what we still have to do, what is over; each worst first."""
        return [*self.owed, *self.coming, *self.past]

    @property
    def worst(self) -> list[SpeakLine]:
        return self.lines[: self._shown]

    @property
    def rest(self) -> list[SpeakLine]:
        return self.lines[self._shown :]

    @property
    def _shown(self) -> int:
        """What should not be said stands before what went wrong, other roles above: the block stays on one screen."""
        return SHOWN - bool(self.cautions) - bool(self.selves)

    @cached_property
    def elsewhere(self) -> SelfRow | None:
        """The role in which we let this person down worst, besides this one."""
        return worst_of(self.selves)

    @property
    def is_owing(self) -> bool:
        """Whether we owe them something: then the block stands out."""
        return bool(self.owed)

    @property
    def is_quiet(self) -> bool:
        """Whether there is nothing to know before one speaks."""
        return not (self.lines or self.refused or self.cautions or self.elsewhere)

    def _is_fresh(self, wait: WaitRow) -> bool:
        """Whether nobody can have said sorry for a wait yet: they are still here, or rang off and did not come back."""
        if wait.closed_at is None:
            return True
        last = self.occasions.last_contact_at
        since = self.now - RECENT
        return not wait.is_reached and wait.opened_at > since and (last is None or last <= wait.closed_at)

    def _wait_line(self, wait: WaitRow) -> SpeakLine:
        told = {
            "name": self.customer.address_as,
            "span": dates.span(wait.length),
            "day": _on_day(wait.opened_at, self.now),
        }
        if wait.closed_at is None:
            text = _("We kept %(name)s waiting %(span)s just now.")
        elif wait.is_reached:
            text = _("We kept %(name)s waiting %(span)s %(day)s.")
        else:
            text = _("We kept %(name)s waiting %(span)s %(day)s, and nobody came.")
        weight = self._now(self.rules.weights.waited(wait.length), wait.opened_at)
        return SpeakLine("wait", wait, weight, text % told, wait.opened_at)

    def _promise_line(self, promise: LateRow) -> SpeakLine:
        weights = self.rules.weights
        if promise.kept_at:
            late = promise.kept_at - promise.due_at
            text = _("We promised: %(text)s. We did it %(span)s late.") % {
                "text": promise.text.rstrip("."),
                "span": dates.span(late),
            }
            weight = weights.promise_kept(late)
        else:
            text = _("We promised: %(text)s. We did not keep it.") % {"text": promise.text.rstrip(".")}
            weight = weights.promise
        return SpeakLine("past", promise, self._now(weight, promise.due_at), text, promise.due_at)

    def _low_line(self, low: LowRow) -> SpeakLine:
        is_no = low.enjoyed == Enjoyed.NO
        text = _("They did not enjoy our service.") if is_no else _("They enjoyed our service only in part.")
        weight = self._now(self.rules.weights.answer(is_no=is_no), low.answered_at)
        return SpeakLine("past", low, weight, text, low.answered_at)

    # --- what to say first

    @cached_property
    def opening(self) -> Said:
        """The one line to open with, in the house's language and, where we speak it, in the customer's."""
        house = settings.LANGUAGE_CODE
        own = language_of(self.customer.language)
        facts = self.facts
        spoken = dict.fromkeys((house, own))

        def write(line: opening.Line) -> list[str]:
            return [write_line(line, facts, language=one, house=house) for one in spoken]

        line = opening.choose(facts, write)
        text, *others = write(line)
        is_rtl = get_language_info(own)["bidi"]
        return Said(line.kind.value, text, own, others[0] if others else "", "rtl" if is_rtl else "ltr")

    @cached_property
    def facts(self) -> Facts:
        """What the line is chosen by."""
        local = timezone.localtime(self.now, zone_of(self.customer.time_zone))
        newest, purchases = self.occasions.newest, self.occasions.purchases
        is_new_order = bool(purchases) and self._is_news(purchases[0], opening.ORDER_DAYS)
        return Facts(
            name=self.customer.address_as,
            hour=local.hour,
            owed=tuple(self._apologies()),
            promise=next((line.row.text for line in self.owed if line.kind == "late"), ""),
            is_troubled=bool(self.owed),
            is_mended=any(self._is_news(at, opening.MENDED_DAYS) for at in self._mended()),
            has_come_back=is_new_order and newest == ["purchase", "return"],
            is_tenth=is_new_order and len(purchases) == opening.TENTH,
            since_year=self._anniversary(local.date()),
            cautions=tuple(one.text for one in self.cautions if one.text),
            is_guarded=any(not one.text for one in self.cautions),
            refuses_asking=ConsentPurpose.FEEDBACK in self.refused,
            refuses_news=ConsentPurpose.MARKETING in self.refused,
        )

    def _apologies(self) -> Iterator[str]:
        for line in self.owed:
            if line.kind == "recovery":
                # Who was happy and asks for help is owed help, not an apology.
                if line.row.enjoyed != Enjoyed.YES:
                    yield opening.ANSWER
            elif line.kind == "late":
                yield opening.PROMISE
            elif line.kind == "wait":
                yield opening.WAITING
            elif line.row.is_our_fault:
                yield line.row.kind

    def _mended(self) -> Iterator[datetime]:
        yield from (one.resolved_at for one in self.troubles.incidents if one.resolved_at)
        yield from (one.mended_at for one in self.troubles.answers if one.mended_at and one.state == "mended")

    def _is_news(self, at: datetime, days: int) -> bool:
        """Whether something of the last days has happened since we last spoke."""
        last = self.occasions.last_contact_at
        return self.now - timedelta(days=days) < at <= self.now and (last is None or last < at)

    def _anniversary(self, today: date) -> int | None:
        """The year in which they came, within the week that follows the day, until we have spoken."""
        since = self.customer.customer_since
        if since is None or since.year >= today.year:
            return None
        years = (today.year, today.year - 1)
        on = next((one for one in (_same_day(since, year) for year in years) if one <= today), since)
        last = self.occasions.last_contact_at
        is_news = last is None or timezone.localtime(last).date() < on
        return since.year if is_news and (today - on).days < opening.ANNIVERSARY_DAYS else None


def _same_day(since: date, year: int) -> date:
    """The day of the year; 1 March for 29 February where there is none."""
    try:
        return since.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def _on_day(at: datetime, now: datetime) -> str:
    """“today”, “on Tuesday”, “on 9 November”."""
    said = dates.day(at, now=now)
    return said if said == said.lower() and not said[:1].isdigit() else _("on %(day)s") % {"day": said}
