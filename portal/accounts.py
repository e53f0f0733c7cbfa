"""How sign-in differs from allauth's defaults: nobody signs up, an administrator adds colleagues."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import AddEmailForm
from allauth.account.utils import filter_users_by_email
from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _


class AccountAdapter(DefaultAccountAdapter):
    """Keeps the door shut to strangers."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class AddressForm(AddEmailForm):
    """A further address of a colleague's, which nobody else here has: one leads to one person."""

    def clean_email(self) -> str:
        email: str = super().clean_email()
        if filter_users_by_email(email):
            raise forms.ValidationError(_("A colleague has this address."))
        return email
