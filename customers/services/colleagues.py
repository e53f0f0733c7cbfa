"""Letters to colleagues, through the outbox as all others."""

import logging
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError

from customers.notes import Note
from customers.services.letters import queue_letter

if TYPE_CHECKING:
    from portal.models import User

log = logging.getLogger(__name__)


def write_to_colleague(*, colleague: "User", kind: str, subject_key: str, note: Note) -> bool:
    """Queue a letter, once for its kind and subject; False where it was written before or the address cannot be one.

    An address that cannot be one keeps nobody else's letter back.
    """
    try:
        _letter, is_new = queue_letter(
            colleague=colleague,
            kind=kind,
            subject_key=subject_key,
            to_address=colleague.email,
            language=settings.LANGUAGE_CODE,
            subject=note.subject,
            text=note.text,
            html=note.html,
        )
    except ValidationError as error:
        log.warning("no letter to colleague %s: %s %s: %s", colleague.pk, kind, subject_key, " ".join(error.messages))
        return False
    return is_new
