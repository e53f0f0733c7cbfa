"""Prevention: what is counted and what not, what may be pressed and by whom, and what the page says."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers.models import Incident, Interaction
from feedback.models import Answer, Cause, PreventionAction, Recovery
from feedback.selectors.causes import cause_tree
from feedback.selectors.noise import Noise, listen
from feedback.services.prevention import (
    begin_action,
    change_action,
    finish_action,
    mark_of,
    open_action,
    take_back_done,
)
from feedback.services.recoveries import open_recovery
from feedback.starter import ensure_causes
from portal.models import User
from portal.roles import Role
from tests.factories import make_customer, make_interaction, make_order, make_touch_point, make_user
from tests.portal.worlds import make_recovery

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def causes() -> None:
    ensure_causes()


@pytest.fixture
def lead(client: Client) -> User:
    lead = make_user(Role.LEAD)
    client.force_login(lead)
    return lead


def named(name: str) -> Cause:
    return Cause.objects.get(name=name)


def heard(days: int = 30) -> Noise:
    today = timezone.localdate()
    return listen(since=today - timedelta(days=days), until=today + timedelta(days=1), tree=cause_tree())


def found(noise: Noise) -> list[tuple[str, str, int]]:
    """Where, why and how many."""
    tree, slugs = cause_tree(), {make_touch_point(slug).pk: slug for slug in ("phone-desk", "delivery")}
    return sorted(
        (slugs[one.touch_point], tree.name_of(one.cause) if one.cause else "", one.count) for one in noise.troubles
    )


def trouble(kind: str, slug: str = "delivery", **fields: Any) -> Incident:
    fields.setdefault("customer", make_customer())
    return Incident.objects.create(kind=kind, touch_point=make_touch_point(slug), text="It went wrong", **fields)


def amends(cause: str | None = None) -> Recovery:
    recovery = make_recovery(make_customer())
    if cause:
        Recovery.objects.filter(pk=recovery.pk).update(
            cause=named(cause), state="mended", what_was_done="x", closed_at=timezone.now()
        )
    return recovery


# --- what is counted ---


def test_incidents_and_recoveries_count_together_under_one_cause() -> None:
    trouble("late")
    trouble("late", is_our_fault=False)
    trouble("broken", happened_at=timezone.now() - timedelta(days=40))
    amends("Late")
    amends("Nobody rang back")
    amends()
    noise = heard()
    assert found(noise) == [
        ("delivery", "Late", 1),
        ("phone-desk", "", 1),
        ("phone-desk", "Late", 1),
        ("phone-desk", "Late: Nobody rang back", 1),
    ]
    today = timezone.localdate()
    within = cause_tree().within(named("Late").pk)
    assert noise.cases(today - timedelta(days=30), today + timedelta(days=1), causes=within) == 3


@pytest.mark.parametrize(
    ("kind", "cause", "expected"),
    [
        ("late", "Late", [("delivery", "Late", 1)]),
        ("late", "Nobody rang back", [("delivery", "Late: Nobody rang back", 1)]),
        ("late", None, [("delivery", "Late", 1)]),
        ("late", "Courtesy", [("delivery", "Late", 1), ("phone-desk", "Courtesy", 1)]),
    ],
)
def test_a_contact_with_both_counts_once(kind: str, cause: str | None, expected: list[Any]) -> None:
    recovery = amends(cause)
    trouble(kind, customer=recovery.customer, interaction=recovery.answer.invitation.interaction)
    assert found(heard()) == expected


def test_contacts_and_orders_are_what_it_is_counted_by() -> None:
    customer = make_customer()
    make_interaction(customer)
    make_order(customer)
    make_order(customer, "-5.00")
    noise, today = heard(), timezone.localdate()
    span = (today - timedelta(days=1), today + timedelta(days=1))
    assert noise.contacts_in(*span) == 1
    assert noise.contacts_in(*span, touch_point=make_touch_point("delivery").pk) == 0
    assert noise.orders_in(*span) == 1


def test_a_business_day_is_the_houses(settings: Any) -> None:
    settings.TIME_ZONE = "Pacific/Auckland"
    trouble("late", happened_at=datetime.fromisoformat("2026-03-16T12:00:00+00:00"))
    day = date(2026, 3, 17)
    noise = listen(since=day, until=day + timedelta(days=1), tree=cause_tree())
    assert noise.cases(day, day + timedelta(days=1)) == 1


# --- the page ---


@pytest.mark.parametrize("role", [*Role, None])
def test_who_may_look(client: Client, role: Role | None) -> None:
    if role is not None:
        client.force_login(make_user(role))
    status = client.get(reverse("prevention")).status_code
    assert status == {None: 302, Role.INTEGRATION: 403, Role.AGENT: 403}.get(role, 200)


def told(**changes: str) -> dict[str, str]:
    due = timezone.localdate() + timedelta(days=9)
    return {
        "what_will_change": "Corner pads",
        "cause": str(named("Broken").pk),
        "touch_point": "",
        "base": "contacts",
        "owner": str(make_user(Role.LEAD).pk),
        "due_on": due.isoformat(),
    } | changes


@pytest.mark.parametrize("role", [*Role, None])
def test_who_may_change_something(client: Client, role: Role | None) -> None:
    action = an_action()
    if role is not None:
        client.force_login(make_user(role))
    presses = [
        client.post(reverse("prevention_open"), told()),
        client.post(reverse("prevention_begin", args=[action.pk]), {"on": timezone.localdate().isoformat()}),
        client.post(reverse("prevention_done", args=[action.pk]), {"on": timezone.localdate().isoformat()}),
        client.post(reverse("prevention_not_done", args=[action.pk])),
        client.post(reverse("prevention_not_begun", args=[action.pk])),
        client.post(reverse("prevention_change", args=[action.pk]), changed(action, what_will_change="More pads")),
    ]
    may = role in {Role.LEAD, Role.MANAGER, Role.ADMINISTRATOR}
    assert {response.status_code for response in presses} == {302 if may or role is None else 403}
    action.refresh_from_db()
    assert (action.what_will_change == "More pads") is may
    assert (action.started_on, action.done_on) == (None, None)
    assert (PreventionAction.objects.count() == 2) is may


def an_action(**fields: Any) -> PreventionAction:
    fields.setdefault("due_on", timezone.localdate() - timedelta(days=1))
    return PreventionAction.objects.create(
        what_will_change="Corner pads for glass", cause=named("Broken"), owner=make_user(Role.LEAD), **fields
    )


def test_reading_takes_no_posts_and_pressing_no_gets(client: Client, lead: User) -> None:
    action = an_action()
    assert client.post(reverse("prevention")).status_code == 405
    assert client.get(reverse("prevention_open")).status_code == 405
    for name in ("begin", "done", "not_begun", "not_done", "change"):
        assert client.get(reverse(f"prevention_{name}", args=[action.pk])).status_code == 405
        assert client.post(reverse(f"prevention_{name}", args=[999_999])).status_code == 404


def test_twice_is_once(client: Client, lead: User) -> None:
    same = told()
    for _ in range(2):
        assert client.post(reverse("prevention_open"), same).status_code == 302
    action = PreventionAction.objects.get()
    today = timezone.localdate()
    for on in (today - timedelta(days=3), today):
        client.post(reverse("prevention_begin", args=[action.pk]), {"on": on.isoformat()})
    action.refresh_from_db()
    assert (action.started_on, action.opened_by) == (today - timedelta(days=3), lead)


@pytest.mark.parametrize(
    "changes",
    [
        {"what_will_change": " "},
        {"cause": "999999"},
        {"touch_point": "999999"},
        {"base": "people"},
        {"owner": ""},
        {"due_on": "2020-01-01"},
        {"due_on": "soon"},
    ],
)
def test_what_needs_mending_is_said(client: Client, lead: User, changes: dict[str, str]) -> None:
    response = client.post(reverse("prevention_open"), told(**changes))
    assert response.status_code == 422
    assert "errorlist" in response.content.decode()
    assert not PreventionAction.objects.exists()


@pytest.mark.parametrize("on", ["", "soon", "2999-01-01"])
def test_a_day_that_is_none_is_refused(client: Client, lead: User, on: str) -> None:
    action = an_action()
    response = client.post(reverse("prevention_begin", args=[action.pk]), {"on": on})
    assert response.status_code == 422
    assert "errorlist" in response.content.decode()
    action.refresh_from_db()
    assert action.started_on is None


def test_it_is_not_done_before_it_began(client: Client, lead: User) -> None:
    today = timezone.localdate()
    action = an_action(started_on=today - timedelta(days=3))
    before = (today - timedelta(days=4)).isoformat()
    assert client.post(reverse("prevention_done", args=[action.pk]), {"on": before}).status_code == 422
    action.refresh_from_db()
    assert action.done_on is None


def changed(action: PreventionAction, **changes: str) -> dict[str, str]:
    """What the form of an action sends, as it stands on the page and with changes."""
    told = {"what_will_change": action.what_will_change, "owner": str(action.owner_id)}
    return told | {"due_on": action.due_on.isoformat(), "seen": mark_of(action)} | changes


def test_a_slip_is_put_right(client: Client, lead: User) -> None:
    action, other = an_action(), make_user(Role.LEAD)
    page = client.get(reverse("prevention")).content.decode()
    assert f'name="seen" value="{mark_of(action)}"' in page
    # The day was over before, and stays.
    for said in ("Changed.", "That is what stood there."):
        door = reverse("prevention_change", args=[action.pk])
        response = client.post(door, changed(action, what_will_change="More pads", owner=str(other.pk)), follow=True)
        assert said in response.content.decode()
    action.refresh_from_db()
    assert (action.what_will_change, action.owner, action.cause) == ("More pads", other, named("Broken"))


@pytest.mark.parametrize(
    "changes",
    [{"what_will_change": " "}, {"owner": ""}, {"owner": "999999"}, {"due_on": "2020-01-01"}, {"due_on": "x"}],
)
def test_a_change_that_needs_mending_is_said_beside_the_action(
    client: Client, lead: User, changes: dict[str, str]
) -> None:
    action, _another = an_action(), an_action(due_on=timezone.localdate() + timedelta(days=3))
    response = client.post(reverse("prevention_change", args=[action.pk]), changed(action, **changes))
    page = response.content.decode()
    assert response.status_code == 422
    assert page.count("errorlist") == 1
    assert page.count("<details open>") == 1
    assert PreventionAction.objects.get(pk=action.pk).what_will_change == "Corner pads for glass"


def test_what_a_colleague_wrote_meanwhile_is_not_written_over_unseen(client: Client, lead: User) -> None:
    action = an_action()
    door = reverse("prevention_change", args=[action.pk])
    mine = changed(action, what_will_change="Mine")
    assert change_action(action=action, what_will_change="Theirs", owner=action.owner, due_on=action.due_on)
    response = client.post(door, mine)
    page = response.content.decode()
    assert response.status_code == 422
    assert "A colleague wrote meanwhile: “Theirs”" in page
    assert 'value="Mine"' in page
    # Pressed again, with the mark that came along.
    action.refresh_from_db()
    assert client.post(door, mine | {"seen": mark_of(action)}).status_code == 302
    action.refresh_from_db()
    assert action.what_will_change == "Mine"


def test_days_are_taken_back_one_by_one(client: Client, lead: User) -> None:
    today = timezone.localdate()
    action = an_action(started_on=today - timedelta(days=3), done_on=today)
    refused = client.post(reverse("prevention_change", args=[action.pk]), changed(action, what_will_change="Mine"))
    assert "That is done meanwhile." in refused.content.decode()
    for name, left in (
        ("not_begun", (today - timedelta(days=3), today)),
        ("not_done", (today - timedelta(days=3), None)),
        ("not_done", (today - timedelta(days=3), None)),
        ("not_begun", (None, None)),
        ("not_begun", (None, None)),
    ):
        assert client.post(reverse(f"prevention_{name}", args=[action.pk])).status_code == 302
        action.refresh_from_db()
        assert (action.started_on, action.done_on) == left


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        (40, 4, "It happens less often: 90 % less."),
        (4, 40, "It happens more often: 900 % more."),
        (3, 1, "We cannot tell yet: too few cases"),
        (0, 0, "We cannot tell yet: there is nothing to compare."),
    ],
)
def test_an_action_says_what_came_of_it(client: Client, lead: User, before: int, after: int, sentence: str) -> None:
    today, now = timezone.localdate(), timezone.now()
    an_action(started_on=today - timedelta(days=60), done_on=today - timedelta(days=50))
    customer = make_customer()
    for days, count in ((80, before), (20, after)):
        at = now - timedelta(days=days)
        make_interaction(customer, opened_at=at, closed_at=at)
        for _ in range(count):
            trouble("broken", customer=customer, happened_at=at)
    page = client.get(reverse("prevention")).content.decode()
    assert sentence in page
    assert page.count("<svg") == (1 if before + after == 0 else 2)
    assert "Corner pads for glass" in page
    if before:
        assert f'<td class="number">{before}</td>' in page


def test_thousands_are_set_apart_on_the_page(client: Client, lead: User) -> None:
    today, now = timezone.localdate(), timezone.now()
    an_action(started_on=today - timedelta(days=60), done_on=today - timedelta(days=50))
    customer, place, at = make_customer(), make_touch_point("delivery"), now - timedelta(days=80)
    told = {"customer": customer, "touch_point": place}
    Interaction.objects.bulk_create(
        Interaction(channel="phone", opened_at=at, closed_at=at, **told) for _ in range(1100)
    )
    Incident.objects.bulk_create(
        Incident(kind="broken", text="It went wrong", happened_at=at, **told) for _ in range(2200)
    )
    page = client.get(reverse("prevention")).content.decode()
    assert '2,200</td><td class="number">1,100</td><td class="number">2,000.0</td>' in page
    for plain in ("2000.0", ">2200", ">1100"):
        assert plain not in page


def test_an_action_that_is_not_done_cannot_be_told(client: Client, lead: User) -> None:
    an_action(started_on=timezone.localdate() - timedelta(days=60))
    page = client.get(reverse("prevention")).content.decode()
    assert "We cannot tell yet: it is not done." in page
    assert "is-overdue" in page


def test_choices_narrow_the_page(client: Client, lead: User) -> None:
    trouble("late", "delivery")
    trouble("broken", "warehouse")
    whole = client.get(reverse("prevention")).content.decode()
    assert '<th scope="row">Delivery</th>' in whole
    assert '<th scope="row">Warehouse</th>' in whole
    for query in (f"touch_point={make_touch_point('delivery').pk}", f"cause={named('Late').pk}&base=orders"):
        page = client.get(f"{reverse('prevention')}?{query}").content.decode()
        assert '<th scope="row">Delivery</th>' in page
        assert '<th scope="row">Warehouse</th>' not in page
    assert client.get(f"{reverse('prevention')}?touch_point=x&cause=%00&base=y").status_code == 200


@pytest.mark.parametrize("many", [1, 3])
def test_the_page_costs_the_same_for_one_and_three(
    client: Client, lead: User, many: int, django_assert_num_queries: Any
) -> None:
    today = timezone.localdate()
    for _ in range(many):
        trouble("late")
        amends("Late")
        an_action(started_on=today - timedelta(days=60), done_on=today - timedelta(days=50))
    # session, colleague, causes, places, actions, incidents, recoveries, contacts, orders, colleagues who mend
    with django_assert_num_queries(10):
        assert client.get(reverse("prevention")).status_code == 200


def opened(by: User) -> tuple[PreventionAction, bool]:
    told: dict[str, Any] = {"cause": named("Late"), "touch_point": None, "base": "contacts"}
    return open_action(what_will_change="Ring back", owner=by, due_on=timezone.localdate(), by=by, **told)


def test_a_mistyped_year_does_not_close_the_page(client: Client, lead: User) -> None:
    action, _ = opened(lead)
    client.post(reverse("prevention_begin", args=[action.pk]), {"on": "0001-03-01"})
    client.post(reverse("prevention_done", args=[action.pk]), {"on": timezone.localdate().isoformat()})
    assert client.get(reverse("prevention")).status_code == 200


def test_what_is_not_done_after_all_may_stand_beside_the_same(client: Client, lead: User) -> None:
    action, _ = opened(lead)
    today = timezone.localdate()
    begin_action(action=action, on=today)
    finish_action(action=action, on=today)
    assert opened(lead)[1]
    take_back_done(action=action)
    told = {"what_will_change": "Ring back", "cause": action.cause_id, "base": "contacts", "owner": lead.pk}
    response = client.post(reverse("prevention_open"), told | {"due_on": today.isoformat()})
    assert response.status_code == 302


def test_two_matters_of_one_contact_are_one_trouble() -> None:
    answer = make_recovery(make_customer()).answer
    beside = Answer.objects.create(invitation=answer.invitation, enjoyed="no", conflict="elsewhere", is_counted=False)
    assert open_recovery(answer=beside)
    assert sum(count for _place, _cause, count in found(heard())) == 1
