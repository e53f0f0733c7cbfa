"""Adding a customer in the middle of a call: a name is enough."""

import uuid

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from customers.addresses import normalise_email
from customers.phones import normalise_phone
from portal.places import countries


class AddCustomerForm(forms.Form):
    """Who they are and how to reach them."""

    full_name = forms.CharField(label=_("Name"), max_length=200, widget=forms.TextInput({"autocomplete": "off"}))
    known_as = forms.CharField(
        label=_("To be called"), max_length=100, required=False, help_text=_("As they introduce themselves.")
    )
    phone = forms.CharField(
        label=_("Phone"), max_length=60, required=False, widget=forms.TextInput({"inputmode": "tel"})
    )
    email = forms.CharField(
        label=_("Email"), max_length=320, required=False, widget=forms.TextInput({"inputmode": "email"})
    )
    city = forms.CharField(label=_("City"), max_length=100, required=False)
    country = forms.ChoiceField(label=_("Country"), required=False)
    # The number of this sheet of paper: the same sheet sent twice is one customer.
    sheet = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, *args: object, **kwargs: object) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["country"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [("", _("Not known")), *countries()]

    def clean_email(self) -> str:
        """Refuse what cannot be an address; keep what was written."""
        email: str = self.cleaned_data["email"]
        if email:
            try:
                normalise_email(email)
            except ValueError as error:
                raise forms.ValidationError(gettext(str(error))) from None
        return email

    def clean(self) -> None:
        """Refuse a phone that cannot be dialled, and keep what was written.

        A national number is that of the customer's country, which is known only when all fields are read.
        """
        phone, country = self.cleaned_data.get("phone"), self.cleaned_data.get("country")
        if phone and country is not None:
            try:
                normalise_phone(phone, country or settings.HOUSE_COUNTRY)
            except ValueError as error:
                self.add_error("phone", gettext(str(error)))
