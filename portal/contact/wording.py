"""The words of the line to open with, in the languages that our customers speak. The agent reads it aloud."""

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from customers.enums import IncidentKind
from portal.contact import opening
from portal.contact.opening import Facts, Kind, Line

_NOON, _EVENING, _NIGHT = 12, 18, 4
_SAYS = {
    Kind.WAITED: gettext_noop("%(name)s, I am sorry that we kept you waiting. Now I am here for you."),
    Kind.MENDED: gettext_noop("%(name)s, thank you for your patience with us. I hope that all is well now."),
    Kind.CAME_BACK: gettext_noop("%(name)s, thank you for coming back to us. It is good to have you here."),
    Kind.TENTH: gettext_noop("%(name)s, that was your tenth order with us. Thank you: it is good to have you here."),
    Kind.ANNIVERSARY: gettext_noop(
        "%(name)s, you have been with us since %(year)s, to the week. Thank you for staying."
    ),
    Kind.HELP: gettext_noop("How can I help you?"),
}
_THINGS = {
    opening.PROMISE: gettext_noop("we have not kept our promise to you"),
    opening.PROMISE_SAID: gettext_noop("we have not kept our promise to you"),
    opening.ANSWER: gettext_noop("you did not enjoy our service"),
    IncidentKind.LATE: gettext_noop("your order came late"),
    IncidentKind.BROKEN: gettext_noop("what we sent you arrived broken"),
    IncidentKind.RETURNED: gettext_noop("you had to send something back"),
    IncidentKind.WRONG_BILL: gettext_noop("we sent you a wrong bill"),
    IncidentKind.WAITING: gettext_noop("we kept you waiting"),
    IncidentKind.COURTESY: gettext_noop("we did not treat you as we should have"),
    IncidentKind.MIX_UP: gettext_noop("we mixed something up"),
    IncidentKind.DIGITAL: gettext_noop("our website let you down"),
}
_SOMETHING = gettext_noop("something went wrong on our side")


def write_line(line: Line, facts: Facts, *, language: str, house: str) -> str:
    """Return what a line says in a language. What a colleague wrote is quoted in the house's language alone."""
    with translation.override(language):
        return _write(line, facts, quotes=language == house)


def _write(line: Line, facts: Facts, *, quotes: bool) -> str:
    if line.kind == Kind.APOLOGY:
        return _apology(line, facts, quotes=quotes)
    if line.kind == Kind.GREETING:
        return _greeting(facts)
    return _(_SAYS[line.kind]) % {"name": facts.name, "year": facts.since_year}


def _greeting(facts: Facts) -> str:
    if _NIGHT <= facts.hour < _NOON:
        says = _("Good morning, %(name)s. How can I help you?")
    elif _NOON <= facts.hour < _EVENING:
        says = _("Good afternoon, %(name)s. How can I help you?")
    else:
        says = _("Good evening, %(name)s. How can I help you?")
    return says % {"name": facts.name}


def _apology(line: Line, facts: Facts, *, quotes: bool) -> str:
    things = [_thing(thing, facts, quotes=quotes) for thing in line.things]
    if not things:
        says = _("%(name)s, we owe you an apology.") % {"name": facts.name}
    elif len(things) == 1:
        says = _("%(name)s, we owe you an apology: %(thing)s.") % {"name": facts.name, "thing": things[0]}
    else:
        both = {"name": facts.name, "one": things[0], "other": things[1]}
        says = _("%(name)s, we owe you an apology: %(one)s, and %(other)s.") % both
    return f"{says} {_('I will stay with it until it is put right.')}"


def _thing(thing: str, facts: Facts, *, quotes: bool) -> str:
    """Name what we are sorry for, as a part of a sentence."""
    if thing == opening.PROMISE_SAID and quotes:
        return _("we promised to %(what)s, and have not done it yet") % {"what": _within(facts.promise)}
    return _(_THINGS.get(thing, _SOMETHING))


def _within(promise: str) -> str:
    """A promise as a part of a sentence: without its capital and its full stop."""
    return (promise[:1].lower() + promise[1:]).rstrip(" .!")
