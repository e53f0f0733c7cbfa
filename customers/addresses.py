"""Email addresses brought to the form in which they are compared. Pure, and asks no name server."""

import unicodedata

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email


def normalise_email(text: str) -> str:
    """Return an address as it is compared: `Anna@Büro.Example` and `anna@xn--bro-hoa.example` are the same.

    The domain is in lower case and its IDNA labels are in Unicode. The part before the @ is folded for case as well:
    RFC 5321 lets a server tell `Anna` from `anna`, no server that people use does. Write to the address as it was
    given, never to this form.

    Domains reserved for tests, examples and inner networks are addresses like others, as long as they have a dot.

    Raises:
        ValueError: this is no address; the message is a sentence for the person who wrote it.
    """
    text = text.strip()
    # The library refuses reserved domains and can be told otherwise only for everybody in the process.
    _, dot, top = text.rpartition(".")
    stand_in = ".example" if dot and top.lower() in SPECIAL_USE_DOMAIN_NAMES else ""
    try:
        found = validate_email(text + stand_in, check_deliverability=False, allow_quoted_local=False)
    except EmailNotValidError as error:
        raise ValueError(str(error)) from None
    local = unicodedata.normalize("NFC", found.local_part.casefold())
    return f"{local}@{found.domain.lower().removesuffix(stand_in)}"


def without_tag(compared_form: str) -> str:
    """Return an address without what its owner put after a plus sign: `anna+shop@…` is `anna@…`."""
    local, at, domain = compared_form.rpartition("@")
    name, plus, _tag = local.partition("+")
    return f"{name}{at}{domain}" if name and plus else compared_form


def compared(address: str) -> str:
    """Return an address as suppressed ones are kept; what is no address is compared as it stands."""
    try:
        return normalise_email(address)
    except ValueError:
        return address
