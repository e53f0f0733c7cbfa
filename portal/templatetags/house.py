"""Filters with which a template says when and where."""

from datetime import datetime
from decimal import Decimal

from django import template
from django.conf import settings
from django.contrib.auth.context_processors import PermWrapper
from django.template.context import Context
from django.utils import timezone
from django.utils.safestring import SafeString

from customers.models import Customer
from customers.selectors.mistakes import may_be_mistake
from customers.zones import zone_if_said
from portal import dates, places
from portal.copies import copied, mark, secret_of
from portal.desk.access import way_back
from portal.languages import language_name
from portal.money import write_money
from portal.roles import permissions_of

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


register.filter(may_be_mistake)


@register.filter
def house_money(amount: Decimal) -> str:
    """“£12.00” for an amount in the house's currency."""
    return write_money(amount, settings.HOUSE_CURRENCY)


register.filter(language_name)


@register.filter
def country_name(code: str) -> str:
    """“France” for FR."""
    return places.country_name(code)


@register.filter
def local_clock(customer: Customer) -> str:
    """The time of day where the customer is; nothing where their zone is not known."""
    zone = zone_if_said(customer.time_zone)
    return f"{timezone.localtime(timezone.now(), zone):%H:%M}" if zone else ""


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


@register.simple_tag(takes_context=True)
def house_head(context: Context) -> SafeString:
    """What the head of each page has in common: styles and scripts, as far as this reader needs them."""
    user = context.get("user")
    reader = {
        "is_signed_in": user is not None and user.is_authenticated,
        "has_desk": user is not None and user.has_perm("portal.use_desk"),
    }
    return copied("portal/_head.html", tuple(reader.values()), lambda: reader, {})


@register.simple_tag(takes_context=True)
def house_nav(context: Context) -> SafeString:
    """The way to the other rooms, as far as this colleague may go, and the menu of their own."""
    request, user = context["request"], context["user"]
    match = request.resolver_match
    current = (match.url_name or "") if match else ""
    return copied(
        "portal/_nav.html",
        (user.role, user.is_active and permissions_of(user.role), current),
        lambda: {
            "current": current,
            "perms": PermWrapper(user),
            "is_staff": user.is_staff,
            "role": user.get_role_display(),
            "short_name": mark("short_name"),
            "display_name": mark("display_name"),
            "csrf_token": mark("secret"),
        },
        {"short_name": user.get_short_name(), "display_name": user.display_name, "secret": secret_of(request)},
    )


@register.simple_tag(takes_context=True)
def house_keys(context: Context) -> SafeString:
    """The list of keys, and what is said when the line breaks."""
    request, user = context["request"], context["user"]
    return copied(
        "portal/_keys_dialog.html",
        user.has_keys,
        lambda: {"user": user, "path": mark("path"), "csrf_token": mark("secret")},
        {"path": context.get("stands_at") or way_back(request), "secret": secret_of(request)},
    )
