"""Two colleagues with one customer: what one saved is not overwritten unseen, and what the other typed is not lost."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers.models import Caution, Incident, Merge, Preference, Promise
from customers.services.cautions import note_caution
from customers.services.merges import merge_customers
from customers.services.preferences import confirm_preference, note_preference, retire_preference
from feedback.models import Cause, Recovery
from feedback.starter import ensure_causes
from portal.contact.actions import deed as deeds
from portal.models import User
from portal.roles import Role
from tests.factories import make_customer, make_interaction, make_touch_point, make_user
from tests.portal.worlds import make_recovery, make_tiers
from tiers.models import Override

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
BOTH = pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
Press = Callable[..., str]


def presser(user: User, headers: dict[str, str]) -> Press:
    client = Client()
    client.force_login(user)

    def press(name: str, *arguments: Any, query: str = "", **data: Any) -> str:
        response = client.post(reverse(name, args=arguments) + query, data, headers=headers, follow=True)
        assert response.status_code in (200, 422)
        return response.content.decode()

    return press


@pytest.fixture
def pair() -> tuple[User, User]:
    return make_user(Role.LEAD, display_name="Colleague One"), make_user(Role.LEAD, display_name="Colleague Two")


@BOTH
def test_what_was_put_right_stays_as_the_first_one_said(pair: tuple[User, User], headers: dict[str, str]) -> None:
    customer = make_customer()
    # So old that the page does not show it any more once it is put right.
    incident = Incident.objects.create(
        customer=customer,
        kind="late",
        touch_point=make_touch_point(),
        text="It came late",
        happened_at=timezone.now() - timedelta(days=60),
    )
    one, two = (presser(user, headers) for user in pair)
    door = ("incident_resolve", customer.public_id, incident.pk)
    assert "Put right." in one(*door, resolution="Sent again")
    html = two(*door, resolution="Money back")
    assert "That was put right already: “Sent again”." in html
    assert "Money back" in html
    incident.refresh_from_db()
    assert incident.resolution == "Sent again"
    # The control: the same words twice are one deed.
    assert "Money back" not in one(*door, resolution="Sent again")


@BOTH
def test_a_contact_closed_in_two_windows_keeps_both_notes(pair: tuple[User, User], headers: dict[str, str]) -> None:
    customer = make_customer()
    talk = make_interaction(customer, agent=pair[0])
    press = presser(pair[0], headers)
    door = ("interaction_close", customer.public_id, talk.pk)
    press(*door, note="All is well")
    html = press(*door, note="She asked for the blue one")
    assert "with the note “All is well”" in html
    assert "She asked for the blue one" in html
    if headers:
        assert f"/interactions/{talk.pk}/close/" in html
    talk.refresh_from_db()
    assert talk.note == "All is well"


@BOTH
def test_amends_are_closed_once_from_the_customers_page(pair: tuple[User, User], headers: dict[str, str]) -> None:
    ensure_causes()
    customer = make_customer()
    recovery = make_recovery(customer, pair[0])
    one, two = (presser(user, headers) for user in pair)
    door = ("recovery_close", customer.public_id, recovery.pk)
    told = {"state": "mended", "cause": str(Cause.objects.get(name="Nobody rang back").pk)}
    one(*door, what_was_done="Flowers", **told)
    html = two(*door, what_was_done="A voucher", letter="Dear you", **told)
    assert "Colleague One closed it meanwhile: “Flowers”." in html
    for words in ("A voucher", "Dear you"):
        assert words in html
    assert Recovery.objects.get().what_was_done == "Flowers"


@BOTH
def test_amends_are_closed_and_handed_over_once_on_the_board(pair: tuple[User, User], headers: dict[str, str]) -> None:
    ensure_causes()
    recovery, third = make_recovery(make_customer(), pair[0]), make_user(display_name="Colleague Three")
    one, two = (presser(user, headers) for user in pair)
    seen = str(pair[0].pk)
    one("mending_hand_over", recovery.pk, to=str(third.pk), words="Knows them", seen=seen)
    html = two("mending_hand_over", recovery.pk, to=str(pair[1].pk), words="Mine", seen=seen)
    assert "Colleague One gave it to Colleague Three meanwhile: “Knows them”" in html
    assert 'value="Mine"' in html
    assert f'name="seen" value="{third.pk}"' in html
    assert Recovery.objects.get().owner == third
    two("mending_hand_over", recovery.pk, to=str(pair[1].pk), words="Mine", seen=str(third.pk))
    assert Recovery.objects.get().owner == pair[1]
    told = {"state": "mended", "cause": str(Cause.objects.get(name="Nobody rang back").pk)}
    one("mending_close", recovery.pk, what_was_done="Flowers", **told)
    html = two("mending_close", recovery.pk, what_was_done="A voucher", **told)
    assert "Colleague One closed it meanwhile: “Flowers”." in html
    assert "A voucher" in html


@BOTH
def test_a_promise_is_not_handed_over_past_each_other(pair: tuple[User, User], headers: dict[str, str]) -> None:
    now, third = timezone.now(), make_user(display_name="Colleague Three")
    promise = Promise.objects.create(
        customer=make_customer(), text="Ring back", owner=pair[0], made_at=now, due_at=now + timedelta(days=1)
    )
    one, two = (presser(user, headers) for user in pair)
    seen = str(pair[0].pk)
    one("promise_hand_over", promise.pk, to=str(third.pk), words="I am away", seen=seen)
    html = two("promise_hand_over", promise.pk, to=str(pair[1].pk), words="I do it", seen=seen)
    assert "Colleague One gave it to Colleague Three meanwhile: “I am away”" in html
    assert 'value="I do it"' in html
    promise.refresh_from_db()
    assert promise.owner == third
    two("promise_hand_over", promise.pk, to=str(pair[1].pk), words="I do it", seen=str(third.pk))
    promise.refresh_from_db()
    assert promise.owner == pair[1], "having seen it, they may"


@BOTH
def test_what_a_colleague_just_heard_is_not_let_go_unseen(pair: tuple[User, User], headers: dict[str, str]) -> None:
    customer = make_customer()
    tea, cocoa = (Preference.objects.create(customer=customer, text=text) for text in ("Tea", "Cocoa"))
    _one, two = (presser(user, headers) for user in pair)
    confirm_preference(preference=tea, by=pair[0])
    html = two("preference_retire", customer.public_id, tea.pk)
    assert "Colleague One has heard meanwhile that “Tea” is still so." in html
    tea.refresh_from_db()
    assert tea.retired_at is None
    assert tea.confirmed_at
    two("preference_retire", customer.public_id, tea.pk, seen=tea.confirmed_at.isoformat())
    tea.refresh_from_db()
    assert tea.retired_by == pair[1], "having seen it, they may"
    retire_preference(preference=cocoa, by=pair[0])
    assert "was let go meanwhile" in two("preference_confirm", customer.public_id, cocoa.pk)
    cocoa.refresh_from_db()
    assert cocoa.confirmed_at is None


@BOTH
def test_a_tier_is_decided_once_and_the_other_reason_is_kept(pair: tuple[User, User], headers: dict[str, str]) -> None:
    customer, tier = make_customer(), make_tiers()[1]
    one, two = (presser(user, headers) for user in pair)
    until = f"{timezone.localdate() + timedelta(days=30)}"
    told = {"kind": "floor", "tier": tier.slug, "ends_on": until}
    one("override_set", customer.public_id, reason="They wrote about us", **told)
    html = two("override_set", customer.public_id, reason="Their firm grows", **told)
    assert "Colleague One decided meanwhile, on Regular: “They wrote about us”" in html
    assert "Their firm grows" in html
    assert Override.objects.get().owner == pair[0]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "key", [{}, {"press": "5f0c1f6a-4b7e-4bb1-9f0e-2f6a0a0f3c11"}], ids=["without a key", "with one"]
)
@pytest.mark.parametrize("deed", ["caution_note", "preference_note", "caution_retire"])
def test_what_is_pressed_while_two_become_one_is_done_for_whom_they_are(
    pair: tuple[User, User], monkeypatch: pytest.MonkeyPatch, deed: str, key: dict[str, str]
) -> None:
    kept, other = make_customer(), make_customer()
    note_caution(customer=kept, text="No vouchers")
    note_preference(customer=kept, text="Tea")
    theirs, _is_new = note_caution(customer=other, text="Not her birthday")
    look_up = deeds.once

    def merged_meanwhile(*arguments: Any) -> Any:
        if not Merge.objects.exists():
            merge_customers(survivor=kept, absorbed=other, by=None)
        return look_up(*arguments)

    monkeypatch.setattr(deeds, "once", merged_meanwhile)
    press = presser(pair[0], HTMX)
    if deed == "caution_note":
        assert "That is noted already." in press(deed, other.public_id, text="No vouchers", **key)
    elif deed == "preference_note":
        assert "We know that already" in press(deed, other.public_id, text="Tea", provenance="stated", **key)
    else:
        assert "That may be said again." in press(deed, other.public_id, theirs.pk, **key)
    assert set(Caution.objects.values_list("customer", flat=True)) == {kept.pk}
    assert Preference.objects.get().customer == kept
