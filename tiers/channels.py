"""Where a perk's channel leads: a telephone line of the house, or a page of its chat. Pure, without Django."""

from urllib.parse import urlsplit

from customers.phones import normalise_phone
from customers.texts import gettext_noop

# Where in the address of a chat the customer's public reference stands.
CUSTOMER = "{customer}"


def line_address(text: str, region: str) -> str:
    """Return the number of a dedicated line in E.164; `region` is the country whose national notation is understood.

    Raises:
        ValueError: it cannot be dialled; the message is a sentence for the person who wrote it.
    """
    return normalise_phone(text, region)


def chat_address(text: str) -> str:
    """Return the address of a chat, with `{customer}` where the reference of whoever it is belongs.

    Raises:
        ValueError: it is no such address; the message is a sentence for the person who wrote it.
    """
    address = text.strip()
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        host = None
    if not host or parts.scheme != "https" or any(letter.isspace() for letter in address):
        raise ValueError(gettext_noop("Please write the whole address of the chat, beginning with https://."))
    if CUSTOMER in parts.netloc or CUSTOMER not in address:
        raise ValueError(
            gettext_noop(
                "Please write {customer} where the customer belongs, as in https://chat.example/?c={customer}."
            )
        )
    return address


def chat_link(address: str, reference: str) -> str:
    """Return the address of a chat for one customer."""
    return address.replace(CUSTOMER, reference)
