"""Phone numbers in any notation, brought to one: E.164. Pure, without Django.

The forms and the plans of the countries are those of Google's libphonenumber, through its port `phonenumbers`.
"""

import unicodedata

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

from customers.texts import gettext_noop

_LONGEST = 15  # digits, ITU-T E.164
# What the European Union writes, and with it many a shop: Interinstitutional Style Guide, annex A5.
_EUROPEAN = {"UK": "GB", "EL": "GR"}


def country_code(text: str) -> str:
    """Return a country's code in capitals, and that of ISO 3166 where two are in use: GB for UK, GR for EL."""
    code = text.strip().upper()
    return _EUROPEAN.get(code, code)


def has_notation(code: str) -> bool:
    """Whether this is the code of a country in whose national notation numbers can be read."""
    return code in phonenumbers.SUPPORTED_REGIONS


def normalise_phone(text: str, region: str) -> str:
    """Return a number in E.164 such as `+442079460123`, with `;ext=12` where it has an extension.

    `region` is the country (GB, FR, …) whose national notation is understood; a number that begins with + or with
    that country's exit code may be of any country. A number must be of a possible length for its country; it need not
    be in use, since plans change faster than libraries and ranges for fiction are never in use.

    Raises:
        ValueError: this cannot be dialled; the message is a sentence for the person who wrote it.
    """
    try:
        number = phonenumbers.parse(text, region.upper())
    except NumberParseException as error:
        raise ValueError(_sentence(error)) from None
    reason = phonenumbers.is_possible_number_with_reason(number)
    if phonenumbers.is_valid_number(number):
        reason = ValidationResult.IS_POSSIBLE  # a short number that a country has in its plan, such as Canada's 310
    if reason in {ValidationResult.TOO_SHORT, ValidationResult.IS_POSSIBLE_LOCAL_ONLY}:
        raise ValueError(gettext_noop("This phone number is too short. Is the area code missing?"))
    if reason == ValidationResult.TOO_LONG:
        raise ValueError(gettext_noop("This phone number is too long."))
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    if reason != ValidationResult.IS_POSSIBLE or not 4 <= len(e164) - 1 <= _LONGEST:
        raise ValueError(gettext_noop("This phone number has a length that its country does not know."))
    # The library brings the line's digits to 0 to 9, and leaves the extension's as they were typed.
    return f"{e164};ext={digits(number.extension)}" if number.extension else e164


def format_phone(e164: str) -> str:
    """Return a number as people write it abroad: `+44 20 7946 0123 x12`. What is no number stays as it is."""
    try:
        return phonenumbers.format_number(phonenumbers.parse(e164, None), PhoneNumberFormat.INTERNATIONAL)
    except NumberParseException:
        return e164


def digits(text: str) -> str:
    """Return the decimal digits of a text, of whatever script, as 0 to 9."""
    return "".join(str(unicodedata.decimal(letter)) for letter in text if letter.isdecimal())


def without_extension(e164: str) -> str:
    """Return the number of the line alone."""
    return e164.partition(";")[0]


def _sentence(error: NumberParseException) -> str:
    """Say what a parser's complaint means to the person who typed the number."""
    if error.error_type == NumberParseException.INVALID_COUNTRY_CODE:
        return gettext_noop("Please write this phone number with its country code, such as +44 20 7946 0123.")
    if error.error_type == NumberParseException.TOO_LONG:
        return gettext_noop("This phone number is too long.")
    if error.error_type == NumberParseException.NOT_A_NUMBER:
        return gettext_noop("This is not a phone number.")
    return gettext_noop("This phone number is too short.")
