"""Letters in the admin: the story of one, the settling of uncertain ones, and samples of every kind."""

import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from customers.emails import sample_kinds, write_sample
from customers.enums import LetterState
from customers.models import Letter, LetterEvent
from customers.services.letters import SAMPLE, queue_sample
from customers.services.mailing import send_letters
from feedback.models import Link
from portal.models import User
from portal.roles import Role
from tests.factories import make_customer, make_user, signed_in
from tests.postbox import open_postbox, part_of

pytestmark = pytest.mark.django_db

KIND = "feedback.invitation"
ALL = [(kind.kind, code) for kind in sample_kinds() for code, _ in kind.languages]
ROOT = Path(__file__).resolve().parents[2]
# What a module calls a kind of letter.
_KIND = re.compile(r'^[A-Z_]+ = "((?:customers|tiers|feedback|portal)\.[a-z_]+)"$', re.MULTILINE)


def make_letter(state: str = LetterState.UNCERTAIN, **fields: Any) -> Letter:
    given = {"kind": KIND, "to_address": "one@mail.example", "subject": "How was it?", "subject_key": "1"}
    given |= {"message_id": "<1@house.example>", "text": "Answer: %ANSWER%?a=yes", "state": state}
    return Letter.objects.create(
        customer=make_customer(),
        html='<html><head></head><body><a href="%ANSWER%">x</a></body></html>',
        **given | fields,
    )


def page_of(letter: Letter) -> str:
    return reverse("admin:customers_letter_change", args=[letter.pk])


def settle_url(letter: Letter) -> str:
    return reverse("admin:customers_letter_settle", args=[letter.pk])


# --- one letter ---


def test_the_page_tells_the_story_and_its_links_are_dead() -> None:
    letter = make_letter(bounced_at=Now())
    LetterEvent.objects.create(letter=letter, kind="put_off", words="RCPT: 450 later")
    LetterEvent.objects.create(letter=letter, kind="bounced", words="550 5.1.1 none")
    told = signed_in().get(page_of(letter)).content.decode()
    assert told.index("Put off") < told.index("RCPT: 450 later") < told.index("550 5.1.1 none")
    assert "Came back on" in told
    assert "It was delivered" in told
    assert "%ANSWER%" not in told
    assert "/post/sample/?a=yes" in told
    assert 'sandbox=""' in told
    assert "&lt;base target=&quot;_blank&quot;&gt;" in told


@pytest.mark.parametrize("many", [1, 3])
def test_a_page_costs_the_same_whatever_the_story(many: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    letter, client = make_letter(), signed_in()
    for _ in range(many):
        LetterEvent.objects.create(letter=letter, kind="put_off", by=make_user())
    client.get(page_of(letter))
    # session, colleague, letter, customer, events
    with django_assert_num_queries(5):
        assert client.get(page_of(letter)).status_code == 200


def test_who_may_not_see_addresses_reads_none(monkeypatch: pytest.MonkeyPatch) -> None:
    from portal import roles

    hidden = roles.PERMISSIONS[Role.MANAGER] - {"customers.view_contact_points"}
    monkeypatch.setitem(roles.PERMISSIONS, Role.MANAGER, hidden)
    letter = make_letter(reply="<one@mail.example> is gone")
    client = signed_in()
    assert "one@mail.example" not in client.get(page_of(letter)).content.decode()
    LetterEvent.objects.create(letter=letter, kind="refused", words="<one@mail.example> is gone")
    assert "one@mail.example" not in client.get(page_of(letter)).content.decode()


@pytest.mark.parametrize(
    ("deed", "state", "kind"),
    [("was_delivered", LetterState.SENT, "confirmed"), ("send_again", LetterState.QUEUED, "sent_again")],
)
def test_an_uncertain_letter_is_settled_once_and_who_did_it_is_kept(deed: str, state: str, kind: str) -> None:
    letter, client = make_letter(), signed_in()
    for told in ("1 letter is settled.", "1 letter was not uncertain, and stays."):
        response = client.post(settle_url(letter), {"deed": deed}, follow=True)
        assert told in response.content.decode()
    letter.refresh_from_db()
    event = letter.events.get()
    user = User.objects.get(role=Role.MANAGER)
    assert (letter.state, event.kind, event.by) == (state, kind, user)
    assert LogEntry.objects.get().user == user
    assert user.display_name in client.get(page_of(letter)).content.decode()


def test_settling_has_its_refusals() -> None:
    letter = make_letter()
    manager, analyst = signed_in(), signed_in(Role.ANALYST)
    assert manager.get(settle_url(letter)).status_code == 405
    assert analyst.post(settle_url(letter), {"deed": "was_delivered"}).status_code == 403
    assert Client().post(settle_url(letter), {"deed": "was_delivered"}).status_code == 302
    assert signed_in(Role.LEAD).post(settle_url(letter), {"deed": "was_delivered"}, follow=True).status_code == 403
    assert manager.post(settle_url(letter), {"deed": "burn"}).status_code == 404
    assert manager.post(settle_url(Letter(pk=0)), {"deed": "was_delivered"}).status_code == 404
    letter.refresh_from_db()
    assert letter.state == LetterState.UNCERTAIN


def test_the_list_leads_to_what_is_uncertain() -> None:
    client = signed_in()
    assert "we know what became of it" in client.get("/admin/customers/letter/").content.decode()
    uncertain, other = make_letter(), make_letter(LetterState.QUEUED, subject_key="2", message_id="", subject="Other")
    page = client.get("/admin/customers/letter/").content.decode()
    assert 'href="?state__exact=uncertain"' in page
    rows = client.get("/admin/customers/letter/?state__exact=uncertain").context["cl"].result_list
    assert list(rows) == [uncertain]
    assert other not in rows


# --- samples ---


def kinds_in_the_sources() -> set[str]:
    """The kinds of letters that the house writes: constants of the modules that hold its letters."""
    found: set[str] = set()
    for app in ("customers", "tiers", "feedback", "portal/video"):
        for path in (ROOT / app).rglob("*.py"):
            found.update(_KIND.findall(path.read_text(encoding="utf-8")))
    return found


def test_every_kind_of_letter_has_a_sample() -> None:
    kinds = kinds_in_the_sources()
    assert {KIND, "feedback.reminder", "tiers.run_summary", SAMPLE} <= kinds, "they are found"
    shown = {kind.kind for kind in sample_kinds()}
    assert kinds - shown == {SAMPLE}
    assert shown - kinds == {"feedback.invitation.after_mending"}
    for_colleagues = {kind.kind for kind in sample_kinds() if kind.is_for_colleagues}
    assert for_colleagues == {"customers.promise", "feedback.chase", "feedback.handed_over", "tiers.run_summary"}


def test_the_list_has_every_kind_in_the_languages_that_it_goes_out_in() -> None:
    page = signed_in().get(reverse("admin:customers_letter_samples")).content.decode()
    for kind, language in ALL:
        assert reverse("admin:customers_letter_sample", args=[kind, language]) in page


@pytest.mark.parametrize(("kind", "language"), ALL)
def test_a_sample_is_shown_in_each_language_and_saves_nothing(kind: str, language: str) -> None:
    sample = write_sample(kind=kind, language=language)
    assert sample.language == language
    assert f'lang="{language}"' in sample.html
    assert "%" not in sample.text
    response = signed_in().get(reverse("admin:customers_letter_sample", args=[kind, language]))
    assert response.status_code == 200
    assert not Letter.objects.exists()
    assert not Link.objects.exists()


def send_url(kind: str = KIND, language: str = "en") -> str:
    return reverse("admin:customers_letter_sample_send", args=[kind, language])


@pytest.mark.parametrize("kind", [kind.kind for kind in sample_kinds()])
def test_a_sample_is_sent_to_whoever_asks_once_for_each_press(kind: str, settings: Any) -> None:
    client = signed_in(email="me@house.example")
    key = client.get(reverse("admin:customers_letter_sample", args=[kind, "en"])).context["key"]
    for _ in range(2):
        response = client.post(send_url(kind), {"key": str(key)}, follow=True)
        assert "It is on its way to me@house.example" in response.content.decode()
    with open_postbox() as box:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        assert send_letters() == 1
        [message] = box.letters_to("me@house.example")
    assert message["Subject"].startswith("Sample: ")
    assert part_of(message, "plain").startswith("A sample. Its links open nothing.")
    assert "A sample. Its links open nothing." in part_of(message, "html")
    if kind == KIND:
        assert settings.SITE_URL + "/post/sample/" in part_of(message, "plain")
        assert message["List-Unsubscribe"] == f"<{settings.SITE_URL}/post/sample/>"
    assert not Link.objects.exists(), "no live token"


def test_samples_have_their_refusals() -> None:
    manager, key = signed_in(), {"key": str(uuid4())}
    pages = [reverse("admin:customers_letter_samples"), reverse("admin:customers_letter_sample", args=[KIND, "en"])]
    for page in pages:
        assert signed_in(Role.ANALYST).get(page).status_code == 403
        assert signed_in(Role.AGENT).get(page, follow=True).status_code == 403
        assert Client().get(page).status_code == 302
    assert signed_in(Role.ANALYST).post(send_url(), key).status_code == 403
    assert manager.get(send_url()).status_code == 405
    assert manager.post(send_url(), {"key": "x"}).status_code == 404
    assert manager.post(send_url("no.kind"), key).status_code == 404
    assert manager.post(send_url(language="tlh"), key).status_code == 404
    assert manager.post(send_url("feedback.chase", "de"), key).status_code == 404, "colleagues read the house's own"
    assert manager.get(reverse("admin:customers_letter_sample", args=["no.kind", "en"])).status_code == 404
    assert not Letter.objects.exists()


def test_a_colleague_without_an_address_is_told() -> None:
    user = make_user(Role.MANAGER)
    User.objects.filter(pk=user.pk).update(email="nobody")
    client = Client()
    client.force_login(User.objects.get(pk=user.pk))
    assert "It is on its way" not in client.post(send_url(), {"key": str(uuid4())}, follow=True).content.decode()
    assert not Letter.objects.exists()
    assert queue_sample(kind=KIND, language="en", colleague=make_user(), key=uuid4())
