"""The gestures that a new house begins with, and how much of them its roles may give without asking."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.apps import apps as installed
from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from customers.enums import IncidentKind
from feedback.enums import Confirming
from feedback.models import Cause, GestureKind, GivingAllowance
from tiers.models import Tier


@dataclass(frozen=True, slots=True)
class _First:
    """A kind to begin with: what it costs usually and at most, for incidents of which kind, and from which rank on."""

    key: str
    name: str
    usual: int
    highest: int
    confirming: Confirming = Confirming.NEVER
    kinds: tuple[IncidentKind, ...] = ()
    from_rank: int = 1


def _kinds() -> list[_First]:
    late, broken, bill = IncidentKind.LATE, IncidentKind.BROKEN, IncidentKind.WRONG_BILL
    treat, service = Confirming.TREAT, Confirming.SERVICE
    return [
        _First("apology", _("Apology by hand"), 2, 5),
        _First("shipping", _("Refund of shipping"), 6, 15, service, (late, broken, IncidentKind.MIX_UP, bill)),
        _First("pick_up", _("Pick-up of the return"), 8, 20, service, (broken, IncidentKind.RETURNED)),
        _First("loan", _("Loan item"), 15, 60, service, (broken, late)),
        _First("flowers", _("Flowers"), 25, 60, treat),
        _First("upgrade", _("Upgrade"), 30, 150, treat, from_rank=2),
    ]


def _sentences() -> dict[str, Callable[[], str]]:
    return {
        "shipping": lambda: _("We have refunded the cost of shipping. It will be back with you in a few days."),
        "pick_up": lambda: _("We will pick up your return from your door. It costs you nothing."),
        "loan": lambda: _("Until yours is with you, we lend you one. It costs you nothing."),
        "flowers": lambda: _("Flowers are on their way to you, with our warm regards."),
        "upgrade": lambda: _("We have given you an upgrade, with our compliments."),
    }


def _everywhere(words: Callable[[], str]) -> dict[str, str]:
    texts = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            texts[language] = words()
    return texts


def flowers() -> dict[str, str]:
    """Return the sentence for flowers, by language, as an example."""
    return _everywhere(_sentences()["flowers"])


@transaction.atomic
def ensure_gesture_kinds() -> bool:
    """Fill the catalogue where it is empty; return whether it was. What managers made stays."""
    if GestureKind.objects.exists():
        return False
    sentences, tiers = _sentences(), list(Tier.objects.order_by("rank"))
    for position, first in enumerate(_kinds()):
        kind = GestureKind.objects.create(
            name=first.name,
            words=_everywhere(sentences[first.key]) if first.key in sentences else {},
            confirming=first.confirming,
            usual_cost=first.usual,
            highest_cost=first.highest,
            position=position,
        )
        kind.causes.set(Cause.objects.filter(incident_kind__in=first.kinds))
        if first.from_rank > 1:
            kind.tiers.set(tier for tier in tiers if tier.rank >= first.from_rank)
    return True


@transaction.atomic
def ensure_allowances() -> bool:
    """Say how much agents, leads and managers may give where nobody has said so; return whether nobody had."""
    if GivingAllowance.objects.exists():
        return False
    for role, per_gesture, per_month in (("agent", 25, 200), ("lead", 100, 1000), ("manager", 500, 5000)):
        GivingAllowance.objects.create(role=role, per_gesture=Decimal(per_gesture), per_month=Decimal(per_month))
    return True


def after_migrating(apps: Any = installed, **kwargs: Any) -> None:
    """Answer to `post_migrate` of the lowest app, when tiers and causes are there; on the way back nothing may be."""
    try:
        apps.get_model("feedback", "GivingAllowance")
    except LookupError:
        return
    ensure_gesture_kinds()
    ensure_allowances()
