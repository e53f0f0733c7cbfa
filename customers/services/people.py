"""Who the customers are: adding them, changing what we know of them, and the words they are found by."""

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

import pghistory
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.enums import ContactKind
from customers.models import ContactPoint, Customer, Erasure, NameWord
from customers.names import fold, search_words
from customers.phones import country_code
from customers.selectors.merged import same_persons
from customers.services.contact_points import build_contact_point, choose_preferred
from customers.texts import tidy
from customers.zones import UNSAID, clock_of

if TYPE_CHECKING:
    from portal.models import User

PROFILE = (
    *Customer.NAMES,
    *("say_as", "pronouns", "language", "country", "city", "time_zone", "customer_since"),
)
# Somebody of the same name, added within this time with nothing to tell them apart, is a second press of the button.
_SAME = timedelta(minutes=2)
_ZONES = available_timezones()


@transaction.atomic
def add_customer(
    *,
    full_name: str,
    source: str = "house",
    external_id: str | None = None,
    phones: Sequence[str] = (),
    emails: Sequence[str] = (),
    **profile: object,
) -> tuple[Customer, bool]:
    """Add a customer and return them with True, or return the one we know already, unchanged, with False.

    The same one has the same number at the source; without a number, the same name and all of these phones and
    addresses. `profile` holds fields of `PROFILE`; empty ones take the model's default. National phone numbers are
    read as those of the customer's country, else of the house's. The first phone and the first address become the
    preferred ones.

    Raises:
        ValidationError: a field does not hold, by the field's name.
        NotDialable, NotAnAddress: a phone or an address cannot be one.
    """
    customer = build_customer(source=source, external_id=external_id, full_name=full_name, **profile)
    points = [
        *(build_contact_point(customer=customer, kind=ContactKind.PHONE, value=phone) for phone in phones),
        *(build_contact_point(customer=customer, kind=ContactKind.EMAIL, value=email) for email in emails),
    ]
    points = list({(point.kind, point.normalised): point for point in points}.values())
    _wait_for_others(customer)
    if known := _known(customer, points):
        return known, False
    customer.save()
    choose_preferred(points=points, having=set())
    ContactPoint.objects.bulk_create(points)
    index_names(customers=[customer])
    customer.refresh_from_db(fields=["created_at"])
    return customer, True


@transaction.atomic
def change_customer(*, customer: Customer, by: "User | None" = None, seen: str = "", **profile: object) -> bool:
    """Change fields of `PROFILE`; return False where that is what stands there. Who did it is kept with the history.

    `seen`: the mark of what whoever changes it had before them (`mark_of`); left out, nothing is compared.

    Raises:
        ValidationError: they were merged or forgotten; or, by the field's name, it does not hold, or a colleague has
            changed it since it was seen (with the code `overtaken`, and what stands there as `now`).
    """
    cleaned = clean_profile(**profile)
    now = Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    if now.merged_into_id is not None:
        raise ValidationError(_("They were merged into somebody else meanwhile. Open them again."))
    if Erasure.objects.filter(customer=now).exists():
        raise ValidationError(_("They were forgotten at their wish, and are left alone."))
    if seen:
        _refuse_unseen(now, seen, cleaned)
    changed = apply_profile(customer=now, profile=cleaned)
    if not changed:
        return False
    with pghistory.context(user=by.pk if by else None, source="profile"):
        now.save(update_fields=changed)
    if set(changed) & set(Customer.NAMES):
        index_names(customers=[now])
    return True


def mark_of(customer: Customer) -> str:
    """Return a mark of a profile, field by field: another one once that has been changed."""
    return "-".join(_marks(customer).values())


def _marks(customer: Customer) -> dict[str, str]:
    told = {name: str(getattr(customer, name)).encode() for name in PROFILE}
    return {name: hashlib.sha256(value).hexdigest()[:12] for name, value in told.items()}


def _refuse_unseen(now: Customer, seen: str, profile: dict[str, Any]) -> None:
    """Refuse what would be written over something that whoever writes it has not seen."""
    before = dict(zip(PROFILE, seen.split("-"), strict=False))
    unseen = [name for name, mark in _marks(now).items() if before.get(name) != mark]
    lost = {name: getattr(now, name) for name in unseen if name in profile and profile[name] != getattr(now, name)}
    said = _("A colleague wrote meanwhile: “%(now)s”. Press again to put yours there.")
    emptied = _("A colleague emptied this meanwhile. Press again to put yours there.")
    if lost:
        raise ValidationError(
            {
                name: ValidationError(said if value else emptied, code="overtaken", params={"now": value})
                for name, value in lost.items()
            }
        )


def index_names(*, customers: Sequence[Customer]) -> None:
    """Bring the words by which these customers are found up to date with their names, in three statements.

    Whoever buys for a firm is found by its name, too. For those who had words before it takes another statement:
    they stay found by the names of everybody who was merged into them.
    """
    stored = {
        (customer_id, word): pk
        for pk, customer_id, word in NameWord.objects.filter(customer__in=customers).values_list(
            "pk", "customer_id", "word"
        )
    }
    named = [(customer.pk, customer) for customer in customers]
    named += same_persons({customer_id for customer_id, _word in stored})
    wanted = {(pk, word) for pk, one in named for word in search_words(*one.names, one.firm)}
    NameWord.objects.filter(pk__in=[pk for key, pk in stored.items() if key not in wanted]).delete()
    missing = sorted(wanted - stored.keys())
    NameWord.objects.bulk_create(
        [NameWord(customer_id=customer_id, word=word) for customer_id, word in missing], ignore_conflicts=True
    )


def build_customer(*, source: str, external_id: str | None, **profile: object) -> Customer:
    """Return a customer that is not saved yet, every field checked.

    Raises:
        ValidationError: a field does not hold, by the field's name.
    """
    filled = {name: value for name, value in profile.items() if value not in (None, "") or name == "full_name"}
    fields = clean_profile(**filled)
    fields |= _clock(Customer(), fields)
    origin = {"source": source, "external_id": external_id or None}
    return Customer(**fields, **_cleaned({name: value for name, value in origin.items() if value is not None}))


def clean_profile(**profile: object) -> dict[str, Any]:
    """Return fields of `PROFILE` as they are stored.

    Raises:
        ValidationError: a field does not hold, by the field's name.
        TypeError: there is no such field.
    """
    if unknown := profile.keys() - set(PROFILE):
        raise TypeError(f"no field of a customer's profile: {', '.join(sorted(unknown))}")
    if isinstance(country := profile.get("country"), str):
        profile["country"] = country = country_code(country)
        if country and not (len(country) == 2 and country.isascii() and country.isalpha()):
            raise ValidationError({"country": _("A country is two letters, such as GB or FR.")})
    cleaned = _cleaned(profile)
    if cleaned.get("time_zone", UNSAID) not in _ZONES:
        raise ValidationError({"time_zone": _("No such time zone. It should be written like Europe/London.")})
    since = cleaned.get("customer_since")
    if isinstance(since, date) and since > timezone.localdate() + timedelta(days=1):
        raise ValidationError({"customer_since": _("That day has not come yet.")})
    return cleaned


def apply_profile(*, customer: Customer, profile: dict[str, Any]) -> list[str]:
    """Set cleaned fields on a customer without saving, and return the names of those that changed.

    Where nobody says a time zone, it is that of the country, if one clock holds in all of it.
    """
    profile = profile | _clock(customer, profile)
    changed = [name for name, value in profile.items() if getattr(customer, name) != value]
    for name in changed:
        setattr(customer, name, profile[name])
    return changed


def _clock(customer: Customer, profile: dict[str, Any]) -> dict[str, str]:
    """Return the zone that follows from a new or known country, where nobody has said another one."""
    zone, country = profile.get("time_zone", UNSAID), profile.get("country", customer.country)
    if zone != UNSAID:
        return {}
    # What followed from the country that they have left goes with it.
    is_said = "time_zone" not in profile and customer.time_zone not in (UNSAID, clock_of(customer.country))
    return {} if is_said else {"time_zone": clock_of(country) or UNSAID}


def _cleaned(fields: dict[str, object]) -> dict[str, Any]:
    """Pass values through their model fields' own rules, and name every field that does not hold."""
    cleaned: dict[str, Any] = {}
    complaints: dict[str, list[str]] = {}
    for name, value in fields.items():
        try:
            tidied = tidy(value) if isinstance(value, str) else value
            cleaned[name] = Customer._meta.get_field(name).clean(tidied, None)  # type: ignore[union-attr]
        except ValidationError as error:
            complaints[name] = error.messages
        except ValueError as error:
            complaints[name] = [_(str(error))]
    if complaints:
        raise ValidationError(complaints)
    return cleaned


def _wait_for_others(customer: Customer) -> None:
    """Let whoever adds the same person at this moment finish first."""
    with connection.cursor() as cursor:
        key = f"{customer.source}\n{customer.external_id or fold(customer.full_name)}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


def _known(customer: Customer, points: Sequence[ContactPoint]) -> Customer | None:
    """Return the customer that this one is already, if so."""
    others = Customer.objects.filter(source=customer.source)
    if customer.external_id:
        return others.filter(external_id=customer.external_id).first()
    others = others.filter(external_id=None, full_name=customer.full_name)
    for point in points:
        others = others.filter(
            contact_points__kind=point.kind,
            contact_points__normalised=point.normalised,
            contact_points__is_active=True,
        )
    if not points:
        others = others.filter(created_at__gte=Now() - _SAME, contact_points=None)
    return others.order_by(F("pk")).first()
