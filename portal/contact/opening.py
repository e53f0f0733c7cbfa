"""Which line to open with: an apology where we owe one, else thanks where there is cause, else a greeting.

Pure, without Django. From what is known it makes a list of lines, the best first, and takes the first that says nothing
of what a do-not-say note forbids. Which words a line is said in is for `portal.contact.wording`.

The rules, in order:

1. Where we owe an apology, there is no thanks and no celebration: the two worst things are named, or one, or none.
2. Else, on the first contact since something was mended, thanks for their patience.
3. Else a celebration: the first order after a return, the tenth order, the anniversary. None of these where something
   is wrong that is not our fault, and none where they want no news of ours: then we do not speak of what they buy.
4. Else a greeting by name and time of day; in the last resort, where even that is forbidden, an offer of help.

Where they do not want to be asked how it was, we do not speak of what they answered. Where there is a private note that
the reader may not see, no line names anything.

A note forbids a word where a word of the note, except for small ones, begins alike: “wedding” and “weddings”, “late”
and “lately”. It is a guard for the suggestion, and no understanding of language.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum

from customers.names import words

TENTH = 10
# The days after an anniversary on which it may still be celebrated, and after an order.
ANNIVERSARY_DAYS, ORDER_DAYS, MENDED_DAYS = 7, 60, 30
# The things that an apology can name, besides the kinds of incidents.
PROMISE, PROMISE_SAID, ANSWER, WAITING = "promise", "promise_said", "answer", "waiting"


class Kind(Enum):
    """What a line does."""

    APOLOGY = "apology"
    WAITED = "waited"
    MENDED = "mended"
    CAME_BACK = "came_back"
    TENTH = "tenth"
    ANNIVERSARY = "anniversary"
    GREETING = "greeting"
    HELP = "help"


APOLOGIES = {Kind.APOLOGY, Kind.WAITED}
CELEBRATIONS = {Kind.CAME_BACK, Kind.TENTH, Kind.ANNIVERSARY}


@dataclass(frozen=True, slots=True)
class Facts:
    """What the line is made from. `owed`: what we owe an apology for, worst first; `hour`: on the customer's clock."""

    name: str
    hour: int = 9
    owed: tuple[str, ...] = ()
    promise: str = ""
    is_troubled: bool = False
    is_mended: bool = False
    has_come_back: bool = False
    is_tenth: bool = False
    since_year: int | None = None
    cautions: tuple[str, ...] = ()
    is_guarded: bool = False
    refuses_asking: bool = False
    refuses_news: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line to say: what it does, what it names, and words that it is about besides those that it says."""

    kind: Kind
    things: tuple[str, ...] = ()
    about: frozenset[str] = field(default_factory=frozenset)


# What a line is about, beyond the words that are in it.
_ABOUT = {
    "late": "delay delivery parcel courier",
    "broken": "damage breakage",
    "returned": "return refund",
    "wrong_bill": "invoice money",
    WAITING: "hold queue",
    "courtesy": "rude",
    "digital": "app online",
    ANSWER: "feedback survey answer rating",
    PROMISE: "promise",
    PROMISE_SAID: "promise",
    Kind.APOLOGY: "apologise apologize apology sorry",
    Kind.WAITED: "apologise apologize apology sorry hold queue",
    Kind.MENDED: "repair mend refund",
    Kind.CAME_BACK: "return refund purchase",
    Kind.TENTH: "celebrate congratulate milestone purchase",
    Kind.ANNIVERSARY: "anniversary celebrate congratulate years",
}
_SMALL_WORDS = (
    "a about again all an and any anything are as ask at be because been before bring but by call discuss do does done "
    "dont ever for from has have he her hers him his how if in into is it its let may me mention must my name never no "
    "not nothing of on or our please raise say she should so speak suggest talk tell than that the their them there "
    "they this to told up us use was we were what when with without you your"
)
_SMALL = frozenset(_SMALL_WORDS.split())


def candidates(facts: Facts) -> list[Line]:
    """Return the lines that fit, the best first. The last one is an offer of help, which says nothing of anybody."""
    return [*_fitting(facts), _line(Kind.GREETING), _line(Kind.HELP)]


def choose(facts: Facts, write: Callable[[Line], Iterable[str]]) -> Line:
    """Return the best line that no note forbids; `write` gives what a line says, in each of its languages."""
    found = candidates(facts)
    if not facts.cautions:
        return found[0]
    return next((line for line in found if not is_forbidden(facts.cautions, write(line), line.about)), found[-1])


def is_forbidden(cautions: Iterable[str], texts: Iterable[str], about: Collection[str] = ()) -> bool:
    """Say whether a do-not-say note forbids a word of some texts, or of what they are `about`."""
    forbidden = {word for caution in cautions for word in words(caution)} - _SMALL
    if not forbidden:
        return False
    said = {word for text in texts for word in words(text)} | set(about)
    return any(_alike(one, other) for one in forbidden for other in said)


def _fitting(facts: Facts) -> list[Line]:
    if facts.owed:
        return _apologies(facts)
    if facts.is_guarded or facts.is_troubled:
        return []
    lines = [_line(Kind.MENDED)] if facts.is_mended else []
    if facts.refuses_news:
        return lines
    causes = (
        (facts.has_come_back, Kind.CAME_BACK),
        (facts.is_tenth, Kind.TENTH),
        (facts.since_year is not None, Kind.ANNIVERSARY),
    )
    return [*lines, *(_line(kind) for holds, kind in causes if holds)]


def _apologies(facts: Facts) -> list[Line]:
    if facts.is_guarded:
        return [_line(Kind.APOLOGY)]
    things = [thing for thing in dict.fromkeys(facts.owed) if not (thing == ANSWER and facts.refuses_asking)]
    if things == [WAITING]:
        return [_line(Kind.WAITED), _line(Kind.APOLOGY)]
    lines = []
    for named in (things[:2], *([thing] for thing in things)):
        # “VAT receipt” is no verb: then the promise is not quoted.
        if PROMISE in named and not facts.promise[1:2].isupper() and facts.promise:
            lines.append(_line(Kind.APOLOGY, [PROMISE_SAID if thing == PROMISE else thing for thing in named]))
        lines.append(_line(Kind.APOLOGY, named))
    return [*lines, _line(Kind.APOLOGY)]


def _line(kind: Kind, things: Sequence[str] = ()) -> Line:
    about = " ".join(_ABOUT.get(one, "") for one in (kind, *things))
    return Line(kind, tuple(things), frozenset(about.split()))


def _alike(one: str, other: str) -> bool:
    """Whether two folded words begin alike, as far as the shorter one goes, five letters at most."""
    if one == other:
        return True
    shorter = min(len(one), len(other), 5)
    return shorter >= 4 and one[:shorter] == other[:shorter]
