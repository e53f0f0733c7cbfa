"""Channels and video rooms on the contact view: what it shows, the presses, the letter, and who may."""

from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from customers.enums import LetterState
from customers.models import Interaction, Letter
from customers.services import mailing
from customers.services.contact_points import suppress_address
from portal.roles import Role
from portal.video.inviting import Sent, send_link
from tests.factories import make_customer, make_email, make_interaction, make_user
from tests.portal.test_video import SECRET, claims_of, facts, url
from tests.portal.worlds import give_tier, make_tiers
from tests.tiers.rooms import give_way, make_link, make_opening_tier, make_talk
from tiers.models import VideoRoom
from tiers.services.rooms import enter_room, token_of

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def server(settings: Any) -> None:
    """A video server; nothing here asks it anything."""
    settings.JITSI_URL, settings.JITSI_APP_ID, settings.JITSI_APP_SECRET = "https://Meet.example", "house", SECRET


# --- the contact view --------------------------------------------------------------------------------


def test_the_page_shows_the_channels_of_this_customers_tier(client: Client) -> None:
    customer, agent = make_customer(), make_user()
    give_tier(customer, make_opening_tier("line", "+442079460123"))
    client.force_login(agent)
    html = client.get(reverse("contact", args=[customer.public_id])).content.decode()
    assert 'href="tel:+442079460123" aria-label="Dedicated line: +44 20 7946 0123">+44 20 7946 0123</a>' in html
    make_opening_tier("chat", "https://chat.example/?c={customer}")
    html = client.get(reverse("contact", args=[customer.public_id])).content.decode()
    assert f'href="https://chat.example/?c={customer.public_id}"' in html
    assert 'rel="noopener noreferrer">open</a>' in html
    other = make_customer()
    give_tier(other, make_tiers()[2])
    assert 'id="channels"' not in client.get(reverse("contact", args=[other.public_id])).content.decode()


def test_a_room_is_made_sent_joined_and_ended(client: Client) -> None:
    talk = make_talk()
    make_email(talk.customer, "one@mail.example")
    client.force_login(talk.agent)  # type: ignore[arg-type]
    html = client.get(url(talk)).content.decode()
    assert 'data-key="v"' in html
    assert "Send them the link by email" in html
    made = client.post(url(talk, "room_make"), {"letter": "on"}, headers=HTMX)
    room, html = VideoRoom.objects.get(), made.content.decode()
    link = f"/video/{token_of(room.name)}/"
    assert "The room is ready. A letter with the link is on its way." in html
    assert link in html
    assert room.letter is not None
    assert (room.letter.language, room.letter.to_address) == ("de", "one@mail.example")
    assert "%VIDEO%" in room.letter.text
    assert link not in room.letter.text + room.letter.html, "the row holds no live link"
    claimed = mailing.claim_letter()
    assert claimed is not None
    assert claimed.values["%VIDEO%"].endswith(link)
    host = client.get(url(talk, "room_join", room.pk))
    assert host.status_code == 303
    assert claims_of(host["Location"])["context"]["user"]["moderator"] == "true"
    Client().post(link)
    assert "They joined" in client.get(url(talk)).content.decode()
    ended = client.post(url(talk, "room_end", room.pk), headers=HTMX).content.decode()
    assert "Ended." in ended
    assert 'data-key="v"' in ended
    assert client.get(url(talk, "room_join", room.pk)).status_code == 404


def test_a_letter_does_not_leave_once_the_link_is_worth_nothing() -> None:
    for end in ("used", "ended"):
        room, token = make_link()
        make_email(room.customer)
        assert send_link(room=room) is Sent.WRITTEN
        assert send_link(room=room) is Sent.WRITTEN_BEFORE
        if end == "used":
            enter_room(token=token, browser="one")
        else:
            VideoRoom.objects.update(ended_at=Now())
        assert mailing.claim_letter() is None
        assert Letter.objects.get(video_room=room).state == LetterState.SUPPRESSED


def test_a_process_with_another_key_does_not_send_a_dead_link(settings: Any) -> None:
    room, _token = make_link()
    make_email(room.customer)
    send_link(room=room)
    settings.SECRET_KEY = "another"
    assert mailing.claim_letter() is None
    letter = Letter.objects.get(video_room=room)
    assert (letter.state, letter.attempts) == (LetterState.QUEUED, 1)
    assert "SECRET_KEY" in letter.reply


def test_nobody_is_written_to_who_gets_no_letters(client: Client) -> None:
    talk = make_talk()
    address = make_email(talk.customer).value
    suppress_address(address=address, reason="refused")
    client.force_login(talk.agent)  # type: ignore[arg-type]
    said = client.post(url(talk, "room_make"), {"letter": "on"}, headers=HTMX).content.decode()
    assert "read the link out to them" in said
    assert not Letter.objects.exists()
    room = VideoRoom.objects.get()
    assert "no address" in client.post(url(talk, "room_send", room.pk), headers=HTMX).content.decode()


def test_a_tier_that_moved_down_after_the_page_was_drawn_refuses(client: Client) -> None:
    talk = make_talk()
    client.force_login(talk.agent)  # type: ignore[arg-type]
    assert "Make a room" in client.get(url(talk)).content.decode()
    give_way(talk)
    html = client.post(url(talk, "room_make"), headers=HTMX).content.decode()
    assert "Their tier does not come with a call by video." in html
    assert "Make a room" not in html
    assert not VideoRoom.objects.exists()


@pytest.mark.parametrize("many", [1, 3])
def test_a_room_costs_no_query_more(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, many: int
) -> None:
    talk = make_talk()
    for _ in range(many):
        room, _token = make_link()
        VideoRoom.objects.filter(pk=room.pk).update(customer=talk.customer, agent=talk.agent)
        Interaction.objects.filter(pk=room.interaction_id).update(agent=None)
    client.force_login(talk.agent)  # type: ignore[arg-type]
    client.get(url(talk))
    with django_assert_num_queries(3):
        html = client.get(url(talk)).content.decode()
    assert html.count("Join as the host") == many


# --- who may -----------------------------------------------------------------------------------------

PRESSES = ("room_make", "room_send", "room_end")


def at(talk: Interaction, room: VideoRoom, name: str) -> str:
    return url(talk, name) if name == "room_make" else url(talk, name, room.pk)


@pytest.mark.parametrize("name", PRESSES)
def test_presses_refuse_the_wrong_method_strangers_and_who_may_not(client: Client, name: str) -> None:
    room, _token = make_link()
    talk = room.interaction
    before = facts()
    assert client.post(at(talk, room, name))["Location"].startswith(reverse("account_login"))
    client.force_login(room.agent)  # type: ignore[arg-type]
    assert client.get(at(talk, room, name)).status_code == 405
    for role in (Role.ANALYST, Role.INTEGRATION):
        client.force_login(make_user(role))
        assert client.post(at(talk, room, name)).status_code == 403
    assert facts() == before


@pytest.mark.parametrize("role", [Role.AGENT, Role.LEAD, Role.MANAGER])
def test_who_holds_contacts_makes_rooms_twice_is_once(client: Client, role: Role) -> None:
    talk = make_talk(make_user(role))
    client.force_login(talk.agent)  # type: ignore[arg-type]
    for _ in range(2):
        assert client.post(url(talk, "room_make")).status_code == 302
    room = VideoRoom.objects.get()
    for _ in range(2):
        client.post(url(talk, "room_end", room.pk))
    ended = VideoRoom.objects.get().ended_at
    assert ended is not None
    client.post(url(talk, "room_end", room.pk))
    assert VideoRoom.objects.get().ended_at == ended


def test_the_hosts_door_is_for_the_host(client: Client) -> None:
    room, _token = make_link()
    path = url(room.interaction, "room_join", room.pk)
    assert client.get(path)["Location"].startswith(reverse("account_login"))
    client.force_login(room.agent)  # type: ignore[arg-type]
    assert client.post(path).status_code == 405
    assert client.get(path).status_code == 303
    for role, status in ((Role.AGENT, 404), (Role.MANAGER, 404), (Role.ANALYST, 403)):
        client.force_login(make_user(role))
        assert client.get(path).status_code == status
    other = make_interaction()
    client.force_login(room.agent)  # type: ignore[arg-type]
    assert client.get(url(other, "room_join", room.pk)).status_code == 404
