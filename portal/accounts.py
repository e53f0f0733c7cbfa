"""How sign-in differs from allauth's defaults: nobody signs up, an administrator adds colleagues."""

from functools import cache

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.forms import AddEmailForm
from allauth.account.utils import filter_users_by_email
from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _

from customers.selectors.prepared import NOBODY, Statement
from portal.models import User


class AccountBackend(AuthenticationBackend):
    """allauth's own, but for how whoever is signed in is read: every page asks, by a statement that is planned once."""

    def get_user(self, user_id: int) -> User | None:
        """Return the colleague, or None where there is no such one any more or they may not sign in (1 query)."""
        found = _user().fetch(pk=user_id)
        if not found:
            return None
        user: User = found[0]
        return user if self.user_can_authenticate(user) else None


@cache
def _user() -> Statement:
    return Statement(User.objects.filter(pk=NOBODY), pk=NOBODY)


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
