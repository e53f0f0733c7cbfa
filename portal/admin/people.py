"""Colleagues, the programs that act for them, and who read what."""

from typing import Any

import allauth.account.admin
import allauth.mfa.admin  # noqa: F401
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from customers.admin import CustomerAdmin
from customers.admin.base import HouseAdmin, ReadOnlyAdmin
from customers.models import Customer
from portal.audit import note_reading
from portal.models import ApiToken, Reading, User
from portal.models.token import Scope
from tiers.admin import StandingAdmin, why_link
from tiers.models import Standing

# Roles come from one map, not from groups; addresses and second factors are each person's own, under /accounts/.
# This app's admin is loaded before allauth's, so those are imported first.
admin.site.unregister([Group, EmailAddress, Authenticator, Customer, Standing])


@admin.register(Customer)
class ReadCustomerAdmin(CustomerAdmin):
    """A customer's record, with the note of who looked at it, and the way to why they have their tier."""

    list_display: tuple[str, ...] = (*CustomerAdmin.list_display, "why")  # type: ignore[assignment]

    @admin.display(description=_("Tier"))
    def why(self, customer: Customer) -> str:
        """Lead to the explanation."""
        return why_link(customer)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response: HttpResponse = super().change_view(request, object_id, form_url, extra_context)
        if response.status_code == 200:
            user: Any = request.user
            note_reading(user=user, customers=Customer.objects.filter(pk=object_id), door=Reading.Door.ADMIN)
        return response


@admin.register(Standing)
class ReadStandingAdmin(StandingAdmin):
    """Standings and their reasons, with the note of who looked at them."""

    def note_read(self, request: HttpRequest, customer: Customer) -> None:
        user: Any = request.user
        note_reading(user=user, customers=[customer], door=Reading.Door.ADMIN)


class ColleagueForm(UserChangeForm):
    """A colleague's record, with the way to another password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "password" in self.fields:
            # Unfold's own link differs from the words around it by its colour alone.
            self.fields["password"].help_text = format_html(
                '{} <a href="../password/" class="text-link underline">{}</a>',
                _("Passwords are kept as hashes, which nobody can read."),
                _("Give them another one"),
            )


@admin.register(User)
class UserAdmin(HouseAdmin, DjangoUserAdmin):
    """Colleagues, and programs that call the API."""

    form = ColleagueForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("display_name", "email", "role", "lead", "is_active")
    list_filter = ("role", "is_active")
    list_select_related = ("lead",)
    search_fields = ("display_name", "email")
    ordering = ("display_name",)
    filter_horizontal = ()
    readonly_fields = ("created_at", "last_login")
    autocomplete_fields = ("lead",)
    fieldsets = (
        (None, {"fields": ("display_name", "email", "password", "role", "lead", "is_active")}),
        (_("Habits"), {"fields": ("has_keys", "created_at", "last_login")}),
    )
    add_fieldsets = ((None, {"fields": ("display_name", "email", "role", "lead", "password1", "password2")}),)


@admin.register(ApiToken)
class ApiTokenAdmin(HouseAdmin):
    """Tokens. The key is shown once, when the token is made; what a token may do is not changed afterwards."""

    list_display = ("name", "hint", "user", "scopes", "expires_at", "revoked_at", "last_used_at")
    list_filter = ("revoked_at",)
    list_select_related = ("user",)
    search_fields = ("name", "hint", "user__email")
    fields = ("name", "user", "scopes", "expires_at")
    actions = ("revoke",)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer what a token may be for, in words."""
        if db_field.name != "scopes":
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        return forms.MultipleChoiceField(
            label=_("Scopes"),
            choices=Scope.choices,
            widget=UnfoldAdminCheckboxSelectMultipleWidget,
            help_text=_("What the program may do, as far as the colleague it acts as may do it, too."),
        )

    def get_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> Any:
        return self.fields if obj is None else (*self.fields, "hint", "created_at", "revoked_at", "last_used_at")

    def get_readonly_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> Any:
        return (
            () if obj is None else ("user", "scopes", "expires_at", "hint", "created_at", "revoked_at", "last_used_at")
        )

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        made, key = ApiToken.issue(user=obj.user, name=obj.name, scopes=obj.scopes, expires_at=obj.expires_at)
        obj.pk, obj.hint, obj._state.adding = made.pk, made.hint, False
        self.message_user(
            request, _("The key is %(key)s. Copy it now: it is not shown again.") % {"key": key}, messages.WARNING
        )

    @admin.action(description=_("Revoke"), permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        """End the ticked tokens at once."""
        ended = queryset.filter(revoked_at=None).update(revoked_at=Now())
        self.message_user(request, _("Revoked: %d.") % ended, messages.SUCCESS)


@admin.register(Reading)
class ReadingAdmin(ReadOnlyAdmin):
    """Who looked at which customer."""

    list_display = ("read_at", "colleague", "customer", "door")
    list_filter = ("door",)
    search_fields = ("=user_id", "=customer_id")
    search_help_text = _("A name, an email address of a colleague, or a number.")

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the names of those who are still there: the trail itself keeps numbers alone."""
        colleague = User.objects.filter(pk=OuterRef("user_id")).values("display_name")
        customer = Customer.objects.filter(pk=OuterRef("customer_id")).values("full_name")
        found: Any = super().get_queryset(request)
        return found.annotate(colleague_=Subquery(colleague), customer_=Subquery(customer))

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        """Find by numbers as they are, by words among the names."""
        words = search_term.strip()
        if not words or words.isdecimal():
            return super().get_search_results(request, queryset, search_term)
        users = User.objects.filter(Q(display_name__icontains=words) | Q(email__istartswith=words))
        customers = Customer.objects.filter(full_name__istartswith=words)
        by = Q(user_id__in=users.values("pk")) | Q(customer_id__in=customers.values("pk"))
        return queryset.filter(by), False

    @admin.display(description=_("colleague"), ordering="user_id")
    def colleague(self, reading: Any) -> str:
        """Their name, or their number where they are not here any more."""
        return reading.colleague_ or f"({reading.user_id})"

    @admin.display(description=_("customer"), ordering="customer_id")
    def customer(self, reading: Any) -> str:
        """Their name, or their number where there is no such customer any more."""
        return reading.customer_ or f"({reading.customer_id})"
