"""Which kinds of gesture fit a customer and what went wrong, and the catalogue a new house begins with."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db.models.functions import Now

from customers.models import Customer, Incident, Interaction
from feedback.giving import is_related, rank
from feedback.models import Cause, GestureKind
from feedback.services.giving import give_gesture
from feedback.services.giving_requests import (
    grant_request,
)
from feedback.starter import ensure_causes
from feedback.starter_giving import ensure_gesture_kinds
from portal.contact.parts.gestures import offered
from portal.models import User
from portal.roles import Role
from tests.factories import make_customer, make_interaction, make_touch_point, make_user
from tests.feedback.giving_makers import ask, make_kind
from tests.portal.worlds import give_tier, make_tiers

pytestmark = pytest.mark.django_db


def test_a_kind_that_is_retired_or_for_others_is_refused_while_the_form_is_open(agent: User) -> None:
    tiers, customer = make_tiers(), make_customer()
    kind = make_kind()
    kind.tiers.set(tiers[1:])
    for before in (None, tiers[0]):
        if before:
            give_tier(customer, before)
        with pytest.raises(ValidationError, match="not offered to them any more"):
            give_gesture(customer=customer, kind=kind, by=agent)
    customer.standings.update(valid_until=Now() - timedelta(days=100))
    give_tier(customer, tiers[2], days=100)
    assert give_gesture(customer=customer, kind=kind, by=agent).is_new
    request = ask(agent, customer=customer, kind=make_kind("Upgrade", 60))
    GestureKind.objects.update(is_active=False)
    with pytest.raises(ValidationError, match="not offered to them any more"):
        give_gesture(customer=customer, kind=kind, by=agent, words="Another")
    with pytest.raises(ValidationError, match="Please decline it"):
        grant_request(request=request, by=make_user(Role.MANAGER))


def incident(customer: Customer, kind: str) -> None:
    Incident.objects.create(customer=customer, kind=kind, touch_point=make_touch_point(), text="Oh")


def test_the_kinds_that_fit_come_the_best_first(agent: User, django_assert_num_queries: Any) -> None:
    GestureKind.objects.all().delete()
    ensure_causes()
    tiers, customer, desk, shop = make_tiers(), make_customer(), make_touch_point(), make_touch_point("shop")
    late = Cause.objects.get(incident_kind="late")
    # A house may have put it below something else: what is for the whole is for its parts.
    delivery = Cause.objects.create(name="Delivery")
    Cause.objects.filter(pk=late.pk).update(parent=delivery)
    kinds = {name: make_kind(name, position=place) for place, name in enumerate("ABCDEFG")}
    kinds["B"].causes.set([late])
    kinds["C"].causes.set([delivery])
    kinds["D"].causes.set([Cause.objects.get(incident_kind="broken")])
    kinds["E"].tiers.set(tiers[1:])
    kinds["F"].touch_points.set([desk])
    kinds["G"].causes.set([Cause.objects.get(name="Nobody rang back")])
    incident(customer, "late")
    give_tier(customer, tiers[0])
    talk = make_interaction(customer, agent=agent, touch_point=desk)

    def names() -> str:
        with django_assert_num_queries(1):
            return "".join(kind.name for kind in offered(user=agent, customer=customer).fitting)

    assert names() == "BCGFA"
    customer.standings.update(valid_until=Now() - timedelta(days=100))
    give_tier(customer, tiers[1], days=100)
    assert names() == "BCGFAE"
    customer.standings.filter(valid_until=None).update(valid_until=Now())
    Interaction.objects.filter(pk=talk.pk).update(touch_point=shop)
    assert names() == "BCGA"
    Incident.objects.update(resolved_at=Now())
    assert names() == "A"
    Interaction.objects.filter(pk=talk.pk).update(touch_point=desk)
    kinds["A"].is_active = False
    kinds["A"].save()
    assert names() == "F"


def test_fitting_is_reckoned() -> None:
    late, part, other = (1, 9, None), (2, 1, 9), (3, None, None)
    assert is_related(late, part)
    assert is_related(part, late)
    assert not is_related(late, other)
    assert not is_related((2, 1, 9), (4, 1, 9)), "two parts of one trouble are not the same"
    assert rank(named=[], open_causes=[late], places=[], place=None) == 3
    assert rank(named=[part], open_causes=[late], places=["shop"], place="shop") == 0
    assert rank(named=[other], open_causes=[late], places=[], place=None) is None
    assert rank(named=[], open_causes=[], places=["shop"], place=None) is None


def test_a_new_house_finds_a_catalogue() -> None:
    GestureKind.objects.all().delete()
    ensure_causes()
    make_tiers()
    assert ensure_gesture_kinds()
    assert not ensure_gesture_kinds()
    shipping = GestureKind.objects.get(name="Refund of shipping")
    assert set(shipping.words) == {"en", "de", "fr", "es", "pt", "ar"}
    assert shipping.words["de"].startswith("Wir haben Ihnen die Versandkosten erstattet")
    assert set(shipping.causes.values_list("incident_kind", flat=True)) == {"late", "broken", "mix_up", "wrong_bill"}
    assert GestureKind.objects.get(name="Upgrade").tiers.count() == 3
