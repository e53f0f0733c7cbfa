"""What a letter is made of, byte by byte: the sender, the recipient, unsubscribing, bounces."""

import re
from email import message_from_bytes, policy
from typing import Any

import pytest

from customers.emails import build_mail
from customers.models import Customer, Letter
from customers.services import mailing
from tests.customers.letters import write

pytestmark = pytest.mark.django_db


def head_of(raw: bytes) -> dict[str, list[str]]:
    """The headers as they stand in the bytes: name → values, unfolded lines told apart from folded ones."""
    lines = raw.partition(b"\r\n\r\n")[0].decode("ascii").split("\r\n")
    found: dict[str, list[str]] = {}
    for line in lines:
        assert line[:1] != " " or not found.get("List-Unsubscribe"), "folded where a signature must not break"
        name, _, value = line.partition(": ")
        found.setdefault(name, []).append(value)
    return found


def claimed_bytes(letter: Letter) -> bytes:
    claimed = mailing.claim_letter()
    assert claimed
    assert claimed.letter.pk == letter.pk
    return build_mail(claimed.letter, claimed.values).message


UNSUBSCRIBE = {
    "List-Unsubscribe": "<https://house.example/feedback/stop/" + "x" * 80 + ">",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
}


def test_the_bytes_of_a_bulk_letter(settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL = "The House <hello@mail.house.example>"
    letter = write(headers=UNSUBSCRIBE, text="Über Öl: " + "ä" * 400, language="de")
    raw = claimed_bytes(letter)
    assert raw.isascii(), "signed letters stay whole in 7 bits alone"
    assert max(map(len, raw.split(b"\r\n"))) < 998
    assert b"\n" not in raw.replace(b"\r\n", b"")
    head = head_of(raw)
    once = ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", *UNSUBSCRIBE)
    assert {name: len(head[name]) for name in once} == dict.fromkeys(once, 1)
    assert head["List-Unsubscribe"] == [UNSUBSCRIBE["List-Unsubscribe"]], "one address, on one line"
    assert head["List-Unsubscribe-Post"] == ["List-Unsubscribe=One-Click"]
    assert head["Precedence"] == ["bulk"]
    assert head["Auto-Submitted"] == ["auto-generated"]
    assert head["Feedback-ID"] == ["test.note:de:mailhouseexampl"]
    assert head["Date"][0].endswith(" +0000")
    assert re.fullmatch(r"<[0-9a-f]{32}@mail\.house\.example>", head["Message-ID"][0])
    assert head["From"] == ["The House <hello@mail.house.example>"]
    message: Any = message_from_bytes(raw, policy=policy.SMTP)
    assert message.get_body(("plain",)).get_content().strip() == "Über Öl: " + "ä" * 400


def test_a_letter_to_one_person_is_not_called_bulk() -> None:
    head = head_of(claimed_bytes(write(headers={"Auto-Submitted": "no"})))
    assert not {"Precedence", "Feedback-ID", "List-Unsubscribe"} & set(head)
    assert head["Auto-Submitted"] == ["no"], "what a colleague wrote by hand may say so"


@pytest.mark.parametrize("name", ['Customer "A" \\, B', "Cüstömer, 1", "Customer\r\nBcc: all@mail.example", "اسم"])
def test_the_name_stands_beside_the_address_whatever_is_in_it(name: str) -> None:
    letter = write()
    Customer.objects.filter(letters=letter).update(full_name=name)
    message: Any = message_from_bytes(claimed_bytes(letter), policy=policy.SMTP)
    [to] = message["To"].addresses
    assert (to.display_name, to.addr_spec) == (" ".join(name.split()), "one@mail.example")
    assert message["Bcc"] is None


@pytest.mark.parametrize(
    "uris", ["<mailto:stop@house.example>", "<https://h.example/a>, <https://h.example/b>", "https://h.example/a", ""]
)
def test_unsubscribing_by_one_press_takes_one_address(uris: str) -> None:
    letter = write(headers=UNSUBSCRIBE | {"List-Unsubscribe": uris})
    with pytest.raises(ValueError, match="List-Unsubscribe"):
        build_mail(letter, {})


@pytest.mark.parametrize(
    ("bounce_address", "sender"),
    [("", "hello@house.example"), ("b@house.example", "b@house.example"), ("b+@house.example", "b+{}@house.example")],
)
def test_bounces_have_an_address_of_their_own(settings: Any, bounce_address: str, sender: str) -> None:
    settings.DEFAULT_FROM_EMAIL, settings.BOUNCE_ADDRESS = "hello@house.example", bounce_address
    write()
    claimed = mailing.claim_letter()
    assert claimed
    number = claimed.letter.message_id[1:33]
    assert build_mail(claimed.letter, {}).sender == sender.format(number)
