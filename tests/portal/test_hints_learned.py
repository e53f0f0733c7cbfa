"""What was learned of hints: set against the answers, told with its ranges, rebuilt from the facts."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from feedback.models import Answer, Invitation
from portal.models import HintArm, HintKind, HintPress
from portal.roles import Role
from tests.factories import make_user
from tests.portal.hinting import make_shown

pytestmark = pytest.mark.django_db


def answered(outcome: str, enjoyed: str, **fields: Any) -> None:
    """A contact in which a perk was hinted at, and what its customer answered later."""
    row = make_shown(**fields)
    if outcome:
        HintPress.objects.create(shown=row, outcome=outcome)
    invitation = Invitation.objects.create(interaction=row.interaction, customer=row.customer, not_asked="no_address")
    Answer.objects.create(invitation=invitation, enjoyed=enjoyed)


def test_what_was_learned_is_told_with_its_ranges(client: Client, django_assert_num_queries: Any) -> None:
    for number in range(30):
        answered("used" if number % 3 else "wrong", "yes" if number % 2 else "no")
    answered("", "yes", kind="gesture", situation="owed-spoken")
    client.force_login(make_user(Role.MANAGER))
    with django_assert_num_queries(5):
        html = client.get(reverse("hints")).content.decode()
    text = " ".join(html.split())
    # Beta(3.2 + 20, 4.8 + 10): mean 61.1 %.
    assert "<b>61.1 %</b>" in text
    assert "20, 0, 10" in text
    # 20 used, of which those with an odd number were enjoyed: 10. Wilson: 29.9 to 70.1 %.
    assert "50.0 %<small>29.9 to 70.1 %</small>" in text
    assert "too few to tell<small>5 of 10</small>" in text
    assert "too few to tell<small>1 of 1</small>" in text
    assert "This does not show what hints bring about." in text
    assert "/admin/portal/hintrule/" in text


@pytest.mark.parametrize("role", Role.values)
def test_who_may_see_what_was_learned(role: str, client: Client) -> None:
    client.force_login(make_user(role))
    may = role in (Role.LEAD, Role.MANAGER, Role.ANALYST, Role.ADMINISTRATOR)
    response = client.get(reverse("hints"))
    assert response.status_code == (200 if may else 403)
    assert client.post(reverse("hints")).status_code in (405, 403)
    if may:
        html = response.content.decode()
        assert "too few to tell" in html
        assert ("/admin/portal/hintrule/" in html) is (role != Role.LEAD)
    client.logout()
    assert client.get(reverse("hints")).status_code == 302


def test_the_counts_are_rebuilt_from_the_facts(capsys: pytest.CaptureFixture[str]) -> None:
    from django.core.management import call_command

    for number in range(12):
        row = make_shown(kind=HintKind.values[number % 5], situation="owed-written" if number % 2 else "quiet-spoken")
        for outcome in ("used", "wrong", "taken_back", "not_relevant")[: number % 5]:
            HintPress.objects.create(shown=row, outcome=outcome)
    arms = HintArm.objects.order_by("kind", "situation").values_list("kind", "situation", "shown", "used", "wrong")
    kept = list(arms)
    call_command("hints", "--rebuild")
    assert "agrees" in capsys.readouterr().out
    HintArm.objects.filter(kind="perk").update(shown=77, wrong=7)
    HintArm.objects.filter(kind="gesture").delete()
    call_command("hints", "--rebuild")
    assert "Put right: A perk not used yet" in capsys.readouterr().out
    assert list(arms.all()) == kept
    call_command("hints")
    assert "shown" in capsys.readouterr().out
