"""Publishing a scheme: from then on it decides, and never changes."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from tiers.engine import AT_MOST, Bars, Rules
from tiers.enums import SchemeState
from tiers.models import Scheme, Tier
from tiers.selectors.rules import ladder

if TYPE_CHECKING:
    from portal.models import User


@transaction.atomic
def publish_scheme(*, scheme: Scheme, by: "User | None") -> Scheme:
    """Publish a draft and retire the scheme before it, both or neither.

    Raises `ValidationError` with a sentence for each fault, or when it is no draft any more. `by` is None only for
    the scheme that a new house begins with.
    """
    # Whoever writes a bar shares this lock (the trigger on bars), so what is checked here is what is published.
    list(Scheme.objects.select_for_update().order_by("pk").filter(state=SchemeState.PUBLISHED))
    scheme = Scheme.objects.select_for_update().get(pk=scheme.pk)
    if scheme.state != SchemeState.DRAFT:
        raise ValidationError(_("This scheme has been published already. Write a new draft to change the rules."))
    if faults := faults_of(scheme):
        raise ValidationError(faults)
    Scheme.objects.filter(state=SchemeState.PUBLISHED).update(state=SchemeState.RETIRED, retired_at=Now())
    Scheme.objects.filter(pk=scheme.pk).update(state=SchemeState.PUBLISHED, published_at=Now(), published_by=by)
    scheme.refresh_from_db()
    return scheme


def faults_of(scheme: Scheme) -> list[str]:
    """Return what keeps a scheme from being published, a sentence each."""
    found = ladder(scheme)
    if not found.tiers:
        return [_("There is no tier yet. Add the tiers first.")]
    return list(_faults(found.tiers, found.rules))


def _faults(tiers: list[Tier], rules: Rules) -> Iterator[str]:
    if rules.entry[0] or rules.keep[0]:
        yield _("%(tier)s is the lowest tier and open to all: take its bars away.") % {"tier": tiers[0]}
    for level, tier in enumerate(tiers[1:], start=1):
        entry, keep = rules.entry[level], rules.keep[level]
        if not entry:
            yield _("%(tier)s has no bars for entering: everybody would be in it. Set at least one.") % {"tier": tier}
        if not _is_reachable(entry):
            yield _("Nobody can enter %(tier)s: a recent order needs at least 0 days.") % {"tier": tier}
        if not _asks_at_least(entry, keep):
            yield _("Staying in %(tier)s asks more than entering it. Lower its bars for staying.") % {"tier": tier}
        if level > 1 and not _asks_at_least(entry, rules.entry[level - 1]):
            names = {"tier": tier, "lower": tiers[level - 1]}
            yield _("%(tier)s is easier to enter than %(lower)s below it. Raise its bars for entering.") % names


def _is_reachable(bars: Bars) -> bool:
    """Whether somebody can meet them: days since an order are never below 0."""
    return bars.cuts.get("recency", 0) >= 0


def _asks_at_least(strict: Bars, easy: Bars) -> bool:
    """Return whether whoever meets `strict` meets `easy` too."""
    return all(
        name in strict.cuts and (strict.cuts[name] <= cut if name in AT_MOST else strict.cuts[name] >= cut)
        for name, cut in easy.cuts.items()
    )
