"""The environment is read strictly: what cannot be is refused with a sentence, and not guessed at."""

import os
import subprocess
import sys

import pytest


def read(name: str, value: str) -> subprocess.CompletedProcess[str]:
    """Read the settings anew, as a process does that begins with this environment, and print this one."""
    code = f"from portal import settings; print(getattr(settings, {name!r}, None))"
    environment = os.environ | {"SECRET_KEY": "x", "DATABASE_URL": "postgresql://localhost/none", name: value}
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("HOUSE_COUNTRY", "UK", "HOUSE_COUNTRY must be a country's code such as GB or FR, not 'UK'."),
        ("CUSTOMER_LANGUAGE", "la", "CUSTOMER_LANGUAGE must be one of en, de, fr, es, pt, ar, not 'la'."),
        ("HOUSE_CURRENCY", "Euro", "HOUSE_CURRENCY must be a code of three letters such as GBP, not 'Euro'."),
        ("MARGIN_PERCENT", "a third", "MARGIN_PERCENT must be a whole number, not 'a third'."),
        ("EMAIL_USE_TLS", "perhaps", "EMAIL_USE_TLS must be yes or no, not 'perhaps'."),
        ("LETTER_WEBHOOK", "pigeon", "LETTER_WEBHOOK must be mailgun or postmark, not 'pigeon'."),
    ],
)
def test_what_cannot_be_is_refused(name: str, value: str, sentence: str) -> None:
    done = read(name, value)
    assert done.returncode
    assert sentence in done.stderr


@pytest.mark.parametrize(("value", "country"), [("", "GB"), ("FR", "FR"), ("fr", "FR")])
def test_the_country_of_the_house(value: str, country: str) -> None:
    assert read("HOUSE_COUNTRY", value).stdout.strip() == country
