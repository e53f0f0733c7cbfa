"""What the database refuses about preferences, cautions and the rules of what may be said."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from customers.models import (
    Caution,
    Consent,
    Preference,
    SpeakingRules,
)
from tests.customers.rows import refused
from tests.factories import make_customer

pytestmark = pytest.mark.django_db


def test_preference() -> None:
    customer = make_customer()
    refused("preference_says_something", Preference(customer=customer, text=""))
    tea = {"customer": customer, "text": "Tea"}
    refused("preference_noted_once", Preference(**tea), Preference(**tea))
    Preference(**tea, retired_at=timezone.now()).save()


def test_what_is_known_of_a_preference() -> None:
    customer = make_customer()
    about = {"customer": customer, "text": "Tea"}
    Consent.objects.create(customer=customer, purpose="special", is_given=True)
    refused("preference_category_known", Preference(**about, category="hobby"))
    refused("preference_confirmed_says_so", Preference(**about, confirmed_at=timezone.now()))


@pytest.mark.parametrize("said", [[], [False], [True, False]])
def test_what_is_sensitive_needs_the_newest_yes(said: list[bool]) -> None:
    customer, other = make_customer(), make_customer()
    Consent.objects.create(customer=other, purpose="special", is_given=True)
    Consent.objects.create(customer=customer, purpose="marketing", is_given=True)
    Consent.objects.bulk_create(
        Consent(customer=customer, purpose="special", is_given=one, noted_at=timezone.now() + timedelta(seconds=place))
        for place, one in enumerate(said)
    )
    name = "preference_special_needs_consent"
    refused(name, Preference(customer=customer, text="No nuts", category="health"))
    plain = Preference.objects.create(customer=customer, text="No nuts")
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Preference.objects.filter(pk=plain.pk).update(category="health")
    Preference.objects.create(customer=customer, text="Kosher", category="belief", retired_at=timezone.now())
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Preference.objects.update(retired_at=None)
    row = Preference.objects.create(customer=other, text="Kosher", category="belief")
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Preference.objects.filter(pk=row.pk).update(customer=customer)


def test_a_no_retires_what_is_sensitive_by_whatever_door() -> None:
    customer, other = make_customer(), make_customer()
    for one in (customer, other):
        Consent.objects.create(customer=one, purpose="special", is_given=True)
        Preference.objects.create(customer=one, text="No nuts", category="health")
        Preference.objects.create(customer=one, text="Tea")
    # An older no that comes in late changes nothing: the newest word stands.
    Consent.objects.bulk_create(
        [Consent(customer=customer, purpose="special", is_given=False, noted_at=timezone.now() - timedelta(days=1))]
    )
    assert Preference.objects.live().count() == 4
    Consent.objects.bulk_create([Consent(customer=customer, purpose="marketing", is_given=False)])
    Consent.objects.bulk_create(
        [Consent(customer=customer, purpose="special", is_given=False, noted_at=timezone.now() + timedelta(seconds=1))]
    )
    assert set(Preference.objects.live().values_list("customer", "text")) == {
        (customer.pk, "Tea"),
        (other.pk, "Tea"),
        (other.pk, "No nuts"),
    }


def test_caution() -> None:
    customer = make_customer()
    refused("caution_says_something", Caution(customer=customer, text=""))
    hush = {"customer": customer, "text": "Not a word"}
    refused("caution_noted_once", Caution(**hush), Caution(**hush))
    earlier = timezone.now() - timedelta(hours=1)
    refused("caution_retired_after_noting", Caution(**hush, retired_at=earlier))
    Caution(**hush, noted_at=earlier, retired_at=timezone.now()).save()


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("speakingrules_one_row", {"pk": 2}),
        ("speakingrules_half_life_positive", {"half_life_days": 0}),
        ("speakingrules_half_life_positive", {"half_life_days": 3651}),
        ("speakingrules_weights_in_order", {"slight": 3}),
        ("speakingrules_weights_in_order", {"serious": 1}),
        ("speakingrules_weights_in_order", {"wait": Decimal("20.1")}),
        ("speakingrules_weights_in_order", {"promise": -1}),
        ("speakingrules_measures_positive", {"wait_minutes": 0}),
        ("speakingrules_fading_positive", {"observed_days": 0}),
    ],
)
def test_speaking_rules(name: str, fields: dict[str, Any]) -> None:
    SpeakingRules.objects.all().delete()
    refused(name, SpeakingRules(**{"pk": 1} | fields))
