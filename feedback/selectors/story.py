"""An answer's evidence as a small story: sentences in the order of time, for a manager to read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, pairwise

from django.conf import settings
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from feedback.enums import Conflict, Doubt, Enjoyed, LinkPurpose, Outcome
from feedback.models import Answer, Invitation, Visit

# What one visitor opens within this time of the last opening is told in one sentence.
_TOGETHER = timedelta(seconds=10)
# So many visits are told; of more than that, how many there were.
_MOST = 200


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence of the story, its time, and whether it is one that an answer hangs on."""

    at: datetime
    text: str
    is_press: bool = False


def evidence_story(*, answer: Answer) -> list[Line]:
    """Tell all that is known about the answers of one invitation, in the order of time, in five queries at most.

    Visitors are called A, B, C in the order in which they came; what tells them apart is not shown.
    """
    invitation = Invitation.objects.select_related("letter").get(pk=answer.invitation_id)
    visits = list(
        Visit.objects.filter(link__invitation=invitation).select_related("link").order_by("visited_at", "pk")[:_MOST]
    )
    lines = [*_letter(invitation), *_tell(visits), *_withdrawals(invitation)]
    lines.sort(key=lambda line: line.at)
    more = Visit.objects.filter(link__invitation=invitation).count() - len(visits)
    if more > 0:
        rest = ngettext("There was %(count)d more visit.", "There were %(count)d more visits.", more)
        lines.append(Line(visits[-1].visited_at, rest % {"count": more}))
    return lines


def _letter(invitation: Invitation) -> Iterator[Line]:
    """Each sending has links of its own, made as the letter left."""
    left = sorted({link.minted_at for link in invitation.links.filter(purpose=LinkPurpose.ANSWER)})
    letter = invitation.letter
    for number, at in enumerate(left):
        sent_at = letter.sent_at if letter else None
        when = sent_at if sent_at and at <= sent_at <= at + settings.LETTER_LEASE else at
        yield Line(when, _("The letter left once more.") if number else _("The letter left."))


def _tell(visits: Sequence[Visit]) -> Iterator[Line]:
    names: dict[str, str] = {}
    for visit in visits:
        names.setdefault(visit.fingerprint, _letters(len(names)))
    for bunch in _bunches(visits):
        first, who = bunch[0], _("Visitor %(name)s") % {"name": names[bunch[0].fingerprint]}
        text = f"{_after(first)}{who} {_deed(bunch)}"
        yield Line(first.visited_at, text, is_press=bool(first.outcome))


def _bunches(visits: Sequence[Visit]) -> Iterator[list[Visit]]:
    """Put together what one visitor opened within seconds; a press stands alone."""
    bunch: list[Visit] = []
    for visit in visits:
        is_more = (
            bunch
            and visit.method != "POST"
            and bunch[-1].method != "POST"
            and visit.fingerprint == bunch[-1].fingerprint
            and visit.visited_at - bunch[-1].visited_at <= _TOGETHER
        )
        if bunch and not is_more:
            yield bunch
            bunch = []
        bunch.append(visit)
    if bunch:
        yield bunch


def _deed(bunch: Sequence[Visit]) -> str:
    visit = bunch[0]
    if visit.link.purpose == LinkPurpose.MENDED:
        return _about_mending(visit)
    if visit.outcome:
        return _press(visit)
    if visit.method == "POST":
        return _other_post(visit)
    if any(one.is_decoy for one in bunch):
        count = len({(one.link_id, one.hint) for one in bunch})
        if count == 1:
            return _("opened a link that people cannot see. Only programs do that.")
        several = _("opened %(count)d links within seconds, one of which people cannot see. Only programs do that.")
        return several % {"count": count}
    return _look(bunch)


def _about_mending(visit: Visit) -> str:
    if visit.method == "POST":
        return _("answered the question whether we put it right.")
    return _("opened the page that asks whether we put it right.")


def _other_post(visit: Visit) -> str:
    if visit.link.purpose == LinkPurpose.STOP:
        return _("asked us to stop asking.")
    if visit.is_decoy:
        return _("sent something to a link that people cannot see. Only programs do that.")
    return _("sent something that was no press of an answer, such as words.")


def _look(bunch: Sequence[Visit]) -> str:
    """Tell what somebody who opened pages of ours looked at."""
    hints = [one.hint for one in bunch if one.hint]
    if len(set(hints)) == len(Enjoyed.values):
        return _("opened the links of all answers within seconds, as programs do.")
    if all(one.method == "HEAD" for one in bunch):
        return _("asked for the page without reading it, as programs do.")
    if any(one.is_again for one in bunch):
        return _("was asked once more, with no answer chosen.")
    if bunch[0].link.purpose == LinkPurpose.STOP:
        return _("opened the page on which one can stop being asked.")
    named = [f"“{Enjoyed(hint).label}”" for hint, _same in groupby(hints)]
    if named:
        return _("opened the page for %(answers)s.") % {"answers": get_text_list(named, _("and"))}
    return _("opened the page.")


def _press(visit: Visit) -> str:
    said = _("pressed “%(answer)s”.") % {"answer": Enjoyed(visit.hint).label}
    meaning = {
        Outcome.COUNTED: _("This counts."),
        Outcome.CHANGED: _("This changed the answer, and counts."),
        Outcome.SAME: _("That was the answer already."),
        Outcome.DOUBTFUL: _("This is not counted, and stands in nobody's way: %(why)s."),
        Outcome.CONFLICTING: _("Another answer counts, so this one is kept beside it and changes nothing."),
    }[Outcome(visit.outcome)]
    return f"{said} {meaning % {'why': _reasons(visit.doubts)} if visit.doubts else meaning}"


def _withdrawals(invitation: Invitation) -> Iterator[Line]:
    """Tell which answers counted until what came afterwards showed a program."""
    for answer in invitation.answers.filter(is_counted=False):
        events = list(answer.events.order_by("pgh_id"))  # type: ignore[attr-defined]
        for before, after in pairwise(events):
            if before.is_counted and not after.is_counted:
                text = _("The answer “%(answer)s” was withdrawn for what its visitor did afterwards: %(why)s.") % {
                    "answer": answer.get_enjoyed_display(),
                    "why": _reasons(after.doubts),
                }
                yield Line(after.pgh_created_at, text, is_press=True)


def _reasons(doubts: Sequence[str]) -> str:
    return "; ".join(_lower(Doubt(doubt).label) for doubt in doubts)


def _after(visit: Visit) -> str:
    """Say how long after the letter, where that tells something: within the first minutes."""
    if visit.after_letter is None or not timedelta(0) <= visit.after_letter < timedelta(minutes=5):
        return ""
    seconds = int(visit.after_letter.total_seconds())
    text = ngettext("%(count)d second after the letter: ", "%(count)d seconds after the letter: ", seconds)
    return text % {"count": seconds}


def _letters(number: int) -> str:
    """Return A … Z, AA, AB …"""
    name = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def state_of(answer: Answer) -> str:
    """Say in a few words what an answer is: counted, counted and disputed, doubtful, or conflicting."""
    if answer.is_counted:
        is_disputed = getattr(answer, "is_disputed", False)
        return _("Counted, but another answer conflicts with it") if is_disputed else _("Counted")
    if answer.conflict:
        return _("Not counted: %(why)s") % {"why": _lower(Conflict(answer.conflict).label)}
    return _("Doubtful, not counted")


def _lower(label: object) -> str:
    text = str(label)
    return text[:1].lower() + text[1:]
