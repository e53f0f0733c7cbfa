"""The story of an answer, as a manager reads it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from feedback.models import Answer, Visit
from feedback.selectors.story import evidence_story, state_of
from portal.roles import Role
from tests.factories import make_user
from tests.feedback.makers import let_pass, make_invitation, make_link
from tests.feedback.test_put_right import asked, at, press

pytestmark = pytest.mark.django_db


def story_world() -> Answer:
    """A machine that presses at arrival and opens everything, a person who answers, and another who disagrees."""
    invitation = make_invitation()
    _, token = make_link(invitation)
    _, decoy = make_link(invitation, "decoy")
    at = reverse("feedback:answer", args=[token])
    press = {"confirm": "yes"}
    machine, one, two = (Client(headers={"user-agent": name}) for name in ("Scanner", "Phone", "Desk"))
    for answer in ("yes", "partly", "no"):
        machine.get(f"{at}?a={answer}")
    machine.get(reverse("feedback:decoy", args=[decoy]))
    let_pass(timedelta(seconds=2))
    machine.post(at, press | {"enjoyed": "no"})
    let_pass(timedelta(hours=4))
    one.get(f"{at}?a=yes")
    let_pass(timedelta(seconds=9))
    one.post(at, press | {"enjoyed": "yes"})
    let_pass(timedelta(hours=1))
    two.get(f"{at}?a=no")
    two.post(at, press | {"enjoyed": "no"})
    return Answer.objects.with_state().get(is_counted=True)


def test_it_tells_who_did_what_in_the_order_of_time(django_assert_num_queries: Any) -> None:
    answer = story_world()
    with django_assert_num_queries(7):
        lines = evidence_story(answer=answer)
    assert [line.text for line in lines] == [
        "The letter left.",
        "Visitor A opened 4 links within seconds, one of which people cannot see. Only programs do that.",
        "Visitor A pressed “No, I did not”. This is not counted, and stands in nobody's way: all links were opened "
        "within seconds; a link that people cannot see was opened.",
        "Visitor B opened the page for “Yes, I did”.",
        "Visitor B pressed “Yes, I did”. This counts.",
        "Visitor C opened the page for “No, I did not”.",
        "Visitor C pressed “No, I did not”. Another answer counts, so this one is kept beside it and changes nothing.",
    ]
    assert [line.at for line in lines] == sorted(line.at for line in lines)


@pytest.mark.django_db(transaction=True)
def test_an_answer_that_was_withdrawn_says_so() -> None:
    invitation = make_invitation()
    _, token = make_link(invitation)
    _, decoy = make_link(invitation, "decoy")
    at, client = reverse("feedback:answer", args=[token]), Client()
    client.get(f"{at}?a=yes")
    client.post(at, {"enjoyed": "yes", "confirm": "yes"})
    assert Answer.objects.get().is_counted
    client.get(reverse("feedback:decoy", args=[decoy]))
    answer = Answer.objects.get()
    assert (answer.is_counted, answer.doubts) == (False, ["decoy"])
    assert evidence_story(answer=answer)[-1].text == (
        "The answer “Yes, I did” was withdrawn for what its visitor did afterwards: a link that people cannot see was "
        "opened."
    )


def test_a_press_knows_its_time_after_the_letter_by_the_database() -> None:
    story_world()
    for visit in Visit.objects.filter(method="POST", hint="no").order_by("pk")[:1]:
        assert visit.after_letter
        assert timedelta(hours=1) < visit.after_letter < timedelta(hours=1, minutes=5)


@pytest.mark.parametrize("role", [Role.MANAGER, Role.ANALYST])
def test_a_manager_reads_it_in_the_admin_and_sees_no_fingerprint(client: Client, role: Role) -> None:
    answer = story_world()
    client.force_login(make_user(role))
    page = client.get(reverse("admin:feedback_answer_change", args=[answer.pk])).content.decode()
    assert "Visitor B pressed “Yes, I did”. This counts." in page
    assert "Counted, but another answer conflicts with it" in page
    pages = [page, client.get(reverse("admin:feedback_visit_changelist")).content.decode()]
    pages += [
        client.get(reverse("admin:feedback_visit_change", args=[visit.pk])).content.decode()
        for visit in Visit.objects.all()
    ]
    for fingerprint in set(Visit.objects.values_list("fingerprint", flat=True)):
        assert not any(fingerprint in one for one in pages)


def test_the_list_finds_conflicts(client: Client) -> None:
    answer = story_world()
    client.force_login(make_user(Role.MANAGER))
    for value, count in (("yes", 2), ("no", 1)):
        listed = client.get(reverse("admin:feedback_answer_changelist"), {"conflict": value})
        assert listed.context["cl"].result_count == count
    states = {state_of(one) for one in Answer.objects.with_state().filter(invitation=answer.invitation_id)}
    assert states == {
        "Counted, but another answer conflicts with it",
        "Doubtful, not counted",
        "Not counted: it differs, and came from another place",
    }


def test_the_story_of_an_answer_tells_mending_from_answering(client: Client) -> None:
    row, token = asked()
    client.get(at(token, "?a=yes"))
    press(client, token, "yes")
    lines = [line.text for line in evidence_story(answer=row.recovery.answer)]
    assert not any("Yes, I did" in line or "such as words" in line for line in lines), lines
