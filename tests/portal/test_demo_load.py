"""The demo as it is loaded: through the import, whole after a cut, and the same when loaded twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from io import StringIO

import pytest
from django.conf import settings
from django.contrib.auth import authenticate
from django.core.management import call_command
from django.db import models
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from customers.models import (
    Consent,
    ContactPoint,
    Customer,
    Gesture,
    Incident,
    Interaction,
    Letter,
    Order,
    Preference,
    Promise,
    Rating,
    Relationship,
    Segment,
    SegmentMember,
    TouchPoint,
)
from customers.services.conversations import close_interaction, open_interaction
from feedback.models import Answer, CommentTone, Invitation, PreventionAction, Recovery, RecoveryStep, WorkingHours
from feedback.services.invitations import invite
from feedback.services.put_right import ask_put_right
from feedback.services.tones import note_tones
from portal.demo import DEMO_PASSWORD
from portal.demo.accounts import AGENT, DOMAIN, LEAD
from portal.demo.cast import FIRMS, HAPPY, LET_DOWN, NEW, SHARED
from portal.demo.loading import MONTHS, Progress, is_loaded, load
from portal.demo.retail import SOURCE, read_invoices
from portal.models import HintOffer, HintPress, HintShown, User
from portal.roles import Role
from tiers.models import Perk, Run, Standing, Tier

# One process loads, once for all of these.
pytestmark = [pytest.mark.xdist_group("demo"), pytest.mark.django_db]
CUSTOMERS = 80
WRITTEN: tuple[type[models.Model], ...] = (
    *(User, Customer, ContactPoint, Consent, Order, Interaction, Incident, Promise, Preference, Letter),
    *(Gesture, Rating, Relationship, Segment, SegmentMember),
    *(Invitation, Answer, Recovery, Standing, Run),
    *(HintOffer, HintShown, HintPress),
)


def _counts() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in WRITTEN}


class PulledThePlug(Exception):
    """The power went."""


@contextmanager
def _quiet(name: str, length: int) -> Iterator[Progress]:
    yield lambda done: None


@contextmanager
def _cut(name: str, length: int) -> Iterator[Progress]:
    if name == "History":
        raise PulledThePlug
    yield lambda done: None


@pytest.fixture(scope="module", autouse=True)
def demo(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A demo whose first load was cut short before its history and whose second completed it."""
    with django_db_blocker.unblock():
        try:
            with pytest.raises(PulledThePlug):
                load(step=_cut, customers=CUSTOMERS)
            assert not is_loaded()
            assert Order.objects.exists()
            assert load(step=_quiet, customers=CUSTOMERS)
            yield
        finally:
            call_command("flush", interactive=False, verbosity=0)


def _customer(number: str) -> Customer:
    return Customer.objects.get(source=SOURCE, external_id=number)


def test_second_load_changes_nothing() -> None:
    before = _counts()
    assert not load(step=_quiet)
    out = StringIO()
    call_command("load_demo", stdout=out)
    assert "here already" in out.getvalue()
    assert _counts() == before


def test_orders_are_those_of_the_set_to_the_penny() -> None:
    numbers = set(Customer.objects.values_list("external_id", flat=True))
    assert len(numbers) == CUSTOMERS
    invoices = {invoice.number: invoice.amount for invoice in read_invoices() if invoice.customer in numbers}
    assert dict(Order.objects.values_list("external_id", "amount")) == invoices


def test_margins_are_estimated_and_marked() -> None:
    assert not Order.objects.filter(is_margin_estimated=False).exists()
    order = Order.objects.order_by("-amount")[0]
    assert order.margin == (order.amount * settings.MARGIN_PERCENT / 100).quantize(Decimal("0.01"))


def test_last_order_is_of_the_last_seven_days() -> None:
    age = timezone.now() - Order.objects.latest("placed_at").placed_at
    assert 0 <= age.days < 7


def test_nothing_of_the_past_lies_in_the_future() -> None:
    now = timezone.now()
    for model, name in (
        (Order, "placed_at"),
        (Interaction, "closed_at"),
        (Incident, "happened_at"),
        (Incident, "resolved_at"),
        (Promise, "made_at"),
        (Promise, "kept_at"),
        (Promise, "broken_at"),
        (Preference, "noted_at"),
        (Consent, "noted_at"),
        (Letter, "sent_at"),
        (Gesture, "given_at"),
        (Rating, "as_of"),
        (Answer, "answered_at"),
        (Recovery, "opened_at"),
        (Recovery, "closed_at"),
    ):
        assert not model._default_manager.filter(**{f"{name}__gt": now}).exists(), f"{model.__name__}.{name}"


def test_nobody_is_asked_now_about_the_past() -> None:
    assert Interaction.objects.exists()
    assert not Interaction.objects.filter(invitation=None).exists()
    assert not Letter.objects.exclude(state="sent").exists()


def test_history_has_something_of_each_kind() -> None:
    now = timezone.now()
    assert Promise.objects.overdue().exists()
    assert Promise.objects.open().filter(due_at__gt=now).exists()
    assert Promise.objects.filter(kept_at__lte=models.F("due_at")).exists()
    assert Promise.objects.filter(kept_at__gt=models.F("due_at")).exists()
    assert set(Answer.objects.values_list("enjoyed", flat=True)) == {"yes", "partly", "no"}
    assert set(Preference.objects.values_list("is_ask_first", flat=True)) == {True, False}
    assert Preference.objects.values("provenance").distinct().count() == 3


def test_incidents_begin_with_returns_that_were_our_fault() -> None:
    faults = Order.objects.filter(is_our_fault=True)
    assert faults.exists()
    linked = Incident.objects.filter(order__kind="purchase")
    assert set(linked.values_list("customer_id", flat=True)) == set(faults.values_list("customer_id", flat=True))


def test_segments_say_of_everybody_where_they_are_and_how_they_buy() -> None:
    at_home = Customer.objects.filter(memberships__segment__slug="at-home")
    assert set(at_home.values_list("country", flat=True)) == {"GB"}
    assert set(Segment.objects.filter(members__customer=_customer(NEW)).values_list("slug", flat=True)) == {
        "abroad",
        "bought-once",
    }
    assert set(SegmentMember.objects.values_list("source", flat=True)) == {SOURCE}
    assert SegmentMember.objects.values("segment").distinct().count() == Segment.objects.count() == 5


def test_gestures_were_given_when_things_were_put_right_and_ratings_are_there() -> None:
    assert Gesture.objects.filter(customer=_customer(LET_DOWN)).count() == 1
    assert Gesture.objects.filter(customer=_customer(HAPPY)).count() == 2
    assert Gesture.objects.filter(interaction=None).exists()  # an apology for what came back
    assert not Gesture.objects.filter(given_by=None).exists()
    assert set(Rating.objects.values_list("kind", flat=True)) == {"influence", "advocacy"}
    assert _customer(HAPPY).ratings.get(kind="advocacy").value == 95


def test_two_unhappy_answers_wait_to_be_mended() -> None:
    waiting = Recovery.objects.open().order_by("-opened_at")
    assert waiting.count() >= 2
    assert all(recovery.due_at > timezone.now() for recovery in waiting[:2])
    assert {AGENT, LEAD} <= {recovery.owner.email for recovery in waiting if recovery.owner}


def test_amends_fall_due_and_end_when_somebody_is_there() -> None:
    hours = {one.weekday: (one.opens_at, one.closes_at) for one in WorkingHours.objects.all()}
    moments = [moment for row in Recovery.objects.values_list("due_at", "escalate_at", "closed_at") for moment in row]
    moments += RecoveryStep.objects.filter(step="contacted").values_list("at", flat=True)
    assert moments
    for moment in filter(None, moments):
        at = timezone.localtime(moment)
        opens, closes = hours[at.weekday()]
        assert opens <= at.time() <= closes, at


def test_customers_are_written_to_and_write_in_their_own_language() -> None:
    spoken = dict(settings.LANGUAGES)
    for answer in Answer.objects.select_related("invitation__letter", "invitation__customer"):
        letter, own = answer.invitation.letter, answer.invitation.customer.language
        assert letter
        assert letter.language == (own if own in spoken else "en")
        if answer.comment == "Sehr freundlich, danke.":
            assert letter.language == "de"
            assert not answer.language
    note_tones()
    told = CommentTone.objects.filter(answer__comment="Sehr freundlich, danke.")
    assert set(told.values_list("tone", flat=True)) <= {"unknown"}


def test_what_was_mended_says_its_cause_and_one_matter_is_late() -> None:
    closed = Recovery.objects.filter(closed_at__isnull=False)
    assert closed.exists()
    assert not closed.filter(cause=None).exists()
    assert Recovery.objects.open().filter(due_at__lt=timezone.now()).count() == 1
    assert RecoveryStep.objects.filter(step="escalated").count() == 1
    assert not RecoveryStep.objects.filter(at__gt=timezone.now()).exists()
    assert WorkingHours.objects.count() == 6
    assert PreventionAction.objects.filter(done_on__isnull=False).exists()
    assert ask_put_right() == 0, "nobody is asked now about the past"


def test_somebody_was_let_down() -> None:
    customer = _customer(LET_DOWN)
    assert set(Incident.objects.open().filter(customer=customer).values_list("kind", flat=True)) == {
        "broken",
        "waiting",
    }
    assert Promise.objects.overdue().filter(customer=customer).count() == 1
    assert customer.interactions.order_by("-opened_at")[0].waited is not None


def test_somebody_is_happy_in_the_top_tier() -> None:
    customer = _customer(HAPPY)
    assert Standing.objects.get(customer=customer, valid_until=None).tier == Tier.objects.order_by("-rank")[0]
    assert set(Answer.objects.filter(invitation__customer=customer).values_list("enjoyed", flat=True)) == {"yes"}
    assert not Incident.objects.open().filter(customer=customer).exists()


def test_the_happy_one_can_be_asked_again_as_the_tour_says() -> None:
    """The rules for asking would let nobody be asked who was asked not long ago, or for whom something is wrong."""
    talk, _is_new = open_interaction(
        customer=_customer(HAPPY), channel="phone", touch_point=TouchPoint.objects.get(slug="phone-desk")
    )
    close_interaction(interaction=talk)
    invite(interaction_ids=[talk.pk])
    invitation = Invitation.objects.get(interaction=talk)
    assert (invitation.not_asked, invitation.letter is not None) == ("", True)


def test_the_two_highest_tiers_open_ways_to_reach_us() -> None:
    opened = (
        Perk.objects.exclude(channel="none").order_by("-tier__rank", "position").values_list("tier__slug", "channel")
    )
    assert list(opened) == [("family", "line"), ("family", "video"), ("house-guest", "chat")]


def test_somebody_is_new() -> None:
    customer = _customer(NEW)
    assert customer.orders.count() == 1
    assert not customer.interactions.exists()


def test_two_share_a_line() -> None:
    phones = [
        set(_customer(n).contact_points.filter(kind="phone").values_list("normalised", flat=True)) for n in SHARED
    ]
    assert phones[0] & phones[1]


def test_two_are_here_in_two_roles_and_two_live_together() -> None:
    for number, (firm, at_home) in FIRMS.items():
        shop, home = _customer(number), _customer(at_home)
        assert (shop.firm, home.capacity, shop.person_id) == (firm, "private", home.person_id)
        assert None not in (shop.person_id, Standing.objects.get(customer=home, valid_until=None).tier)
    assert sorted(Relationship.objects.open().values_list("kind", flat=True)) == ["assistant", "household"]


def test_standings_have_a_past() -> None:
    assert Run.objects.values("as_of").distinct().count() == MONTHS + 1
    assert not Customer.objects.exclude(standings__valid_until=None).exists()
    assert Standing.objects.exclude(valid_until=None).exists()


def test_colleagues_sign_in_and_those_of_the_past_do_not() -> None:
    sign_in = {user.email for user in User.objects.all() if user.has_usable_password()}
    assert sign_in == {f"{name}{DOMAIN}" for name in ("agent", "lead", "manager", "analyst", "admin")}
    assert authenticate(email=AGENT, password=DEMO_PASSWORD) == User.objects.get(email=AGENT)
    agents = User.objects.filter(role=Role.AGENT)
    assert agents.count() == 5
    assert {agent.lead.email for agent in agents if agent.lead} == {LEAD}


def test_tour_names_what_is_loaded() -> None:
    out = StringIO()
    call_command("load_demo", "--tour", stdout=out)
    lines = out.getvalue().splitlines()
    assert len(lines) == 3
    assert "0131 496 0142: Adaeze Okafor" in lines[0]
    assert "/pop/?phone=%2B441414960611 " in lines[1]
    assert "Rhodri Llewellyn" in lines[2]
