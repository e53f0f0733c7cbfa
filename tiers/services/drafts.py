"""Beginning a new version of the rules from an older one."""

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from tiers.models import Bar, Scheme


def next_version() -> int:
    """Return the version after the newest."""
    newest: int | None = Scheme.objects.aggregate(newest=Max("version"))["newest"]
    return (newest or 0) + 1


@transaction.atomic
def copy_scheme(*, scheme: Scheme) -> Scheme:
    """Make a draft with the rules and bars of a scheme in any state, and return it. Each call makes one."""
    # In step with others who copy, so that two do not take the same version.
    list(Scheme.objects.select_for_update().order_by("pk").values_list("pk", flat=True))
    draft = Scheme.objects.create(
        version=next_version(),
        name=_("Copy of %s") % scheme.name[:100],
        hold_days=scheme.hold_days,
        grace_days=scheme.grace_days,
    )
    Bar.objects.bulk_create(
        Bar(scheme=draft, tier_id=bar.tier_id, rule=bar.rule, measure=bar.measure, value=bar.value)
        for bar in scheme.bars.all()
    )
    return draft
