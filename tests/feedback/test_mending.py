"""Mending: who is told and when, who it goes to, how it is closed, and what is kept of it."""

import threading
from datetime import time, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models.functions import Now

from customers.models import Customer, Interaction, Letter, Suppression
from feedback.enums import Chased
from feedback.models import (
    Cause,
    Holiday,
    Invitation,
    MendingRules,
    NamedOwner,
    Recovery,
    RecoveryStep,
    WorkingHours,
)
from feedback.selectors.mending import terms_for
from feedback.services.answers import add_comment, record_answer
from feedback.services.chasing import chase_recoveries
from feedback.services.recoveries import close_recovery, hand_over, open_recovery_for_comment, reopen_recovery
from feedback.starter import ensure_causes, ensure_mending_rules
from portal.models import User
from portal.roles import Role
from tests.factories import make_customer, make_email, make_user
from tests.feedback.makers import make_closed, make_invitation, make_link
from tests.feedback.test_recoveries import give_tier, unhappy
from tiers.models import Tier

pytestmark = pytest.mark.django_db


@pytest.fixture
def cause() -> Cause:
    ensure_causes()
    return Cause.objects.get(name="Nobody rang back")


def steps(recovery: Recovery) -> list[str]:
    return list(RecoveryStep.objects.filter(recovery=recovery).order_by("pk").values_list("step", flat=True))


def told() -> list[tuple[str, Any]]:
    """The letters to colleagues since the last look."""
    letters = Letter.objects.filter(colleague__isnull=False).exclude(state="sent").order_by("pk")
    found = [(letter.kind, letter.colleague) for letter in letters]
    letters.update(state="sent", sent_at=Now())
    return found


# --- what opens one ---


@pytest.mark.parametrize(
    ("answer", "comment", "opens"),
    [
        ("yes", "Lovely, thank you for your help", False),
        ("yes", "Lovely, but please ring me back", True),
        ("partly", "I am still waiting for my refund", True),
        ("partly", "", False),
    ],
)
def test_words_that_ask_for_help_open_one_whatever_was_answered(answer: str, comment: str, opens: bool) -> None:
    link, _ = make_link()
    record_answer(link=link, enjoyed=answer)
    add_comment(invitation=link.invitation, comment=comment)
    assert Recovery.objects.exists() is opens


def test_a_plea_is_heard_in_the_language_of_the_page_and_in_their_own() -> None:
    for own, page in (("en", "de"), ("de", "en"), ("de", "")):
        link, _ = make_link()
        Customer.objects.filter(pk=link.invitation.customer_id).update(language=own)
        record_answer(link=link, enjoyed="yes")
        invitation = Invitation.objects.get(pk=link.invitation_id)
        add_comment(invitation=invitation, comment="Niemand hat zurückgerufen.", language=page)
        assert Recovery.objects.filter(answer__invitation=invitation).exists(), (own, page)


def test_words_after_a_no_open_no_second_one() -> None:
    recovery = unhappy()
    add_comment(invitation=recovery.answer.invitation, comment="Please call me")
    recovery.answer.refresh_from_db()
    assert not open_recovery_for_comment(answer=recovery.answer)
    assert steps(recovery) == ["opened"]


def test_by_the_houses_rules_in_part_opens_one_too() -> None:
    ensure_mending_rules()
    MendingRules.objects.update(includes_partly=True)
    link, _ = make_link()
    record_answer(link=link, enjoyed="partly")
    assert Recovery.objects.exists()


# --- whose, and by when ---


def test_a_tiers_named_person_goes_before_the_lead_until_they_leave() -> None:
    lead, named = make_user(Role.LEAD), make_user(Role.MANAGER)
    agent = make_user(lead=lead)
    owners = []
    for number in range(2):
        customer = make_customer()
        make_email(customer)
        if number == 0:
            give_tier(customer, 8)
            NamedOwner.objects.create(tier=Tier.objects.get(slug="closest"), owner=named)
        owners.append(unhappy(agent, customer).owner)
    assert owners == [named, lead]
    first = Recovery.objects.order_by("pk")[0].customer
    type(named).objects.filter(pk=named.pk).update(is_active=False)
    contact = Interaction.objects.get(customer=first)
    assert terms_for(customer_id=first.pk, interaction_id=contact.pk).owner_id == lead.pk


def test_the_leads_lead_stands_in_for_a_lead_who_left() -> None:
    above = make_user(Role.MANAGER)
    agent = make_user(lead=make_user(Role.LEAD, lead=above, is_active=False))
    assert unhappy(agent).owner == above


def test_the_deadline_counts_working_hours_of_the_houses_calendar(settings: Any) -> None:
    """One hour a week: 48 hours are not over before many weeks."""
    settings.TIME_ZONE = "Europe/London"
    WorkingHours.objects.create(weekday=2, opens_at=time(9), closes_at=time(10))
    recovery = unhappy()
    weeks = (recovery.due_at - recovery.opened_at).days / 7
    assert 46 < weeks < 49
    assert recovery.remind_at
    assert recovery.escalate_at
    assert recovery.remind_at < recovery.due_at < recovery.escalate_at
    Holiday.objects.bulk_create(
        Holiday(on=recovery.opened_at.date() + timedelta(days=day), name="Away") for day in range(70)
    )
    assert unhappy().due_at > recovery.due_at + timedelta(weeks=8)


# --- seeing to it ---


def chased(recovery: Recovery, **since: timedelta) -> int:
    """Let time go by: the moments given lie so far back."""
    ago = {name: Now() - length for name, length in since.items()}
    Recovery.objects.filter(pk=recovery.pk).update(**ago)
    return chase_recoveries()


def test_told_reminded_late_and_further_up_each_once() -> None:
    above = make_user(Role.MANAGER)
    lead = make_user(Role.LEAD, lead=above)
    recovery = unhappy(make_user(lead=lead))
    moments = {"remind_at": timedelta(hours=9), "due_at": timedelta(hours=2), "escalate_at": timedelta(hours=1)}
    hour = timedelta(hours=1)
    Recovery.objects.update(opened_at=Now() - timedelta(hours=10))
    assert chased(recovery) == 1
    assert told() == [("feedback.chase", lead)]
    for name, reader in (("remind_at", lead), ("due_at", lead), ("escalate_at", above)):
        assert chased(recovery, **{name: moments[name]}) == 1, name
        assert told() == [("feedback.chase", reader)], name
        assert chase_recoveries() == 0, "once is enough"
    assert hour
    assert steps(recovery) == ["opened", "told", "reminded", "late", "escalated"]
    recovery.refresh_from_db()
    assert recovery.chased == Chased.ESCALATED


def test_after_a_silence_only_the_furthest_step_is_taken() -> None:
    lead = make_user(Role.LEAD)
    recovery = unhappy(make_user(lead=lead))
    Recovery.objects.update(opened_at=Now() - timedelta(days=9))
    chased(recovery, remind_at=timedelta(days=3), due_at=timedelta(days=2), escalate_at=timedelta(seconds=-60))
    assert steps(recovery) == ["opened", "late"]
    assert len(told()) == 1


def test_it_goes_to_the_named_person_and_to_all_managers_where_nobody_stands_above() -> None:
    managers = [make_user(Role.MANAGER), make_user(Role.MANAGER)]
    make_user(Role.MANAGER, is_active=False)
    recovery = unhappy()
    assert recovery.owner is None
    assert chase_recoveries() == 2
    assert [colleague for _kind, colleague in told()] == managers
    give_tier(recovery.customer, 8)
    named = make_user(Role.LEAD)
    NamedOwner.objects.create(tier=Tier.objects.get(slug="closest"), owner=named)
    Recovery.objects.update(opened_at=Now() - timedelta(days=9))
    chased(recovery, due_at=timedelta(hours=1), escalate_at=timedelta(hours=1))
    assert [colleague for _kind, colleague in told()] == [named]


def test_what_an_owner_who_left_has_open_goes_to_whom_the_rule_names() -> None:
    lead = make_user(Role.LEAD)
    agent = make_user(lead=lead)
    recovery = unhappy(agent)
    chase_recoveries()
    told()
    type(lead).objects.filter(pk=lead.pk).update(is_active=False)
    chase_recoveries()
    assert told() == [("feedback.handed_over", agent)]
    recovery.refresh_from_db()
    assert recovery.owner == agent
    assert chase_recoveries() == 0


def test_what_falls_to_somebody_who_may_not_mend_is_nobodys_and_the_others_are_chased_still() -> None:
    analyst, owner = make_user(Role.ANALYST), make_user()
    left, other = unhappy(make_user(lead=analyst)), unhappy(make_user(lead=make_user(Role.LEAD)))
    Recovery.objects.filter(pk=left.pk).update(owner=owner)
    type(owner).objects.filter(pk=owner.pk).update(is_active=False)
    chase_recoveries()
    left.refresh_from_db()
    assert left.owner is None
    assert ("feedback.chase", other.owner) in told()


def test_a_letter_carries_no_words_of_the_customer_and_leads_to_the_page() -> None:
    lead = make_user(Role.LEAD)
    recovery = unhappy(make_user(lead=lead))
    add_comment(invitation=recovery.answer.invitation, comment="A secret of mine")
    chase_recoveries()
    letter = Letter.objects.get(colleague=lead)
    assert f"/mending/{recovery.pk}/" in letter.text
    assert recovery.customer.full_name in letter.text
    assert "secret" not in letter.text + letter.html


@pytest.mark.django_db(transaction=True)
def test_two_clocks_at_once_write_one_letter() -> None:
    lead = make_user(Role.LEAD)
    recoveries = [unhappy(make_user(lead=lead)) for _ in range(3)]
    gate = threading.Barrier(4)

    def work() -> None:
        try:
            gate.wait()
            chase_recoveries()
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Letter.objects.filter(colleague=lead).count() == 3
    assert [steps(recovery) for recovery in recoveries] == [["opened", "told"]] * 3


@pytest.mark.parametrize("count", [1, 3])
def test_looking_for_what_is_due_costs_one_query(count: int, django_assert_num_queries: Any) -> None:
    for _ in range(count):
        unhappy(make_user(lead=make_user(Role.LEAD)))
    chase_recoveries()
    with django_assert_num_queries(1):
        assert chase_recoveries() == 0


# --- handing over, closing, opening again ---


def test_it_is_handed_over_once_and_the_other_is_told() -> None:
    recovery, other, by = unhappy(make_user()), make_user(), make_user(Role.LEAD)
    assert hand_over(recovery=recovery, to=other, by=by, words=" Knows  them ")
    assert not hand_over(recovery=recovery, to=other, by=by)
    assert told() == [("feedback.handed_over", other)]
    step = RecoveryStep.objects.get(step="handed_over")
    assert (step.by, step.to, step.words) == (by, other, "Knows them")


@pytest.mark.parametrize("fields", [{"role": Role.ANALYST}, {"role": Role.AGENT, "is_active": False}])
def test_it_is_not_handed_to_somebody_who_cannot_mend(fields: dict[str, Any]) -> None:
    recovery = unhappy()
    with pytest.raises(ValidationError, match="works here"):
        hand_over(recovery=recovery, to=make_user(**fields), by=make_user())
    assert Recovery.objects.get().owner is None


def test_closing_wants_a_cause_in_use(cause: Cause) -> None:
    recovery = unhappy()
    told_: dict[str, Any] = {"recovery": recovery, "state": "mended", "what_was_done": "Rang", "by": make_user()}
    with pytest.raises(ValidationError, match="what it came from"):
        close_recovery(cause=None, **told_)
    cause.is_active = False
    with pytest.raises(ValidationError, match="what it came from"):
        close_recovery(cause=cause, **told_)
    assert Recovery.objects.open().exists()


def test_the_customer_gets_the_colleagues_words_in_a_letter(cause: Cause) -> None:
    recovery, by = unhappy(), make_user(display_name="Agent One")
    closed = close_recovery(
        recovery=recovery,
        state="mended",
        what_was_done="Rang",
        cause=cause,
        by=by,
        letter="We are <so> sorry.\n\nA",
    )
    assert closed
    assert closed.letter
    letter = Letter.objects.get(kind="feedback.mended")
    assert (letter.customer, letter.to_address) == (recovery.customer, recovery.customer.contact_points.get().value)
    assert "We are <so> sorry." in letter.text
    assert "We are &lt;so&gt; sorry." in letter.html
    assert "Agent One" in letter.text
    assert letter.headers == {"Auto-Submitted": "no"}, "a person wrote it"
    assert steps(recovery) == ["opened", "mended", "wrote"]


def test_no_letter_without_words_or_to_an_address_that_is_suppressed(cause: Cause) -> None:
    for words in ("", "Sorry"):
        recovery = unhappy()
        Suppression.objects.create(address=recovery.customer.contact_points.get().normalised, reason="by_hand")
        closed = close_recovery(
            recovery=recovery, state="mended", what_was_done="Rang", cause=cause, by=make_user(), letter=words
        )
        assert closed
        assert closed.letter is None
    assert not Letter.objects.filter(kind="feedback.mended").exists()


@pytest.mark.parametrize("stays", [True, False])
def test_what_is_opened_again_stays_with_its_owner_or_falls_to_the_lead(cause: Cause, stays: bool) -> None:
    lead, owner = make_user(Role.LEAD), make_user()
    recovery = unhappy(make_user(lead=lead))
    assert hand_over(recovery=recovery, to=owner, by=lead)
    close_recovery(recovery=recovery, state="mended", what_was_done="Rang", cause=cause, by=owner)
    User.objects.filter(pk=owner.pk).update(is_active=stays)
    assert reopen_recovery(recovery=recovery)
    recovery.refresh_from_db()
    assert recovery.owner == (owner if stays else lead)


def test_what_is_opened_again_begins_anew_and_its_first_end_stays_on_the_record(cause: Cause) -> None:
    lead = make_user(Role.LEAD)
    recovery = unhappy(make_user(lead=lead))
    chase_recoveries()
    close_recovery(recovery=recovery, state="mended", what_was_done="Rang", cause=cause, by=lead, letter="Sorry")
    told()
    assert reopen_recovery(recovery=recovery, words="It is not")
    assert not reopen_recovery(recovery=recovery)
    recovery.refresh_from_db()
    assert (recovery.state, recovery.cause, recovery.owner, recovery.times_reopened) == ("open", None, lead, 1)
    assert chase_recoveries() == 1
    [letter] = Letter.objects.filter(colleague=lead).exclude(state="sent")
    assert "did not put it right" in letter.text
    again: dict[str, Any] = {"recovery": recovery, "state": "mended", "cause": cause, "by": lead}
    assert close_recovery(what_was_done="Went there", letter="Sorry again", **again)
    assert Letter.objects.filter(kind="feedback.mended").count() == 2
    kept = RecoveryStep.objects.filter(step="mended").order_by("pk").values_list("words", "cause", "by")
    assert list(kept) == [("Rang", cause.pk, lead.pk), ("Went there", cause.pk, lead.pk)]


def test_the_letter_is_in_the_customers_language(cause: Cause, settings: Any) -> None:
    settings.LANGUAGES = [("en", "English"), ("ar", "Arabic")]
    customer = make_customer(language="ar-EG")
    make_email(customer)
    link, _ = make_link(make_invitation(make_closed(customer)))
    answer, _ = record_answer(link=link, enjoyed="no")
    recovery = Recovery.objects.get(answer=answer)
    close_recovery(recovery=recovery, state="mended", what_was_done="x", cause=cause, by=make_user(), letter="عذرا")
    letter = Letter.objects.get(kind="feedback.mended")
    assert letter.language == "ar"
    assert 'lang="ar" dir="rtl"' in letter.html
