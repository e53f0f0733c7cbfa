"""Tiers with what they come with, what colleagues have to be able to do for it, and what contacts cost."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from customers.admin.base import HouseAdmin
from tiers.models import CostRate, Perk, Skill, Tier


class PerkInline(TabularInline):
    """What a tier is entitled to, and what that takes for one customer in a year."""

    model = Perk
    extra = 0
    fields = ("text", "channel", "address", "yearly_cost", "yearly_minutes", "skill", "position")
    verbose_name = _("perk")
    verbose_name_plural = _("What this tier comes with, for one customer")


@admin.register(Tier)
class TierAdmin(HouseAdmin):
    """How closely customers are looked after."""

    list_display = ("name", "rank", "slug", "shape", "recovery_hours")
    search_fields = ("name", "slug")
    inlines = (PerkInline,)


@admin.register(Skill)
class SkillAdmin(HouseAdmin):
    """What a colleague has to be able to do: the load that a scheme brings is counted by it."""

    list_display = ("name", "slug")
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}  # noqa: RUF012 - Django's own way of saying it


@admin.register(CostRate)
class CostRateAdmin(HouseAdmin):
    """What an hour on a channel, or a return, costs us. What is not here costs nothing."""

    list_display = ("what", "price", "most_minutes", "updated_at")
    fields = ("what", "price", "most_minutes")

    def get_readonly_fields(self, request: HttpRequest, obj: CostRate | None = None) -> Any:
        return ("what",) if obj else ()
