"""The rules as managers edit them, and who was not asked as they see it."""

from typing import Any

import pytest
from django.test import Client

from customers.models import Incident
from feedback.models import AskingRules
from feedback.services.invitations import invite_due
from portal.roles import Role
from tests.factories import make_touch_point, make_user
from tests.feedback.makers import make_closed
from tests.feedback.test_invitations import make_incident

pytestmark = pytest.mark.django_db

RULES, LIST = "/admin/feedback/askingrules/1/change/", "/admin/feedback/invitation/"
FORM: dict[str, Any] = {
    "is_asking": "on",
    "days_between": "30",
    "answer_days": "30",
    "mending_days": "14",
    "reminder_days": "5",
    "budget": "200",
    "budget_per": "week",
    "quiet_from": "21:00",
    "quiet_until": "08:00",
}


@pytest.fixture
def manager() -> Client:
    client = Client()
    client.force_login(make_user(Role.MANAGER))
    return client


def test_a_manager_edits_the_rules(manager: Client) -> None:
    desk = make_touch_point("returns-desk")
    page = manager.get(RULES).content.decode()
    assert "By the customer's own clock." in page
    assert "every tier, touch point and channel has its turn" in page
    answer = manager.post(RULES, FORM | {"channels_left_out": ["chat", "web"], "touch_points_left_out": [desk.pk]})
    assert answer.status_code == 302
    rules = AskingRules.objects.get()
    assert rules.channels_left_out == ["chat", "web"]
    assert list(rules.touch_points_left_out.all()) == [desk]
    assert (rules.budget, rules.budget_per, str(rules.quiet_from), rules.reminder_days) == (200, "week", "21:00:00", 5)
    assert not rules.asks_if_closed_itself


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"quiet_until": ""}, "Quiet hours need both times, and two different ones."),
        ({"quiet_until": "21:00"}, "Quiet hours need both times, and two different ones."),
        ({"reminder_days": "30"}, "A reminder must leave while the links still work."),
        ({"channels_left_out": ["drum"]}, "drum"),
        ({"days_between": "-1"}, "greater than or equal to 0"),
    ],
)
def test_what_cannot_work_is_refused_with_a_sentence(manager: Client, change: dict[str, Any], sentence: str) -> None:
    answer = manager.post(RULES, FORM | change)
    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    assert AskingRules.objects.get().budget == 0


def test_today_in_figures_above_who_was_asked(manager: Client) -> None:
    assert "Nobody." in manager.get(LIST).content.decode()
    for _ in range(2):
        make_closed()
    waits = make_closed()
    make_incident(waits.customer)
    make_closed(channel="web")
    AskingRules.objects.update(channels_left_out=["web"])
    invite_due()
    page = " ".join(manager.get(LIST).content.decode().split())
    assert "2 customers were asked." in page
    assert "Not asked: 1" in page
    assert "We do not ask about this channel</a>: 1" in page
    assert "Waiting now: 1" in page
    assert "Until what went wrong is put right</a>: 1" in page
    assert manager.get(LIST, {"not_asked__exact": "channel"}).content.decode().count("field-customer") == 1
    assert manager.get(LIST, {"waits_for__exact": "incident"}).content.decode().count("field-customer") == 1


@pytest.mark.parametrize("count", [1, 3])
def test_the_figures_cost_the_same_whatever_their_number(
    manager: Client, count: int, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        make_incident(make_closed().customer)
        make_closed()
    invite_due()
    Incident.objects.update(severity=1)
    manager.get(LIST)
    with django_assert_num_queries(7):
        manager.get(LIST)
