"""Deciding: value, schemes, runs and moves."""

from typing import Any

from django.apps import AppConfig, apps
from django.apps.registry import Apps
from django.db import DEFAULT_DB_ALIAS
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class TiersConfig(AppConfig):
    """Deciding: value, schemes, runs and moves."""

    name = "tiers"
    verbose_name = _("Tiers")

    def ready(self) -> None:
        from customers.emails import register_sample
        from customers.services.erasing import register_eraser
        from customers.services.merges import register_settler
        from customers.services.moving import stays
        from tiers.emails import SUMMARY
        from tiers.samples import sample_summary
        from tiers.services.erasing import erase_deciding
        from tiers.services.joining import SETTLER, STAYING
        from tiers.services.rooms import end_rooms_of

        register_sample(SUMMARY, name=_("Who moved between tiers"), write=sample_summary, is_for_colleagues=True)
        register_eraser(erase_deciding)
        register_eraser(end_rooms_of)
        register_settler(SETTLER)
        for table, why in STAYING.items():
            stays(table, why)
        post_migrate.connect(_begin, sender=self)


def _begin(using: str, apps: Apps = apps, **_more: Any) -> None:
    """Give a new house its first scheme, once its tables are there (they are not after migrating back)."""
    from tiers.starter import ensure_starter_scheme

    try:
        apps.get_model("tiers", "CostRate")
    except LookupError:
        return
    if using == DEFAULT_DB_ALIAS:
        ensure_starter_scheme()
