"""Phone numbers in any notation."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.phones import country_code, digits, format_phone, normalise_phone, without_extension
from tests.customers.vectors import vectors


@pytest.mark.parametrize(
    ("text", "region", "e164"),
    [
        ("020 7946 0123", "GB", "+442079460123"),
        ("(020) 7946-0123", "gb", "+442079460123"),
        ("+44 (0)20 7946 0123", "FR", "+442079460123"),
        ("0044 20 7946 0123", "FR", "+442079460123"),
        ("00442079460123", "GB", "+442079460123"),
        ("442079460123", "GB", "+442079460123"),
        ("tel:+44-20-7946-0123", "", "+442079460123"),
        ("٠٢٠ ٧٩٤٦ ٠١٢٣", "GB", "+442079460123"),
        ("07700 900123", "GB", "+447700900123"),
        ("01 99 00 12 34", "FR", "+33199001234"),
        ("(202) 555-0123", "US", "+12025550123"),
        ("020 7946 0123 ext. 12", "GB", "+442079460123;ext=12"),
        ("+442079460123;ext=12", "GB", "+442079460123;ext=12"),
        ("020 7946 0123 ext １２", "GB", "+442079460123;ext=12"),
        ("٠٢٠ ٧٩٤٦ ٠١٢٣ x٠٧", "GB", "+442079460123;ext=07"),
        ("+39 02 1234 5678", "GB", "+390212345678"),
    ],
)
def test_any_notation(text: str, region: str, e164: str) -> None:
    assert normalise_phone(text, region) == e164
    assert normalise_phone(e164, "GB") == e164


@pytest.mark.parametrize(
    ("text", "region", "sentence"),
    [
        ("", "GB", "This is not a phone number."),
        ("no phone", "GB", "This is not a phone number."),
        ("\x00", "GB", "This is not a phone number."),
        ("999", "GB", "This phone number is too short. Is the area code missing?"),
        ("7946 0123", "GB", "This phone number is too short. Is the area code missing?"),
        ("020 7946 0123 4567 89", "GB", "This phone number is too long."),
        ("1" * 400, "GB", "This phone number is too long."),
        ("020 7946 0123", "ZZ", "Please write this phone number with its country code, such as +44 20 7946 0123."),
        ("+999 20 7946 0123", "GB", "Please write this phone number with its country code, such as +44 20 7946 0123."),
    ],
)
def test_refusals_say_what_to_mend(text: str, region: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=r"\w") as refused:
        normalise_phone(text, region)
    assert str(refused.value) == sentence


@pytest.mark.parametrize(("said", "code"), [("GB", "GB"), (" uk", "GB"), ("EL", "GR"), ("fr", "FR"), ("", "")])
def test_the_codes_of_the_european_union_are_understood(said: str, code: str) -> None:
    assert country_code(said) == code


def test_formats_for_people() -> None:
    assert format_phone("+442079460123") == "+44 20 7946 0123"
    assert format_phone("+442079460123;ext=12") == "+44 20 7946 0123 x12"
    assert format_phone("reception") == "reception"


def test_digits_of_any_script() -> None:
    assert digits("(020) ٧٩٤٦ x²") == "0207946"
    assert without_extension("+442079460123;ext=12") == "+442079460123"


def test_example_numbers_of_all_regions() -> None:
    with vectors("phone_vectors/libphonenumber_example_numbers.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    national = [row for row in rows if row["region"] != "001"]
    wrong = [row for row in national if normalise_phone(row["national"], row["region"]) != row["e164"]]
    assert len(rows) == 1374
    assert wrong == []


def test_inputs_of_libphonenumber() -> None:
    with vectors("phone_vectors/libphonenumber_parse_inputs.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    counted = {"refused": 0, "valid": 0}
    for row in rows:
        region = row["default_region"] or "ZZ"
        if row["error_type"]:
            with pytest.raises(ValueError, match="phone number"):
                normalise_phone(row["input"], region)
            counted["refused"] += 1
        elif row["is_valid"] == "True":
            expected = row["e164"] + (f";ext={row['extension']}" if row["extension"] else "")
            assert normalise_phone(row["input"], region) == expected
            counted["valid"] += 1
    assert counted == {"refused": 78, "valid": 185}


@given(st.text(max_size=40) | st.text("0123456789+()- x٣", max_size=25))
def test_never_anything_but_e164_or_a_sentence(text: str) -> None:
    try:
        e164 = normalise_phone(text, "GB")
    except ValueError as refused:
        assert str(refused).endswith((".", "?"))  # noqa: PT017
    else:
        assert normalise_phone(e164, "GB") == e164
        assert e164.isascii()
