"""Writing letters, and settling those of which nobody knows whether they arrived. Sending is in `mailing`."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils import translation
from django.utils.html import escape
from django.utils.translation import gettext as _

from customers.addresses import normalise_email
from customers.emails import write_sample
from customers.enums import LetterEventKind, LetterState
from customers.exceptions import NotAnAddress
from customers.models import Customer, Letter, LetterEvent

if TYPE_CHECKING:
    from portal.models import User

SAMPLE = "customers.sample"
_BODY = re.compile(r"<body[^>]*>", re.IGNORECASE)


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


def queue_sample(*, kind: str, language: str, colleague: "User", key: UUID) -> bool:
    """Write a sample letter to a colleague; return False where this press (`key`) has done so already.

    Raises:
        LookupError: there is no such kind, or the house does not write in this language.
        NotAnAddress: the colleague has no address that could be one.
    """
    sample = write_sample(kind=kind, language=language)
    with translation.override(language):
        subject, said = _("Sample: %(subject)s") % {"subject": sample.subject}, _("A sample. Its links open nothing.")
    _sample, is_new = queue_letter(
        colleague=colleague,
        # Not the kind of the real one, so that no seal makes live links.
        kind=SAMPLE,
        subject_key=str(key),
        to_address=colleague.email,
        language=sample.language,
        subject=subject[:200],
        text=f"{said}\n\n{sample.text}",
        html=_BODY.sub(lambda tag: f"{tag[0]}<p><strong>{escape(said)}</strong></p>", sample.html, count=1),
        headers=sample.headers,
    )
    return is_new


@transaction.atomic
def settle_letters() -> int:
    """Call uncertain every letter whose sender has not reported back in time; return how many.

    Its process may have ended before or after the other side took the letter. It is never sent again by itself.
    """
    lapsed = Letter.objects.lapsed().select_for_update(skip_locked=True, no_key=True)
    found = list(lapsed.values_list("pk", flat=True))
    if not found:
        return 0
    said = "The sender stopped before it could note the reply."
    Letter.objects.filter(pk__in=found).update(state=LetterState.UNCERTAIN, lease=None, leased_until=None, reply=said)
    LetterEvent.objects.bulk_create(
        LetterEvent(letter_id=pk, kind=LetterEventKind.UNCERTAIN, words=said) for pk in found
    )
    return len(found)


@transaction.atomic
def confirm_letter(*, letter: Letter, by: "User | None" = None) -> bool:
    """Record that an uncertain letter did arrive, and who says so; False where it is not uncertain (any more)."""
    if not _uncertain(letter).update(state=LetterState.SENT, sent_at=Now()):
        return False
    LetterEvent.objects.create(letter=letter, kind=LetterEventKind.CONFIRMED, by=by)
    return True


@transaction.atomic
def resend_letter(*, letter: Letter, by: "User | None" = None) -> bool:
    """Put an uncertain letter back among those to send; return False where it is not uncertain (any more).

    One to somebody who is forgotten stays, too. It keeps its Message-ID, so that a mail program that has it already can
    tell.
    """
    if not _uncertain(letter).exclude(to_address="").update(state=LetterState.QUEUED, due_at=Now(), attempts=0):
        return False
    LetterEvent.objects.create(letter=letter, kind=LetterEventKind.SENT_AGAIN, by=by)
    return True


def _uncertain(letter: Letter) -> Any:
    return Letter.objects.filter(pk=letter.pk, state=LetterState.UNCERTAIN)
