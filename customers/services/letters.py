"""Writing letters, and settling those of which nobody knows whether they arrived. Sending is in `mailing`."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models.functions import Now

from customers.addresses import normalise_email
from customers.enums import LetterState
from customers.exceptions import NotAnAddress
from customers.models import Customer, Letter

if TYPE_CHECKING:
    from portal.models import User


def queue_letter(
    *,
    customer: Customer | None = None,
    colleague: "User | None" = None,
    kind: str,
    subject_key: str,
    to_address: str,
    language: str,
    subject: str,
    text: str,
    html: str,
    headers: Mapping[str, str] | None = None,
    due_at: datetime | None = None,
) -> tuple[Letter, bool]:
    """Write a letter and return it with True, or return the one of the same kind and subject with False.

    It goes to a customer or to a colleague, one of the two. It leaves when it is due (at once without `due_at`) and
    the address is not suppressed by then.

    Raises:
        NotAnAddress: the address cannot be one.
        ValidationError: a part is missing or too long.
    """
    try:
        normalise_email(to_address)
    except ValueError as error:
        raise NotAnAddress({"to_address": str(error)}) from error
    fields: dict[str, Any] = {
        "customer": customer,
        "colleague": colleague,
        # As it was given: only comparing folds it.
        "to_address": to_address.strip(),
        "language": language,
        # A line break would end the header.
        "subject": " ".join(subject.split()),
        "text": text,
        "html": html,
        "headers": dict(headers or {}),
    }
    if due_at is not None:
        fields["due_at"] = due_at
    Letter(kind=kind, subject_key=subject_key, **fields).clean_fields()
    return Letter.objects.get_or_create(kind=kind, subject_key=subject_key, defaults=fields)


def settle_letters() -> int:
    """Call uncertain every letter whose sender has not reported back in time; return how many.

    Its process may have ended before or after the other side took the letter. It is never sent again by itself.
    """
    return Letter.objects.lapsed().update(
        state=LetterState.UNCERTAIN,
        lease=None,
        leased_until=None,
        reply="The sender stopped before it could note the reply.",
    )


def confirm_letter(*, letter: Letter) -> bool:
    """Record that an uncertain letter did arrive; return False where it is not uncertain (any more)."""
    return bool(_uncertain(letter).update(state=LetterState.SENT, sent_at=Now()))


def resend_letter(*, letter: Letter) -> bool:
    """Put an uncertain letter back among those to send; return False where it is not uncertain (any more).

    It keeps its Message-ID, so that a mail program that has it already can tell.
    """
    return bool(_uncertain(letter).update(state=LetterState.QUEUED, due_at=Now(), attempts=0))


def _uncertain(letter: Letter) -> Any:
    return Letter.objects.filter(pk=letter.pk, state=LetterState.UNCERTAIN)
