"""A form that is sent twice is saved once, also where the answer to the first time was lost on the way."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from customers.selectors.prepared import fetch_prepared
from portal.contact.page import Done
from portal.desk.access import DeskRequest
from portal.forms import HouseForm
from portal.models import Press

Outcome = Done | HouseForm
# A draft lives as long as its tab; after this long nobody sends the same form again.
_KEPT = timedelta(days=7)

# Whoever sends the same key at the same moment waits here until the first has saved, or given up.
_CLAIM = """
    INSERT INTO portal_press (colleague_id, key, digest) VALUES (%(colleague)s, %(key)s, %(digest)s)
    ON CONFLICT (colleague_id, key) DO NOTHING RETURNING id
"""


@dataclass(frozen=True)
class OtherWords:
    """The form was saved before, and now says something else."""

    sentence: str


def once(request: DeskRequest, do: Callable[[], Outcome]) -> Outcome | OtherWords:
    """Do what a form asks for, unless this very form was saved before.

    A form that has to be mended, or that was refused, leaves nothing behind, and may be sent again under its key. A
    request without a key is simply done; the services know a second press by its words.
    """
    key = _key_of(request)
    if key is None:
        return do()
    digest = _digest_of(request)
    with transaction.atomic():
        claimed = fetch_prepared(_CLAIM, {"colleague": request.user.pk, "key": key, "digest": digest})
        if not claimed:
            return _again(Press.objects.get(colleague=request.user, key=key), digest)
        outcome = do()
        if isinstance(outcome, Done) and outcome.is_saved:
            changed = {"blocks": list(outcome.blocks), "form": outcome.form, "focus": outcome.focus}
            Press.objects.filter(pk=claimed[0][0]).update(outcome=changed)
        else:
            transaction.set_rollback(True)
    return outcome


def drop_presses() -> int:
    """Forget the forms of last week; return how many rows went."""
    return Press.objects.filter(pressed_at__lt=Now() - _KEPT).delete()[0]


def _again(press: Press, digest: bytes) -> Outcome | OtherWords:
    if bytes(press.digest) != digest:
        return OtherWords(
            _(
                "What you wrote first was saved, though the answer did not reach you. Look at it above; press again if "
                "these words are to be saved as well."
            )
        )
    changed = press.outcome
    said = _("That was saved the first time. Nothing was saved twice.")
    return Done(said, tuple(changed["blocks"]), form=changed["form"], focus=changed["focus"])


def _key_of(request: DeskRequest) -> UUID | None:
    try:
        return UUID(request.POST.get("press", ""))
    except ValueError:
        return None


def _digest_of(request: DeskRequest) -> bytes:
    """Of the address and of all that was filled in."""
    fields = {name: values for name, values in request.POST.lists() if name not in ("press", "csrfmiddlewaretoken")}
    return salted_hmac("portal.press", repr((request.path, sorted(fields.items()))), algorithm="sha256").digest()
