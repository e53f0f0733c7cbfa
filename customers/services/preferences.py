"""Noting what a customer likes, hearing that it is still so, and letting go of what is no longer so."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.db.models.functions import Greatest, Now
from django.utils.translation import gettext as _

from customers.enums import Provenance
from customers.models import Customer, Interaction, Preference, TouchPoint

if TYPE_CHECKING:
    from portal.models import User

# A second press is not a second confirmation.
_SAME = timedelta(hours=1)


def note_preference(
    *,
    customer: Customer,
    text: str,
    provenance: str = Provenance.STATED,
    is_ask_first: bool = False,
    is_private: bool = False,
    category: str = "",
    noted_by: "User | None" = None,
    interaction: Interaction | None = None,
    touch_point: TouchPoint | None = None,
) -> tuple[Preference, bool]:
    """Note a preference and return it with True, or return the same one from before with False.

    The same one is kept more closely where that is asked for now (private, sensitive, to be asked first): that is news.

    Raises:
        ValidationError: a field does not hold, or it is of a special category and the customer has not agreed.
    """
    if touch_point is None and interaction is not None:
        touch_point = interaction.touch_point
    preference = Preference(
        customer=customer,
        text=" ".join(text.split()),
        provenance=provenance,
        is_ask_first=is_ask_first,
        is_private=is_private,
        category=category,
        noted_by=noted_by,
        interaction=interaction,
        touch_point=touch_point,
    )
    preference.clean_fields()
    defaults = {
        name: getattr(preference, name)
        for name in (
            *("provenance", "is_ask_first", "is_private", "category"),
            *("noted_by", "interaction", "touch_point"),
        )
    }
    with _asking_first("category"):
        known, is_new = Preference.objects.get_or_create(
            customer=customer, text=preference.text, retired_at=None, defaults=defaults
        )
        is_closer = not is_new and _keep_closer(
            known, is_private=is_private, is_ask_first=is_ask_first, category=category
        )
    return known, is_new or is_closer


def _keep_closer(known: Preference, **kept: bool | str) -> bool:
    """Whoever notes again what is known may ask for more care with it, never for less; return whether they do."""
    closer: dict[str, Any] = {name: wanted for name, wanted in kept.items() if wanted and not getattr(known, name)}
    if closer:
        Preference.objects.filter(pk=known.pk).update(**closer)
        known.refresh_from_db(fields=list(closer))
    return bool(closer)


@contextmanager
def _asking_first(field: str) -> Iterator[None]:
    """Turn the database's refusal of what needs a yes into a sentence beside a field."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if "preference_special_needs_consent" not in str(error):
            raise
        sentence = _("Ask first whether we may remember this. Then say that they agree.")
        raise ValidationError({field: sentence}) from None


def confirm_preference(*, preference: Preference, by: "User | None" = None) -> bool:
    """Say that a preference is still so: it is fresh again. False where that was just said, or it no longer holds.

    Raises:
        ValidationError: it is of a special category, and the customer has not agreed, or not any more.
    """
    just_now = Q(provenance=Provenance.CONFIRMED, confirmed_at__gt=Now() - _SAME)
    held = Preference.objects.live().filter(pk=preference.pk).exclude(just_now)
    with _asking_first(NON_FIELD_ERRORS):
        return bool(held.update(provenance=Provenance.CONFIRMED, confirmed_at=Now(), confirmed_by=by))


def retire_preference(*, preference: Preference, by: "User | None" = None, seen: datetime | None = None) -> bool:
    """Say that a preference no longer holds; return False where that was known.

    `seen`: when it had last been confirmed, as far as the one who says so knew (None: never).

    Raises:
        ValidationError: a colleague confirmed it since.
    """
    live = Preference.objects.live().filter(pk=preference.pk)
    unchanged = Q(confirmed_at=None) | Q(confirmed_by=by)
    if seen is not None:
        unchanged |= Q(confirmed_at__lte=seen)
    if live.filter(unchanged).update(retired_at=Greatest(Now(), F("noted_at")), retired_by=by):
        return True
    said = live.select_related("confirmed_by").first()
    if said is None:
        return False
    name = said.confirmed_by.display_name if said.confirmed_by else _("A colleague")
    sentence = _("%(name)s has heard meanwhile that “%(text)s” is still so. Press again if it is not.")
    raise ValidationError(sentence % {"name": name, "text": said.text})
