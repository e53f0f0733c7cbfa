"""Pinning an entry of the timeline."""

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.forms import HouseForm


class PinForm(HouseForm):
    """Why it should stand first; it may go without saying."""

    name = "pin"
    reason = forms.CharField(label=_("Why, in a few words (or leave it empty)"), max_length=200, required=False)
