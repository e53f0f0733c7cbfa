"""What a colleague does in a conversation: with script and without, twice, and by those who may not."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers.models import Caution, Consent, Customer, Incident, Interaction, Preference, Promise, TouchPoint
from customers.services.consents import note_consent
from feedback.models import Cause, Recovery, RecoveryStep
from feedback.starter import ensure_causes
from portal.contact.parts.promises import quick_times
from portal.models import User
from portal.roles import Role
from tests.factories import make_customer, make_interaction, make_touch_point, make_user, signed_in
from tests.portal.worlds import make_recovery

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
ACTIONS = (
    "interaction_open",
    "interaction_close",
    "preference_note",
    "preference_retire",
    "preference_confirm",
    "consent_withdraw",
    "caution_note",
    "caution_retire",
    "promise_make",
    "promise_keep",
    "promise_break",
    "promise_take_back",
    "incident_record",
    "incident_resolve",
    "recovery_contacted",
    "recovery_close",
)


# About the customer as a whole; the others about a row.
WHOLE = {"interaction_open", "preference_note", "promise_make", "incident_record", "caution_note", "consent_withdraw"}


class Scene:
    """An agent in a conversation, and one of each thing that can be acted on."""

    def __init__(self) -> None:
        now = timezone.now()
        self.agent = make_user()
        self.customer = make_customer()
        self.place = make_touch_point()
        self.promise = Promise.objects.create(
            customer=self.customer,
            text="Ring back",
            owner=self.agent,
            made_at=now - timedelta(hours=2),
            due_at=now + timedelta(days=1),
        )
        self.incident = Incident.objects.create(
            customer=self.customer, kind="late", touch_point=self.place, text="It came late"
        )
        self.preference = Preference.objects.create(customer=self.customer, text="The side door")
        self.caution = Caution.objects.create(customer=self.customer, text="Not a word of the wedding")
        note_consent(customer=self.customer, purpose="special", is_given=True)
        self.recovery = make_recovery(self.customer, self.agent)
        ensure_causes()
        self.cause = Cause.objects.get(name="Nobody rang back")
        self.talk: Interaction | None = None

    def begin(self) -> Interaction:
        self.talk = make_interaction(self.customer, agent=self.agent)
        return self.talk

    def url(self, name: str, customer: Customer | None = None) -> str:
        arguments: list[Any] = [(customer or self.customer).public_id]
        noun = name.split("_")[0]
        if name not in WHOLE:
            arguments.append(self.talk.pk if noun == "interaction" and self.talk else getattr(self, noun, self).pk)
        return reverse(name, args=arguments)

    pk = 1

    def data(self, name: str) -> dict[str, str]:
        return {
            "interaction_open": {"channel": "phone", "touch_point": self.place.slug, "subject": "The lamp"},
            "interaction_close": {"note": "All is well"},
            "preference_note": {"text": "Tea, no milk", "provenance": "stated"},
            "caution_note": {"text": "Do not mention the lamp", "reason": "She wept"},
            "promise_make": {"text": "Send the lamp", "when": quick_times(timezone.now())[-1][0]},
            "incident_record": {"text": "Rude", "kind": "courtesy", "severity": "3", "touch_point": self.place.slug},
            "incident_resolve": {"resolution": "Sent again"},
            "recovery_close": {"state": "mended", "what_was_done": "Flowers", "cause": str(self.cause.pk)},
        }.get(name, {})

    def facts(self) -> list[object]:
        """All that an action may change."""
        rows: list[object] = []
        for model in (Interaction, Preference, Caution, Consent, Promise, Incident, Recovery):
            rows += model.objects.order_by("pk").values_list()
        return rows


@pytest.fixture
def scene(client: Client) -> Scene:
    scene = Scene()
    client.force_login(scene.agent)
    return scene


# --- the four refusals, for each write ---------------------------------------------------------------


@pytest.mark.parametrize("name", ACTIONS)
def test_a_write_is_a_post(client: Client, scene: Scene, name: str) -> None:
    before = scene.facts()
    assert client.get(scene.url(name)).status_code == 405
    assert scene.facts() == before


@pytest.mark.parametrize("name", ACTIONS)
def test_strangers_sign_in_first(client: Client, scene: Scene, name: str) -> None:
    before = scene.facts()
    client.logout()
    response = client.post(scene.url(name), scene.data(name))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))
    assert scene.facts() == before


@pytest.mark.parametrize("role", [Role.ANALYST, Role.INTEGRATION])
@pytest.mark.parametrize("name", ACTIONS)
def test_who_may_not_write_is_refused(client: Client, scene: Scene, name: str, role: Role) -> None:
    before = scene.facts()
    client.force_login(make_user(role))
    assert client.post(scene.url(name), scene.data(name)).status_code == 403
    assert scene.facts() == before


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("name", ACTIONS)
def test_a_second_press_changes_nothing(client: Client, scene: Scene, name: str, htmx: bool) -> None:
    if name == "interaction_close":
        scene.begin()
    headers = HTMX if htmx else {}
    data, before = scene.data(name), scene.facts()
    first = client.post(scene.url(name), data, headers=headers)
    assert first.status_code == (200 if htmx else 302)
    after = scene.facts()
    assert after != before
    assert client.post(scene.url(name), data, headers=headers).status_code == first.status_code
    assert scene.facts() == after


@pytest.mark.parametrize("name", ACTIONS)
def test_another_customers_thing_is_not_here(client: Client, scene: Scene, name: str) -> None:
    if name in WHOLE:
        url = f"/customers/00000000-0000-4000-8000-000000000000/{reverse(name, args=[scene.customer.public_id])[48:]}"
    else:
        if name == "interaction_close":
            scene.begin()
        url = scene.url(name, customer=make_customer())
    before = scene.facts()
    assert client.post(url, scene.data(name)).status_code == 404
    assert scene.facts() == before


def test_a_number_beyond_the_database_is_not_here(client: Client, scene: Scene) -> None:
    url = reverse("promise_keep", args=[scene.customer.public_id, 10**30])
    assert client.post(url).status_code == 404


# --- what each does ----------------------------------------------------------------------------------


def test_a_contact_is_opened_and_closed_with_a_note(client: Client, scene: Scene) -> None:
    client.post(scene.url("interaction_open"), scene.data("interaction_open"))
    scene.talk = Interaction.objects.open().get()
    assert (scene.talk.agent, scene.talk.subject, scene.talk.touch_point) == (scene.agent, "The lamp", scene.place)
    response = client.post(scene.url("interaction_close"), {"note": "All is well"}, follow=True)
    assert "The contact is closed" in response.content.decode()
    scene.talk.refresh_from_db()
    assert scene.talk.closed_at
    assert scene.talk.note == "All is well"


def test_a_contact_that_was_opened_by_mistake_is_closed_as_one(client: Client, scene: Scene) -> None:
    talk = scene.begin()
    page = client.get(reverse("contact", args=[scene.customer.public_id])).content.decode()
    assert re.search(r'name="mistake"[^>]*>\s*Opened by mistake', page)
    response = client.post(scene.url("interaction_close"), {"note": "It was her sister", "mistake": "yes"}, follow=True)
    assert "it does not count, and nobody is asked about it" in response.content.decode()
    talk.refresh_from_db()
    assert (talk.is_mistaken, talk.note) == (True, "It was her sister")
    # Whoever closed it as any other one first, has closed it so.
    other = scene.begin()
    client.post(scene.url("interaction_close"), {"note": ""})
    client.post(scene.url("interaction_close"), {"note": "", "mistake": "yes"})
    other.refresh_from_db()
    assert not other.is_mistaken


def take_back(client: Client, talk: Interaction) -> str:
    url = reverse("interaction_take_back", args=[talk.customer.public_id, talk.pk])
    return client.post(url, follow=True).content.decode()


def test_a_contact_turns_out_to_have_been_a_mistake_when_it_is_closed(client: Client, scene: Scene) -> None:
    talk = scene.begin()
    timeline = reverse("contact", args=[scene.customer.public_id]) + "?show=timeline"
    button = 'aria-label="Opened by mistake: Phone"'
    assert "This contact is still open" in take_back(client, talk)
    assert button not in client.get(timeline).content.decode()
    client.post(scene.url("interaction_close"), {"note": "All is well"})
    assert button in client.get(timeline).content.decode()
    assert "It does not count any more" in take_back(client, talk)
    talk.refresh_from_db()
    assert (talk.is_mistaken, talk.note) == (True, "All is well")
    assert button not in client.get(timeline).content.decode()
    assert "That was taken back already" in take_back(client, talk)


def test_a_colleagues_or_an_old_contact_is_a_leads_to_take_back(client: Client, scene: Scene) -> None:
    now = timezone.now()
    old, theirs = now - timedelta(hours=25), make_user()
    talks = [
        make_interaction(scene.customer, agent=agent, opened_at=old, closed_at=closed_at)
        for agent, closed_at in ((scene.agent, old), (theirs, now), (None, now))
    ]
    timeline = reverse("contact", args=[scene.customer.public_id]) + "?show=timeline"
    assert "Opened by mistake" not in client.get(timeline).content.decode()
    for talk in talks:
        assert "Only whoever closed it, within a day, or a lead can say so." in take_back(client, talk)
    assert not Interaction.objects.filter(is_mistaken=True).exists()
    client.force_login(make_user(Role.LEAD))
    week = now - timedelta(days=7)
    long_ago = make_interaction(scene.customer, agent=theirs, opened_at=week, closed_at=week)
    offered = set(re.findall(r"/interactions/(\d+)/take-back/", client.get(timeline).content.decode()))
    assert {str(talk.pk) for talk in talks} < offered
    assert str(long_ago.pk) not in offered, "not at each line for ever"
    for talk in (*talks, long_ago):
        assert "It does not count any more" in take_back(client, talk)
    offered = set(re.findall(r"/interactions/(\d+)/take-back/", client.get(timeline).content.decode()))
    assert not {str(talk.pk) for talk in talks} & offered
    client.force_login(make_user(Role.ANALYST))
    url = reverse("interaction_take_back", args=[scene.customer.public_id, talks[0].pk])
    assert client.post(url).status_code == 403
    client.force_login(scene.agent)
    assert (
        client.post(reverse("interaction_take_back", args=[make_customer().public_id, talks[0].pk])).status_code == 404
    )
    assert client.get(url).status_code == 405


def test_a_colleagues_contact_is_theirs_to_close(client: Client, scene: Scene) -> None:
    scene.begin()
    client.force_login(make_user())
    assert client.post(scene.url("interaction_close"), {"note": "x"}).status_code == 404


def test_what_is_noted_belongs_to_the_open_contact(client: Client, scene: Scene) -> None:
    talk = scene.begin()
    for name in ("preference_note", "promise_make", "incident_record"):
        client.post(scene.url(name), scene.data(name))
    assert Preference.objects.get(text="Tea, no milk").interaction == talk
    assert Promise.objects.get(text="Send the lamp").interaction == talk
    assert Incident.objects.get(text="Rude").interaction == talk


def told_of(html: str, name: str) -> str:
    """The field of the form for what went wrong."""
    found = re.search(rf'<div class="field field-{name}.*?</div>', html, re.DOTALL)
    assert found
    return found[0]


@pytest.mark.parametrize("htmx", [False, True])
def test_nothing_goes_wrong_by_itself_what_and_where_are_asked(client: Client, scene: Scene, htmx: bool) -> None:
    page = client.get(reverse("contact", args=[scene.customer.public_id])).content.decode()
    form = page[page.index('id="form-incident"') :]
    for name in ("kind", "touch_point"):
        assert '<option value="" selected>Please choose</option>' in told_of(form, name)
    before = scene.facts()
    told = {"text": "The blue one", "kind": "", "severity": "2", "touch_point": ""}
    response = client.post(scene.url("incident_record"), told, headers=HTMX if htmx else {})
    html = response.content.decode()
    form = html[html.index('id="form-incident"') :]
    assert (response.status_code, scene.facts()) == (422, before)
    assert "The blue one" in form
    assert "Please choose what kind of thing it was." in told_of(form, "kind")
    assert "Please choose where." in told_of(form, "touch_point")
    chosen = told | {"kind": "mix_up"}
    html = client.post(scene.url("incident_record"), chosen, headers=HTMX if htmx else {}).content.decode()
    assert '<option value="mix_up" selected>' in html[html.index('id="form-incident"') :]
    assert scene.facts() == before


def test_what_went_wrong_went_wrong_where_we_are_talking_unless_another_place_is_chosen(
    client: Client, scene: Scene
) -> None:
    make_touch_point("aaa")
    scene.begin()
    page = client.get(reverse("contact", args=[scene.customer.public_id])).content.decode()
    form = page[page.index('id="form-incident"') :]
    assert '<option value="" selected>Where we talk</option>' in told_of(form, "touch_point")
    assert "Please choose" in told_of(form, "kind")
    for text, place in (("One", ""), ("Two", "aaa")):
        told = {"text": text, "kind": "late", "severity": "2", "touch_point": place}
        assert client.post(scene.url("incident_record"), told).status_code == 302
    rows = Incident.objects.filter(text__in=["One", "Two"]).order_by("text")
    assert [row.touch_point.slug for row in rows] == ["phone-desk", "aaa"]


def test_a_contact_does_not_begin_at_the_first_place_by_name(client: Client, scene: Scene) -> None:
    make_touch_point("aaa")
    TouchPoint.objects.filter(slug="phone-desk").update(is_active=False)
    page = client.get(reverse("contact", args=[scene.customer.public_id])).content.decode()
    form = page[page.index('id="form-open"') :]
    assert '<option value="" selected>Please choose</option>' in told_of(form, "touch_point")
    refused = client.post(scene.url("interaction_open"), {"channel": "phone", "touch_point": "", "subject": "The lamp"})
    assert refused.status_code == 422
    assert "Please choose where." in refused.content.decode()
    assert not Interaction.objects.open().filter(customer=scene.customer).exists()


def test_a_promise_takes_a_written_time_in_the_houses_zone(client: Client, scene: Scene, settings: Any) -> None:
    settings.TIME_ZONE = "America/New_York"
    data = {"text": "Send it", "when": "", "due": "2099-07-01T12:00"}
    assert client.post(scene.url("promise_make"), data).status_code == 302
    assert Promise.objects.get(text="Send it").due_at.isoformat() == "2099-07-01T16:00:00+00:00"


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({}, "By when?"),
        ({"when": "2001-01-01T12:00"}, "That time has passed"),
        ({"due": "2001-01-01T12:00"}, "That time has passed"),
        ({"due": "2099-99-99T99:99"}, "There is no such day"),
        ({"due": "soon"}, "We do not understand “soon”"),
    ],
)
@pytest.mark.parametrize("htmx", [False, True])
def test_a_promise_without_a_good_time_keeps_what_was_typed(
    client: Client, scene: Scene, sent: dict[str, str], sentence: str, htmx: bool
) -> None:
    response = client.post(scene.url("promise_make"), {"text": "The blue one", **sent}, headers=HTMX if htmx else {})
    html = response.content.decode()
    assert response.status_code == 422
    assert sentence in html
    assert "The blue one" in html
    assert ("<html" in html) is not htmx
    assert not Promise.objects.filter(text="The blue one").exists()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("interaction_open", {"channel": "pigeon", "touch_point": "phone-desk"}),
        ("interaction_open", {"channel": "phone", "touch_point": "nowhere"}),
        ("preference_note", {"text": " ", "provenance": "stated"}),
        ("preference_note", {"text": "x" * 301, "provenance": "stated"}),
        ("preference_note", {"text": "nul\0", "provenance": "stated"}),
        ("incident_record", {"text": "", "kind": "late", "severity": "2", "touch_point": "phone-desk"}),
        ("incident_record", {"text": "x", "kind": "late", "severity": "9", "touch_point": "phone-desk"}),
        ("incident_resolve", {"resolution": "x" * 301}),
        ("recovery_close", {"state": "mended", "what_was_done": ""}),
        ("recovery_close", {"state": "open", "what_was_done": "x"}),
    ],
)
@pytest.mark.parametrize("htmx", [False, True])
def test_what_needs_mending_is_said_in_the_form(
    client: Client, scene: Scene, name: str, data: dict[str, str], htmx: bool
) -> None:
    before = scene.facts()
    response = client.post(scene.url(name), data, headers=HTMX if htmx else {})
    html = response.content.decode()
    assert response.status_code == 422
    assert "errorlist" in html
    assert " open" in html
    if htmx:
        assert "house:focus" in response["HX-Trigger-After-Settle"]
    assert scene.facts() == before


def test_with_script_only_what_changed_comes_back(client: Client, scene: Scene) -> None:
    response = client.post(scene.url("preference_note"), scene.data("preference_note"), headers=HTMX)
    html = response.content.decode()
    assert "Tea, no milk" in html
    assert 'id="preferences" hx-swap-oob="true"' in html
    assert 'id="form-note"' in html
    assert 'id="matter"' not in html
    assert "<html" not in html


def test_promises_are_kept_or_given_up(client: Client, scene: Scene) -> None:
    client.post(scene.url("promise_keep"))
    client.post(scene.url("promise_break"))
    scene.promise.refresh_from_db()
    assert scene.promise.kept_at
    assert scene.promise.broken_at is None


def test_a_preference_is_let_go(client: Client, scene: Scene) -> None:
    response = client.post(scene.url("preference_retire"), headers=HTMX)
    assert "“The side door” is no longer shown." in response.content.decode()
    scene.preference.refresh_from_db()
    assert scene.preference.retired_at


def test_an_incident_is_put_right(client: Client, scene: Scene) -> None:
    client.post(scene.url("incident_resolve"), {"resolution": "Sent again"})
    scene.incident.refresh_from_db()
    assert scene.incident.resolved_at
    assert scene.incident.resolution == "Sent again"


def test_amends_are_made(client: Client, scene: Scene) -> None:
    client.post(scene.url("recovery_contacted"))
    scene.recovery.refresh_from_db()
    assert scene.recovery.state == "contacted"
    told = {"state": "not_mended", "what_was_done": "We tried"}
    client.post(scene.url("recovery_close"), told)
    assert Recovery.objects.open().exists(), "without a cause it stays open"
    client.post(scene.url("recovery_close"), told | {"cause": str(scene.cause.pk)})
    scene.recovery.refresh_from_db()
    assert (scene.recovery.state, scene.recovery.closed_by) == ("not_mended", scene.agent)
    assert scene.recovery.cause == scene.cause
    steps = RecoveryStep.objects.filter(recovery=scene.recovery)
    assert list(steps.values_list("step", "by")) == [("contacted", scene.agent.pk), ("not_mended", scene.agent.pk)]


@pytest.mark.parametrize(("role", "status"), [(Role.AGENT, 404), (Role.LEAD, 302), (Role.MANAGER, 302)])
def test_anothers_recovery_is_for_leads_and_managers(client: Client, scene: Scene, role: str, status: int) -> None:
    other: User = make_user(role)
    client.force_login(other)
    assert client.post(scene.url("recovery_contacted")).status_code == status
    page = client.get(reverse("contact", args=[scene.customer.public_id])).content.decode()
    assert "They did not enjoy our service." in page


def test_what_is_marked_sensitive_afterwards_is_sensitive() -> None:
    customer, client = make_customer(), signed_in(Role.AGENT)
    url, said = (
        reverse("preference_note", args=[customer.public_id]),
        {"text": "No nuts: allergy", "provenance": "stated"},
    )
    assert "Then mark it as sensitive" in client.post(url, said, headers=HTMX).content.decode()
    client.post(url, said | {"category": "health", "has_agreed": "on"}, headers=HTMX)
    assert Preference.objects.live().get(customer=customer).category == "health"
    page = signed_in(Role.ANALYST).get(reverse("contact", args=[customer.public_id])).content.decode()
    assert "No nuts" not in page, "an analyst may not see what is special"


def test_what_is_marked_private_afterwards_is_private() -> None:
    customer, client = make_customer(), signed_in(Role.AGENT)
    for name, said in (
        ("preference_note", {"text": "Tea", "provenance": "stated"}),
        ("caution_note", {"text": "Her divorce"}),
    ):
        url = reverse(name, args=[customer.public_id])
        client.post(url, said, headers=HTMX)
        client.post(url, said | {"is_private": "on"}, headers=HTMX)
    assert Preference.objects.live().get(customer=customer).is_private
    assert Caution.objects.get(customer=customer).is_private


def test_a_private_preference_is_not_given_away_by_writing_it() -> None:
    customer = make_customer()
    Preference.objects.create(customer=customer, text="Is in hospital", is_private=True)
    url = reverse("preference_note", args=[customer.public_id])
    said = signed_in(Role.AGENT).post(url, {"text": "Is in hospital", "provenance": "stated"}, headers=HTMX)
    assert "We know that already" not in said.content.decode()
