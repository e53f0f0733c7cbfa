"""Ten thousand forged and altered tokens: none opens anything, and all are turned away alike.

How long each takes is measured in tests/benchmarks/answers.py, not asserted here.
"""

import random
import string
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from customers.models import Consent, Suppression
from customers.tokens import mint
from feedback.enums import LinkPurpose
from feedback.models import Answer, Invitation, Visit
from feedback.selectors.evidence import find_pressed
from feedback.selectors.links import find_link
from tests.feedback.makers import make_invitation, make_link

pytestmark = pytest.mark.django_db

ALPHABET = string.ascii_letters + string.digits + "-_"
MANY = 10_000
# So many go through the whole page.
THROUGH_THE_DOOR = 60


def altered(token: str, chance: random.Random) -> Iterator[str]:
    """One alteration of each sort."""
    place = chance.randrange(len(token))
    flipped = chr(ord(token[place]) ^ (1 << chance.randrange(7)))
    yield token[:place] + flipped + token[place + 1 :]
    yield token[:place] + chance.choice(ALPHABET.replace(token[place], "")) + token[place + 1 :]
    yield token[:place]
    yield token[place + 1 :]
    yield token + chance.choice(ALPHABET)
    yield token[:place] + token[place].swapcase() + token[place + 1 :]
    yield token.swapcase()
    yield token.lower()
    yield token[::-1]
    yield f" {token}"
    yield f"{token}="
    yield token.replace(token[place], chr(ord(token[place]) + 0xFEE0))
    yield mint()
    yield "".join(chance.choices(ALPHABET, k=32))


def forged(count: int, known: list[str]) -> list[str]:
    """So many tokens that were never given out, most of them close to those that were."""
    chance = random.Random(4)
    found: set[str] = set()
    while len(found) < count:
        found |= set(altered(chance.choice(known), chance)) - set(known) - {""}
    return sorted(found)[:count]


@pytest.fixture
def links() -> dict[str, str]:
    """The tokens of an invitation's links by purpose, and of one that has expired."""
    invitation = make_invitation()
    tokens = {purpose: make_link(invitation, purpose)[1] for purpose in LinkPurpose.values}
    return tokens | {"expired": make_link(invitation, lasts=timedelta(minutes=59))[1]}


@pytest.mark.parametrize("many", [1_000, pytest.param(MANY, marks=pytest.mark.slow)])
def test_no_forged_token_finds_a_link(links: dict[str, str], many: int) -> None:
    tokens = forged(many, list(links.values()))
    assert len(tokens) == many
    for number, token in enumerate(tokens):
        assert find_pressed(token=token) is None
        # The other doors ask the same table in the same way: each token at one of them, in turn.
        if many == MANY or not number % 5:
            purpose = list(LinkPurpose)[number % len(LinkPurpose)]
            assert find_link(token=token, purpose=purpose) is None
    # The control: what was given out does.
    assert find_pressed(token=links["answer"])
    for purpose in LinkPurpose:
        assert find_link(token=links[purpose], purpose=purpose)


def test_the_pages_turn_away_alike_to_the_byte_what_is_forged_expired_or_for_something_else(
    client: Client, links: dict[str, str]
) -> None:
    doors = {purpose: lambda token, p=purpose: reverse(f"feedback:{p}", args=[token]) for purpose in LinkPurpose.values}
    some = [one for one in forged(1_000, list(links.values())) if "/" not in one and one.isprintable()]
    turned_away = set()

    def press(door: str, token: str) -> None:
        for response in (
            client.get(doors[door](token)),
            client.post(doors[door](token), {"enjoyed": "yes", "confirm": "yes"}),
        ):
            turned_away.add((response.status_code, response.content, str(sorted(response.headers.items()))))

    for token in random.Random(4).sample(some, THROUGH_THE_DOOR):
        press("answer", token)
    for door in doors:
        for name, token in links.items():
            if name != door:
                press(door, token)
    assert len(turned_away) == 1
    [(status, content, _)] = turned_away
    assert status == 404
    assert not Visit.objects.exists()
    assert not Answer.objects.exists()
    assert not Suppression.objects.exists()
    assert not Consent.objects.exists()
    # The decoy too looks like a link that opens nothing.
    decoy = client.get(doors["decoy"](links["decoy"]))
    assert (decoy.status_code, decoy.content) == (404, content)
    assert Visit.objects.get().is_decoy


def test_an_answer_link_that_was_used_shows_what_was_said_and_takes_no_second_vote(client: Client) -> None:
    """Within its time a link is the customer's own: used, it opens their answer. Expired, it is like any other."""
    invitation = make_invitation()
    _, token = make_link(invitation)
    at = reverse("feedback:answer", args=[token])
    client.get(at)
    for _ in range(2):
        client.post(at, {"enjoyed": "yes", "confirm": "yes"})
    assert Answer.objects.count() == 1
    Invitation.objects.get().links.update(expires_at="2020-01-01T00:00:00Z")
    unknown = client.get(reverse("feedback:answer", args=[mint()]))
    for response in (client.get(at), client.post(at, {"enjoyed": "no", "confirm": "yes"})):
        assert (response.status_code, response.content) == (404, unknown.content)
    assert Answer.objects.get().enjoyed == "yes"
