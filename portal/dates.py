"""How a good host says when: “Thursday noon”, “two days late”. The house's own time zone unless another is given."""

from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from customers.deadlines import is_second
from customers.zones import house_zone

_NUMBERS = (
    gettext_lazy("no"),
    gettext_lazy("one"),
    gettext_lazy("two"),
    gettext_lazy("three"),
    gettext_lazy("four"),
    gettext_lazy("five"),
    gettext_lazy("six"),
    gettext_lazy("seven"),
    gettext_lazy("eight"),
    gettext_lazy("nine"),
    gettext_lazy("ten"),
)


def count_word(number: int) -> str:
    """Return “two” for 2, and figures above ten."""
    return str(_NUMBERS[number]) if 0 <= number < len(_NUMBERS) else str(number)


def clock(at: datetime, zone: tzinfo | None = None) -> str:
    """Return the time of day: “noon”, “midnight” or “17:30”."""
    local = timezone.localtime(at, zone)
    if (local.hour, local.minute) == (12, 0):
        return _("noon")
    if (local.hour, local.minute) == (0, 0):
        return _("midnight")
    return f"{local:%H:%M}"


def day(at: datetime, *, now: datetime, zone: tzinfo | None = None) -> str:
    """Return the day as one would say it: “today”, “Thursday” (six days before or after), “9 November”, “… 2024”."""
    local, today = timezone.localtime(at, zone), timezone.localtime(now, zone)
    return _said(local.date(), today.date(), get_language())


@lru_cache(maxsize=4_096)
def _said(local: date, today: date, _language: str | None) -> str:
    days = (local - today).days
    if days == 0:
        return _("today")
    if days == 1:
        return _("tomorrow")
    if days == -1:
        return _("yesterday")
    if -7 < days < 7:
        return date_format(local, "l")
    return date_format(local, "j F" if abs(days) < 300 else "j F Y")


def written(day: date, form: str) -> str:
    """Return a day in one of Django's date formats."""
    return _written(day, form, get_language())


@lru_cache(maxsize=4_096)
def _written(day: date, form: str, _language: str | None) -> str:
    return date_format(day, form)


def moment(at: datetime, *, now: datetime, zone: tzinfo | None = None) -> str:
    """Return the day and the time: “today 17:00”, “Thursday noon”."""
    return f"{day(at, now=now, zone=zone)} {clock(at, zone)}"


def short_day(at: datetime, *, now: datetime, zone: tzinfo | None = None) -> str:
    """Return the day for a narrow column: “today”, “9 Nov”, “9 Nov 2024”."""
    local, today = timezone.localtime(at, zone), timezone.localtime(now, zone)
    if local.date() == today.date():
        return _("Today")
    if local.date() == today.date() - timedelta(days=1):
        return _("Yesterday")
    return date_format(local, "j M" if (today - local).days < 300 else "j M Y")


def span(length: timedelta) -> str:
    """Return a length of time in its largest whole unit: “two days”, “one hour”, “14 minutes”."""
    seconds = abs(int(length.total_seconds()))
    if days := seconds // 86400:
        return ngettext("%(count)s day", "%(count)s days", days) % {"count": count_word(days)}
    if hours := seconds // 3600:
        return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": count_word(hours)}
    minutes = max(1, seconds // 60)
    return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": count_word(minutes)}


def lateness(due: datetime, *, now: datetime) -> str:
    """Return “two days late” for a time that has passed, “two days left” for one that has not."""
    length = span(now - due)
    if due < now:
        return _("%(span)s late") % {"span": length}
    return _("%(span)s left") % {"span": length}


def zone_name(zone: str) -> str:
    """Return a zone's place as one would say it: “New York” for America/New_York."""
    return zone.rsplit("/", 1)[-1].replace("_", " ")


def both_clocks(at: datetime, *, now: datetime, zone: ZoneInfo) -> str:
    """Return a moment whole, by the customer's clock and ours: “Thursday 26 November, 12:00 in Lisbon, 13:00 here”."""
    there, here = at.astimezone(zone), at.astimezone(house_zone())
    day = date_format(there, "l j F" if abs((at - now).days) < 300 else "l j F Y")
    said = f"{day}, {there:%H:%M}"
    if is_second(at, zone):
        said = _("%(moment)s, the second time that night") % {"moment": said}
    if there.utcoffset() == here.utcoffset():
        return said
    ours = f"{here:%H:%M}" if there.date() == here.date() else f"{date_format(here, 'l')} {here:%H:%M}"
    return _("%(there)s in %(place)s, %(ours)s here") % {"there": said, "place": zone_name(zone.key), "ours": ours}
