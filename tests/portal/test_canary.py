"""The canary: what a role may not see about a customer is in no channel at all, and what it may see is in one.

Every field of every table about a customer is classified here; a new one fails until somebody has thought about it.
"""

import itertools
import secrets
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pgtrigger
import pytest
from django.contrib import admin
from django.db import models
from django.db.models.functions import Now
from django.test import Client, RequestFactory
from django.urls import reverse
from django.views.defaults import server_error

from customers.models import Caution, Customer, Duplicate, Gesture, Letter, Preference
from customers.reminding import PROMISE
from customers.services.consents import note_consent
from customers.services.promise_chasing import chase_promises
from customers.services.promises import hand_over_promise
from customers.tokens import hash_of
from feedback.amends import CHASE, HANDED_OVER
from feedback.models import GestureRequest, GivingEntry
from feedback.services.chasing import chase_recoveries
from feedback.services.recoveries import hand_over
from portal import roles
from portal.models import OutsideSource, User
from portal.roles import Role, permissions_of
from tests.chance import without_chance
from tests.factories import make_customer, make_user
from tests.feedback.giving_makers import make_asked, make_given
from tests.portal.known import make_known_customer, make_override
from tests.portal.test_erasing import about_customers
from tests.portal.test_first_day import PAGES
from tiers.emails import SUMMARY
from tiers.engine import UNKNOWN
from tiers.models import Run, Tier, VideoRoom
from tiers.services.telling import tell_managers

pytestmark = pytest.mark.django_db

NEEDS = {
    "money": "customers.view_money",
    "margin": "customers.view_margin",
    "contact": "customers.view_contact_points",
    "private": "customers.view_private",
    "special": "customers.view_special",
    "letter": "customers.view_letter",
}
# Field → what it is. Preferences and cautions are private, or special, by their row.
SECRET = {
    "customers.caution": {"text": "private", "reason": "private"},
    "customers.contactpoint": {"value": "contact", "normalised": "contact"},
    "customers.gesture": {"cost": "money"},
    "customers.letter": {"to_address": "contact", "subject": "letter", "text": "letter", "html": "letter"}
    | {"headers": "letter", "reply": "letter"},
    "customers.order": {"amount": "money", "house_amount": "money", "margin": "margin", "house_margin": "margin"},
    "customers.preference": {"text": "private"},
    "feedback.gesturerequest": {"cost": "money"},
    "feedback.givingentry": {"amount": "money"},
    "portal.outsidecard": {"body": "money"},
    "portal.pop": {"value": "contact", "normalised": "contact"},
    "tiers.measures": dict.fromkeys(("margin", "repeat_margin", "predicted_margin", "cost_to_serve"), "margin"),
    "tiers.move": {"numbers": "margin"},
}
# What nobody is ever told: where a call by video takes place is only in what the video server is handed.
UNTOLD = {"tiers.videoroom": {"name"}}
# What everybody who may see the row may see. A word of theirs that is a secret is a row of its own kind.
OPEN = {
    "customers.consent": {"source"},
    "customers.contactpoint": {"label"},
    "customers.customer": {"source", "external_id", "full_name", "given_name", "family_name", "known_as", "say_as"}
    | {"pronouns", "language", "country", "city", "time_zone", "firm"},
    "customers.duplicate": {"bits", "reasons"},
    "customers.gesture": {"source", "external_id", "what"},
    "customers.incident": {"text", "resolution"},
    "customers.interaction": {"source", "external_id", "subject", "note"},
    "customers.letter": {"kind", "subject_key", "language", "message_id"},
    "customers.letterevent": {"words", "source_key"},
    "customers.mergestep": {"table", "column", "before", "after", "rows"},
    "customers.nameword": {"word"},
    "customers.order": {"source", "external_id", "description"},
    "customers.promise": {"text"},
    "customers.promisestep": {"words"},
    "customers.rating": {"source"},
    "customers.relationship": {"source"},
    "customers.segmentmember": {"source"},
    "customers.takenbackincident": {"text", "resolution"},
    "feedback.answer": {"comment", "language", "doubts"},
    "feedback.commenttone": {"told_by"},
    "feedback.gesturerequest": {"reason", "answer"},
    "feedback.givingentry": {"words"},
    "feedback.invitation": {"chance"},
    "feedback.putright": {"words"},
    "feedback.recovery": {"what_was_done"},
    "feedback.recoverystep": {"words"},
    "feedback.reply": {"text"},
    "feedback.visit": {"method", "fingerprint", "doubts"},
    "portal.hintshown": {"key", "seed", "text", "score", "propensity"},
    "portal.pin": {"reason"},
    "portal.pop": {"source", "external_id"},
    "tiers.override": {"reason"},
    "tiers.perkuse": {"what"},
}
_KINDS = ("CharField", "TextField", "JSONField", "DecimalField", "FloatField", "ArrayField")


def test_every_field_about_a_customer_is_classified() -> None:
    for model in about_customers():
        if getattr(model, "pgh_tracked_model", None) is not None:
            continue
        label = model._meta.label_lower
        fields = {
            field.name
            for field in model._meta.concrete_fields
            if any(isinstance(field, getattr(models, kind, ())) or type(field).__name__ == kind for kind in _KINDS)
            and not field.choices
            and not isinstance(field, models.GeneratedField)
        }
        assert fields == set(SECRET.get(label, {})) | OPEN.get(label, set()) | UNTOLD.get(label, set()), label
        assert not set(SECRET.get(label, {})) & OPEN.get(label, set()), label


class Planted:
    """A customer with a canary in every secret field, and the words and figures to look for."""

    def __init__(self) -> None:
        self.numbers = itertools.count(1)
        self.told: dict[str, set[str]] = {kind: set() for kind in NEEDS}
        customer = self.customer = make_known_customer()
        self.desk = make_user()
        note_consent(customer=customer, purpose="special", is_given=True)
        make_given(customer, Decimal("61.17"))
        make_asked(self.desk, customer=customer, cost=Decimal("61.18"))
        make_override(customer)
        with pgtrigger.ignore():
            self.plant(customer.orders, "money", "amount", "house_amount")
            self.plant(customer.orders, "margin", "margin", "house_margin")
            self.plant(Gesture.objects.filter(customer=customer), "money", "cost")
            self.plant(GestureRequest.objects.filter(customer=customer), "money", "cost")
            self.plant(GivingEntry.objects.filter(gesture__customer=customer), "money", "amount")
            self.plant(type(customer.measures).objects, "margin", *SECRET["tiers.measures"])
            # The first of the numbers is the margin, in cents.
            customer.moves.update(numbers=[78_123_00, 12, 9, *[UNKNOWN] * 7])
        self.told["margin"] |= {"78123", "78,123"}
        Preference.objects.create(customer=customer, text=self.word("private"), is_private=True)
        Preference.objects.create(customer=customer, text=self.word("special"), category="health")
        Caution.objects.create(
            customer=customer, text=self.word("private"), reason=self.word("private"), is_private=True
        )
        for point in customer.contact_points.all():
            self.told["contact"].add(point.normalised.removeprefix("+44"))
        letter = customer.letters.filter(kind="test")
        letter.update(subject=self.word("letter"), text=self.word("letter"), html=self.word("letter"))
        self.source = OutsideSource.objects.create(
            name="Tills", url="https://127.0.0.1/{reference}", reference="public", shows="money"
        )
        card = {"lines": [{"label": "Owes", "value": self.word("money")}], "url": ""}
        customer.outside_cards.create(source=self.source, body=card)
        talk = customer.interactions.latest("pk")
        name = secrets.token_hex(20)
        self.room = VideoRoom.objects.create(
            customer=customer,
            interaction=talk,
            agent=self.desk,
            name=name,
            token_hash=hash_of(name),
            expires_at=Now() + timedelta(hours=1),
        )
        self.pair = Duplicate.objects.create(one=customer, other=make_customer(), bits=12)

    def word(self, kind: str) -> str:
        word = f"Kanari{kind}{next(self.numbers)}vogel"
        self.told[kind].add(word)
        return word

    def figure(self) -> str:
        return f"{77_000 + next(self.numbers)}.{next(self.numbers) + 10}"

    def plant(self, rows: Any, kind: str, *fields: str) -> None:
        for field in fields:
            for row in rows.all():
                figure = self.figure()
                type(row)._base_manager.filter(pk=row.pk).update(**{field: Decimal(figure)})
                whole = figure.split(".")[0]
                self.told[kind] |= {whole, f"{int(whole):,}"}


def desk_addresses(planted: Planted) -> list[str]:
    """Pages, fragments, files and errors of the desk."""
    customer = planted.customer
    page = reverse("contact", args=[customer.public_id])
    found = [reverse(name) for name in PAGES]
    found += [page, f"{page}?before=rubbish", f"{page}?before=29990101T000000.0-1-1", f"{page}here/"]
    found += [f"{page}selves/", f"{page}profile/"]
    found += [f"{page}?kind={kind}" for kind in ("", "order", "gesture", "letter", "contact", "answer", "promise")]
    found += [
        reverse("customers") + f"?q={text}" for text in (customer.full_name, "canary@mail.example", "%2B4420794601")
    ]
    found += [reverse("pop") + f"?phone={number}" for number in ("%2B442079460110", "rubbish")]
    found += [reverse("outside_card", args=[customer.public_id, planted.source.pk]), reverse("pops_standing")]
    found += [reverse("duplicate", args=[planted.pair.pk]), f"/customers/{customer.pk}/", "/nowhere/"]
    found += [reverse("promise_one", args=[promise.pk]) for promise in customer.promises.all()]
    found += [reverse("mending_one", args=[recovery.pk]) for recovery in customer.recoveries.all()]
    found += [reverse("pin", args=[customer.public_id, f"order-{customer.orders.get().pk}"])]
    names = ("promises_file", "insight_replies_file", "insight_rates_file", "insight_answers_file")
    return found + [reverse(name) for name in names]


def api_addresses(customer: Customer) -> list[str]:
    one = f"/api/v1/customers/{customer.public_id}/"
    found = ["/api/v1/", "/api/v1/customers/", one, f"{one}context/", f"{one}explanation/", f"{one}overrides/"]
    return [*found, "/api/v1/customers/?phone=%2B442079460110", "/api/v1/customers/?page=-1", "/api/schema/"]


def admin_addresses() -> list[str]:
    about = set(about_customers())
    found = []
    for model in admin.site._registry:
        if model in about:
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
            found += [reverse(f"{name}_changelist")]
            found += [reverse(f"{name}_change", args=[row.pk]) for row in model._default_manager.order_by("-pk")[:2]]
    return [*found, "/admin/", "/admin/customers/customer/999999/change/"]


def all_that_is_told(planted: Planted, user: User) -> str:
    """Everything that this colleague is told, in whatever channel."""
    client = Client(raise_request_exception=False)
    client.force_login(user)
    addresses = desk_addresses(planted) + api_addresses(planted.customer) + admin_addresses()
    told = [client.get(address).getvalue().decode() for address in addresses]
    page = reverse("contact", args=[planted.customer.public_id])
    told += [
        client.get(f"{page}?kind={kind}", headers={"HX-Request": "true"}).content.decode() for kind in ("", "order")
    ]
    # A press is answered with blocks of the page; one that is refused with its form.
    for data in ({"text": "Tea", "provenance": "stated"}, {"text": ""}):
        door = reverse("preference_note", args=[planted.customer.public_id])
        told.append(client.post(door, data, headers={"HX-Request": "true"}).content.decode())
    told.append(server_error(RequestFactory().get(page)).content.decode())
    # What was asked for comes back in the field for searching; that is nothing that was told.
    return "".join(told).replace('value="canary@mail.example"', "").replace("“canary@mail.example”", "")


# Who may change a letter may look at it, says Django; so that goes with it.
LESS = {*NEEDS.values(), "customers.change_letter"}
CASES: list[tuple[Role, set[str]]] = [(role, set()) for role in Role] + [(Role.AGENT, LESS), (Role.MANAGER, LESS)]


@pytest.mark.parametrize(("role", "less"), CASES, ids=[f"{role}{'-' * bool(less)}" for role, less in CASES])
def test_what_a_role_may_not_see_is_in_no_channel(role: Role, less: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(roles.PERMISSIONS, role, permissions_of(role) - less)
    planted = Planted()
    told = all_that_is_told(planted, make_user(role))
    assert planted.room.name not in told
    told = without_chance(told)
    for kind, permission in NEEDS.items():
        seen = {canary for canary in planted.told[kind] if canary in told}
        if permission not in permissions_of(role):
            assert not seen, (kind, seen)
        elif "portal.use_desk" in permissions_of(role):
            # The control: the canary sings where it may be heard.
            assert seen, kind


def write_to_colleagues(planted: Planted) -> None:
    """Have every kind of letter to a colleague written about the customer."""
    customer, lead = planted.customer, make_user(Role.LEAD)
    late, coming = customer.promises.order_by("due_at")
    customer.promises.update(owner=planted.desk)
    customer.promises.filter(pk=coming.pk).update(due_at=Now() + timedelta(hours=1))
    assert chase_promises() == 2, "one is late, and one is due within the hour"
    assert hand_over_promise(promise=late, to=lead, by=planted.desk)
    assert chase_recoveries() == 1
    assert hand_over(recovery=customer.recoveries.get(), to=planted.desk, by=lead)
    with pgtrigger.ignore():
        customer.moves.update(from_tier=Tier.objects.get(rank=2))
    Run.objects.filter(pk=customer.moves.get().run_id).update(moves=1)
    assert tell_managers() == 1, "the manager who decided about the customer"


def test_no_secret_leaves_the_house_in_a_letter_to_a_colleague() -> None:
    planted = Planted()
    write_to_colleagues(planted)
    letters = Letter.objects.exclude(colleague=None)
    assert set(letters.values_list("kind", flat=True)) == {PROMISE, CHASE, HANDED_OVER, SUMMARY}
    for letter in letters:
        told = f"{letter.subject}\n{letter.text}\n{letter.html}\n{letter.headers}"
        assert str(planted.customer.public_id) in told or planted.customer.full_name in told, "it is about the customer"
        seen = {kind: {canary for canary in planted.told[kind] if canary in without_chance(told)} for kind in NEEDS}
        assert not any(seen.values()), (letter.kind, seen)
