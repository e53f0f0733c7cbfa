"""Channels that a perk opens, and video rooms: one for a contact, behind a link that works once."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pgtrigger
import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from customers.models import Interaction
from customers.services.erasing import erase_customer
from customers.tokens import hash_of, sign
from tests.factories import make_customer, make_user
from tests.portal.worlds import give_tier, make_tiers
from tests.tiers.interleaving import Work, play_all
from tests.tiers.rooms import give_way, make_link, make_opening_tier, make_talk
from tiers.channels import chat_address, chat_link, line_address
from tiers.models import Perk, PerkUse, Standing, VideoRoom
from tiers.selectors.rooms import find_room
from tiers.selectors.standings import explain
from tiers.services import rooms
from tiers.services.rooms import end_room, enter_room, make_room

pytestmark = pytest.mark.django_db
TRIGGER = "tiers.VideoRoom:videoroom_used_once"


def refused(name: str) -> "pytest.RaisesExc[IntegrityError]":
    return pytest.raises(IntegrityError, match=name)


# --- where a channel leads ---------------------------------------------------------------------------


def test_addresses_are_read_as_people_write_them(settings: Any) -> None:
    assert line_address("020 7946 0123", "GB") == "+442079460123"
    settings.HOUSE_COUNTRY = "FR"
    perk = Perk(channel="line", address="01 99 00 12 34")
    perk.clean()
    assert perk.address == "+33199001234"
    address = chat_address(" https://chat.house.example/c/{customer}?from=desk ")
    assert chat_link(address, "abc") == "https://chat.house.example/c/abc?from=desk"


@pytest.mark.parametrize(
    "text",
    [
        *("", "chat.house.example/{customer}", "http://chat.example/{customer}", "https://{customer}.example/"),
        *(
            "https://[/",
            "javascript:alert('{customer}')",
            "https://chat.example/",
            "https://chat.example/a b?c={customer}",
        ),
    ],
)
def test_what_is_no_chat_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"^Please write .*\.$"):
        chat_address(text)


@pytest.mark.parametrize(
    ("channel", "written", "kept"),
    [
        ("line", "020 7946 0123", "+442079460123"),
        ("chat", "https://chat.example/?c={customer}", "https://chat.example/?c={customer}"),
        ("video", "left over", ""),
        ("none", "left over", ""),
    ],
)
def test_a_perk_keeps_the_address_that_fits_its_channel(channel: str, written: str, kept: str) -> None:
    perk = Perk(tier=make_tiers()[0], text="A line", channel=channel, address=written)
    perk.full_clean()
    perk.save()
    assert perk.address == kept


@pytest.mark.parametrize(("channel", "written"), [("line", ""), ("line", "12"), ("chat", "https://chat.example/")])
def test_a_perk_without_its_address_says_what_to_mend(channel: str, written: str) -> None:
    with pytest.raises(ValidationError) as error:
        Perk(tier=make_tiers()[0], text="A line", channel=channel, address=written).full_clean()
    assert list(error.value.message_dict) == ["address"]


@pytest.mark.parametrize(
    ("channel", "address", "name"),
    [
        ("fax", "", "perk_address_fits_channel"),
        ("line", "", "perk_address_fits_channel"),
        ("line", "https://x.example/{customer}", "perk_address_fits_channel"),
        ("chat", "http://x.example/{customer}", "perk_address_fits_channel"),
        ("chat", "https://x.example/", "perk_address_fits_channel"),
        ("video", "+442079460123", "perk_address_fits_channel"),
        ("none", "+442079460123", "perk_address_fits_channel"),
    ],
)
def test_the_database_knows_what_fits(channel: str, address: str, name: str) -> None:
    with refused(name), transaction.atomic():
        Perk.objects.create(tier=make_tiers()[0], text="A line", channel=channel, address=address)


def test_a_tier_tells_what_it_opens_each_once() -> None:
    customer, tier = make_customer(), make_opening_tier("line", "+442079460123")
    Perk.objects.create(tier=tier, text="Another line", channel="line", address="+442079460124", position=9)
    give_tier(customer, tier)
    found = explain(customer=customer, shows_margin=False)
    assert found is not None
    assert [(one.kind, one.address) for one in found.channels] == [("line", "+442079460123")]


# --- making ------------------------------------------------------------------------------------------


def test_a_contact_has_one_room_and_a_second_press_finds_it() -> None:
    talk = make_talk()
    assert talk.agent
    room, is_new = make_room(interaction=talk, by=talk.agent)
    assert is_new
    assert make_room(interaction=talk, by=talk.agent) == (room, False)
    assert len(bytes.fromhex(room.name)) * 8 >= 128
    assert room.expires_at - room.made_at == rooms.LIFE
    assert rooms.token_of(room.name) == rooms.token_of(room.name)
    assert sign(key=b"another key", purpose="video", name=room.name) != rooms.token_of(room.name)


def test_a_room_that_was_come_into_makes_way_for_another() -> None:
    room, token = make_link()
    assert enter_room(token=token, browser="one")
    assert room.agent
    again, is_new = make_room(interaction=room.interaction, by=room.agent)
    assert is_new
    assert again != room
    assert find_room(token=token, browser="one") is None, "the first link is worth nothing any more"


def test_a_room_wants_an_open_contact_of_ones_own_and_a_tier_that_opens_it() -> None:
    talk = make_talk()
    assert talk.agent
    with pytest.raises(ValidationError, match="belongs to a contact"):
        make_room(interaction=talk, by=make_user())
    give_way(talk)
    with pytest.raises(ValidationError, match="does not come with"):
        make_room(interaction=talk, by=talk.agent)
    Interaction.objects.update(closed_at=timezone.now())
    with pytest.raises(ValidationError, match="belongs to a contact"):
        make_room(interaction=talk, by=talk.agent)
    assert not VideoRoom.objects.exists()


# --- coming in ---------------------------------------------------------------------------------------


def test_the_first_browser_comes_in_and_comes_again_and_no_other_does() -> None:
    room, token = make_link()
    assert find_room(token=token) == room
    assert enter_room(token=token, browser="one") == room
    used_at = VideoRoom.objects.get().used_at
    assert used_at is not None
    assert enter_room(token=token, browser="two") is None
    assert enter_room(token=token, browser="one") == room
    assert find_room(token=token, browser="one") == room
    assert find_room(token=token, browser="two") is None
    assert find_room(token=token) is None
    assert VideoRoom.objects.get().used_at == used_at


def test_coming_in_is_one_use_of_the_perk() -> None:
    room, token = make_link()
    assert not PerkUse.objects.exists()
    for _ in range(2):
        enter_room(token=token, browser="one")
    use = PerkUse.objects.get()
    assert (use.perk, use.interaction, use.noted_by) == (room.perk, room.interaction, room.agent)


@pytest.mark.parametrize("end", ["expired", "ended", "closed", "erased", "perk"])
def test_a_link_opens_while_the_room_is_open(end: str) -> None:
    room, token = make_link()
    match end:
        case "expired":
            VideoRoom.objects.update(made_at=Now() - timedelta(hours=5), expires_at=Now() - timedelta(hours=1))
        case "ended":
            assert end_room(room=room)
            assert not end_room(room=room)
        case "closed":
            Interaction.objects.update(closed_at=timezone.now())
        case "erased":
            erase_customer(customer=room.customer)
        case "perk":
            # What was promised in a call holds, also where a manager takes the perk away meanwhile.
            Perk.objects.filter(channel="video").delete()
    for enter in (find_room, enter_room):
        assert bool(enter(token=token, browser="one")) is (end == "perk")


@pytest.mark.parametrize("token", ["", "rubbish", "x" * 200, "\ud800", "'; --", "a" * 40])
def test_rubbish_opens_nothing(token: str) -> None:
    room, _token = make_link()
    assert find_room(token=token) is None
    assert enter_room(token=token, browser="one") is None
    assert enter_room(token=room.name, browser="one") is None
    assert enter_room(token=sign(key=b"guess", purpose="video", name=room.name), browser="one") is None


# --- what the database holds -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"name": "guess-me"}, "videoroom_name_unguessable"),
        ({"expires_at": F("made_at")}, "videoroom_expires_after_making"),
        ({"used_at": F("made_at") - timedelta(seconds=1), "used_by": b"x"}, "videoroom_used_within_its_life"),
        ({"used_at": F("expires_at") + timedelta(seconds=1), "used_by": b"x"}, "videoroom_used_within_its_life"),
        ({"used_at": F("made_at")}, "videoroom_used_by_a_browser"),
        ({"used_by": b"x"}, "videoroom_used_by_a_browser"),
        ({"ended_at": F("made_at") - timedelta(seconds=1)}, "videoroom_ends_after_making"),
    ],
)
def test_the_database_refuses(changes: dict[str, Any], name: str) -> None:
    make_link()
    with refused(name), transaction.atomic():
        VideoRoom.objects.update(**changes)


def test_the_database_keeps_one_open_room_and_one_use() -> None:
    room, token = make_link()
    with refused("videoroom_one_open_per_contact"), transaction.atomic():
        VideoRoom.objects.create(
            customer=room.customer,
            interaction=room.interaction,
            name="0" * 40,
            token_hash=hash_of("x"),
            expires_at=Now() + timedelta(hours=1),
        )
    enter_room(token=token, browser="one")
    for changes in ({"used_at": Now()}, {"used_by": b"x"}, {"used_at": None, "used_by": None}):
        with refused("videoroom_used_once"), transaction.atomic():
            VideoRoom.objects.update(**changes)


# --- two at once -------------------------------------------------------------------------------------


class Unguarded:
    """In place of the one statement: it looks whether somebody is in, and writes without asking again."""

    def __init__(self, token: str) -> None:
        self.token = token

    def filter(self, **_used: None) -> Any:
        is_free = VideoRoom.objects.filter(token_hash=hash_of(self.token), used_at=None).exists()
        return VideoRoom.objects.filter(token_hash=hash_of(self.token) if is_free else b"")


def race(count: int, enter: Callable[..., Any] = enter_room) -> tuple[list[tuple[int, int]], int]:
    """How many came in and how many hit an error, for each link that two press at once; and in how many orders."""
    links = [make_link()[1] for _ in range(count)]
    works: list[list[Work]] = [[partial(enter, token=token, browser=who) for who in "ab"] for token in links]
    results, stage = play_all(works, seed=0)
    errors = [sum(isinstance(one, BaseException) for one in pair) for pair in results]
    return [
        (sum(isinstance(one, VideoRoom) for one in pair), wrong) for pair, wrong in zip(results, errors, strict=True)
    ], len(stage.orders)


@pytest.mark.django_db(transaction=True)
def test_of_two_presses_at_once_one_comes_in() -> None:
    found, orders = race(20)
    assert found == [(1, 0)] * 20
    assert orders > 5
    assert PerkUse.objects.count() == 20


@pytest.mark.django_db(transaction=True)
def test_with_the_guard_off_both_come_in_unless_the_database_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the same race, with a look before the write in place of the one statement."""

    def enter(**known: str) -> Any:
        with pgtrigger.ignore(TRIGGER):
            return enter_room(**known)

    monkeypatch.setattr(rooms, "open_rooms", lambda *, token: Unguarded(token))
    found, _orders = race(10)
    assert {come_in for come_in, _wrong in found} == {1}, "the trigger holds"
    assert any(wrong for _come_in, wrong in found)
    found, _orders = race(10, enter)
    assert any(come_in == 2 for come_in, _wrong in found)


@pytest.mark.django_db(transaction=True)
def test_a_move_down_in_between_refuses() -> None:
    """Whoever is first: with the tier that is left when both are done, no room was made after the move."""

    def move(talk: Interaction) -> str:
        with transaction.atomic():
            give_way(talk)
        return "moved"

    talks = [make_talk() for _ in range(12)]
    works: list[list[Work]] = [
        [partial(move, talk), partial(make_room, interaction=talk, by=talk.agent)]  # type: ignore[arg-type]
        for talk in talks
    ]
    results, _stage = play_all(works, seed=3)
    assert {pair[0] for pair in results} == {"moved"}
    assert {type(pair[1]) for pair in results} == {tuple, ValidationError}, "each was first at times"
    for room in VideoRoom.objects.all():
        before = Standing.objects.get(customer=room.customer, valid_until__isnull=False)
        assert room.made_at <= before.valid_until  # type: ignore[operator]
