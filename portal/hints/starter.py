"""What a new house begins with: a rule for each kind of hint."""

from typing import Any

from django.apps import apps as installed
from django.db import DEFAULT_DB_ALIAS

# Of what they like two may stand there at once; of anything else one.
_MOST = {"preference": 2}


def ensure_hint_rules() -> int:
    """Add the rules that are missing, and return how many; what managers set stays."""
    from portal.models import HintKind, HintRule

    known = set(HintRule.objects.values_list("kind", flat=True))
    missing = [HintRule(kind=kind, most=_MOST.get(kind, 1)) for kind in HintKind.values if kind not in known]
    return len(HintRule.objects.bulk_create(missing, ignore_conflicts=True))


def after_migrating(*, using: str = DEFAULT_DB_ALIAS, apps: Any = installed, **_signal: Any) -> None:
    """Receive `post_migrate`; a migration back to before these tables leaves nothing to fill."""
    if using == DEFAULT_DB_ALIAS and "hintrule" in apps.all_models["portal"]:
        ensure_hint_rules()
