"""Email addresses in the form in which they are compared."""

import json
import re

import pytest

from customers.addresses import normalise_email
from tests.customers.vectors import vectors


@pytest.mark.parametrize(
    ("text", "compared"),
    [
        ("Anna@Mail.Example", "anna@mail.example"),
        ("  anna@mail.example\n", "anna@mail.example"),
        ("anna+shop@mail.test", "anna+shop@mail.test"),
        ("STRASSE@mail.example", "strasse@mail.example"),
        ("straße@mail.example", "strasse@mail.example"),
        ("anna@BÜRO.example", "anna@büro.example"),
        ("anna@xn--bro-hoa.example", "anna@büro.example"),
        ("desk@printer.local", "desk@printer.local"),
        ("desk@house.invalid", "desk@house.invalid"),
        ("o'brien@mail.example", "o'brien@mail.example"),
    ],
)
def test_compared_form(text: str, compared: str) -> None:
    assert normalise_email(text) == compared
    assert normalise_email(compared) == compared


@pytest.mark.parametrize(
    "text",
    [
        *("", "@", "anna", "anna@", "@mail.example", "anna@localhost", "anna@mail..example", "anna@10.0.0.1"),
        *("anna@[10.0.0.1]", "anna@@mail.example", "an na@mail.example", "anna@mail.example, bo@mail.example"),
        *("Anna <anna@mail.example>", "anna\x00@mail.example", "anna@mail.example\r\nBcc: bo@mail.example"),
        *('"an na"@mail.example', "a" * 300 + "@b.co"),
    ],
)
def test_refusals_are_sentences(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w.*\.?$"):
        normalise_email(text)


def test_shared_valid_vectors() -> None:
    cases = json.loads(vectors("email_vectors/email_cases.json").read_text(encoding="utf-8"))
    checked = 0
    for group in ("test_email_valid", "test_email_valid_intl_local_part"):
        for text, parts in cases[group]["cases"]:
            if '"' in text or "<" in text:  # quoted parts and display names are refused, see above
                continue
            compared = normalise_email(text)
            assert compared == normalise_email(compared)
            assert compared.rpartition("@")[2] == parts["domain"].lower()
            assert compared.casefold() == compared
            assert re.fullmatch(r"[^@\s]+@[^@\s]+", compared)
            checked += 1
    assert checked > 20


def test_shared_invalid_vectors() -> None:
    cases = json.loads(vectors("email_vectors/email_cases.json").read_text(encoding="utf-8"))
    for text, _message in cases["test_email_invalid_syntax"]["cases"]:
        if text == text.strip():  # what stands around an address is taken away before it is looked at
            with pytest.raises(ValueError, match=r"\w"):
                normalise_email(text)


def test_isemail_vectors_fit_the_database() -> None:
    """Whatever is accepted satisfies the column's check constraint."""
    cases = json.loads(vectors("email_vectors/email_cases.json").read_text(encoding="utf-8"))
    outcomes = {True: 0, False: 0}
    for text, status in cases["test_pyisemail_tests"]["cases"]:
        try:
            compared = normalise_email(text)
        except ValueError:
            outcomes[False] += 1
        else:
            outcomes[True] += 1
            assert re.fullmatch(r"[^@\s]+@[^@\s]+", compared)
            assert not status.startswith("ISEMAIL_ERR") or text != text.strip(), (text, status)
    assert outcomes[True] > 0
    assert sum(outcomes.values()) == 150
