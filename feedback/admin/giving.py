"""Giving in the admin: the catalogue and the amounts are edited; months, ledger and requests are looked at."""

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.http import HttpRequest
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from customers.admin.base import HouseAdmin, ReadOnlyAdmin
from feedback.enums import Confirming
from feedback.models import GestureKind, GestureRequest, GivingAllowance, GivingEntry, GivingMonth
from feedback.selectors.causes import cause_tree

_LONGEST_SENTENCE = 300


def _languages() -> list[str]:
    """Return the codes of the languages, the house's own first."""
    return sorted((code for code, _name in settings.LANGUAGES), key=lambda code: code != settings.LANGUAGE_CODE)


class GestureKindForm(forms.ModelForm):
    """A kind of gesture, with its sentence for the letter in each language."""

    class Meta:
        model = GestureKind
        fields = (
            "name",
            "usual_cost",
            "highest_cost",
            "tiers",
            "causes",
            "touch_points",
            "confirming",
            "position",
            "is_active",
        )
        widgets: ClassVar = dict.fromkeys(("tiers", "causes", "touch_points"), UnfoldAdminCheckboxSelectMultipleWidget)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "causes" in self.fields:
            tree = cause_tree()
            also = {cause.pk for cause in self.instance.causes.all()} if self.instance.pk else ()
            field: Any = self.fields["causes"]
            field.choices = [(int(pk), name) for pk, name in tree.choices(also=also)]
        for code in _languages():
            if f"words_{code}" in self.fields:
                self.initial[f"words_{code}"] = (self.instance.words or {}).get(code, "")

    def clean(self) -> dict[str, Any]:
        """Put the sentences together, before the row is checked as a whole."""
        found: dict[str, Any] = super().clean() or {}
        said = {code: " ".join(found.get(f"words_{code}", "").split()) for code in _languages()}
        self.instance.words = {code: text for code, text in said.items() if text}
        # The sentences are no field of the form, so the row's own check passes them over.
        if not self.instance.words and found.get("confirming", Confirming.NEVER) != Confirming.NEVER:
            self.add_error("confirming", _("The letter needs a sentence. Write one, or choose no letter."))
        return found


def _sentence(code: str) -> forms.CharField:
    language = get_language_info(code)
    attrs = {"lang": code, "dir": "rtl" if language["bidi"] else "ltr"}
    return forms.CharField(
        label=language["name_translated"],
        required=False,
        max_length=_LONGEST_SENTENCE,
        widget=UnfoldAdminTextInputWidget(attrs=attrs),
    )


# One field to a language, declared, so that the admin knows them.
_WORDS = {f"words_{code}": _sentence(code) for code in _languages()}
GestureKindForm.declared_fields |= _WORDS
GestureKindForm.base_fields |= _WORDS


@admin.register(GestureKind)
class GestureKindAdmin(HouseAdmin):
    """What may be given, to whom and for what. A kind that was given once stays; take it out of use instead."""

    form = GestureKindForm
    list_display = ("name", "usual_cost", "highest_cost", "confirming", "is_active")
    list_filter = ("is_active", "tiers")
    search_fields = ("name",)
    masked: ClassVar = dict.fromkeys(("usual_cost", "highest_cost"), "customers.view_money")
    fieldsets = (
        (None, {"fields": ("name", "usual_cost", "highest_cost", "position", "is_active")}),
        (_("For whom"), {"fields": ("tiers", "causes", "touch_points")}),
        (
            _("The letter that confirms it"),
            {
                "fields": ("confirming", *_WORDS),
                "description": _("A whole sentence, such as “Flowers are on their way to you.”"),
            },
        ),
    )

    def get_fieldsets(self, request: HttpRequest, obj: GestureKind | None = None) -> Any:
        return [
            (title, {**options, "fields": self.seen_by(request, options["fields"])})
            for title, options in super().get_fieldsets(request, obj)
        ]


class GivingAllowanceForm(forms.ModelForm):
    """An amount, for a role of the house's by its name."""

    class Meta:
        model = GivingAllowance
        fields = ("role", "person", "tier", "per_gesture", "per_month")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "role" in self.fields:
            roles: Any = get_user_model()._meta.get_field("role")
            named = [choice for choice in roles.choices if choice[0] not in ("integration", "analyst")]
            self.fields["role"] = forms.ChoiceField(
                label=_("Role"),
                required=False,
                choices=[("", _("No role")), *named],
                widget=UnfoldAdminSelectWidget,
            )


@admin.register(GivingAllowance)
class GivingAllowanceAdmin(HouseAdmin):
    """How much may be given without asking. With neither role, colleague nor tier it is for the whole house."""

    form = GivingAllowanceForm
    list_display = ("__str__", "per_gesture", "per_month")
    list_select_related = ("person", "tier")
    masked: ClassVar = dict.fromkeys(("per_gesture", "per_month"), "customers.view_money")


@admin.register(GivingMonth)
class GivingMonthAdmin(ReadOnlyAdmin):
    """What each colleague, each tier and the house gave in a month, and what is left of it."""

    list_display = ("month", "whose", "allowed", "spent", "left")
    list_filter = ("month", "agent")
    list_select_related = ("agent", "tier")
    search_fields = ("agent__display_name__istartswith",)
    ordering = ("-month", "agent", "tier")
    masked: ClassVar = dict.fromkeys(("allowed", "spent", "left"), "customers.view_money")

    @admin.display(description=_("whose"))
    def whose(self, month: GivingMonth) -> str:
        """A colleague, a tier, or the house."""
        return str(month.agent or month.tier or _("The whole house"))

    @admin.display(description=_("left"))
    def left(self, month: GivingMonth) -> Decimal | None:
        """What may still be given; nothing where there is no limit."""
        return None if month.allowed is None else month.allowed - month.spent


@admin.register(GivingEntry)
class GivingEntryAdmin(ReadOnlyAdmin):
    """The ledger: what was given and taken back, line by line."""

    list_display = ("at", "entry", "kind", "customer", "amount", "by", "whose_month")
    list_display_links = ("at",)
    list_filter = ("entry", "kind")
    list_select_related = ("kind", "gesture__customer", "by", "agent_month__agent")
    search_fields = ("gesture__customer__full_name__istartswith",)
    ordering = ("-at",)
    masked: ClassVar = {"amount": "customers.view_money"}

    @admin.display(description=_("customer"))
    def customer(self, entry: GivingEntry) -> str:
        """To whom."""
        return str(entry.gesture.customer)

    @admin.display(description=_("out of the month of"))
    def whose_month(self, entry: GivingEntry) -> str:
        """Out of whose month."""
        return str(entry.agent_month.agent)


@admin.register(GestureRequest)
class GestureRequestAdmin(ReadOnlyAdmin):
    """What leads were asked for, and what they said. They answer on their desk."""

    list_display = ("asked_at", "kind", "customer", "cost", "agent", "state", "answered_by")
    list_display_links = ("asked_at",)
    list_filter = ("state", "kind")
    list_select_related = ("kind", "customer", "agent", "answered_by")
    search_fields = ("customer__full_name__istartswith",)
    ordering = ("-asked_at",)
    masked: ClassVar = {"cost": "customers.view_money"}
