"""A letter that is written, and the same as it stands now."""

from typing import Any

from customers.models import Letter
from customers.services.letters import queue_letter
from tests.factories import make_customer


def write(address: str = "one@mail.example", key: str = "1", **more: Any) -> Letter:
    fields: dict[str, Any] = {
        "kind": "test.note",
        "subject_key": key,
        "to_address": address,
        "language": "en",
        "subject": "About your call",
        "text": "Hello",
        "html": "<style>p{color:#123456}</style><p>Hello</p>",
    }
    return queue_letter(customer=make_customer(), **fields | more)[0]


def fresh(letter: Letter) -> Letter:
    return Letter.objects.get(pk=letter.pk)
