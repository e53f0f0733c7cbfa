"""Filters with which a template says when and where."""

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django import template
from django.conf import settings
from django.conf.locale import LANG_INFO
from django.utils import timezone
from django.utils.translation import get_language_info

from customers.models import Customer
from portal import dates, places

register = template.Library()


@register.filter
def said(at: datetime) -> str:
    """“today 17:00”, “Thursday noon”."""
    return dates.moment(at, now=timezone.now())


@register.filter
def said_day(at: datetime) -> str:
    """“yesterday”, “9 November”."""
    return dates.day(at, now=timezone.now())


@register.filter
def lateness(due: datetime) -> str:
    """“two days late” or “two days left”"""
    return dates.lateness(due, now=timezone.now())


@register.filter
def is_past(at: datetime) -> bool:
    """Whether a time has gone."""
    return at < timezone.now()


@register.filter
def language_name(code: str) -> str:
    """“French” for fr; the code itself where Django does not know it."""
    known = code if code in LANG_INFO else code.split("-")[0]
    return str(get_language_info(known)["name_translated"]) if known in LANG_INFO else code


@register.filter
def country_name(code: str) -> str:
    """“France” for FR."""
    return places.country_name(code)


@register.filter
def local_clock(customer: Customer) -> str:
    """The time of day where the customer is; nothing where their zone is not known."""
    try:
        zone = ZoneInfo(customer.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ""
    return f"{timezone.localtime(timezone.now(), zone):%H:%M}"


@register.filter
def place_of(customer: Customer) -> str:
    """“Leeds, Britain”."""
    return ", ".join(filter(None, (customer.city, places.country_name(customer.country))))


@register.simple_tag
def site_name() -> str:
    """What this house calls itself."""
    return str(settings.SITE_NAME)


@register.simple_tag
def house_zone() -> str:
    """Where the house's clock stands: “London”."""
    return dates.zone_name(settings.TIME_ZONE)
