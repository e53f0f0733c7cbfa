"""How sign-in differs from allauth's defaults: nobody signs up, an administrator adds colleagues."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Keeps the door shut to strangers."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
