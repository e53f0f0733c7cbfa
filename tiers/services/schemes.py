"""Publishing a scheme: from then on it decides, and never changes."""

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from tiers.enums import SchemeState
from tiers.models import Scheme
from tiers.selectors.faults import faults_of
from tiers.services.drafts import copy_scheme, lock_schemes

if TYPE_CHECKING:
    from portal.models import User


@transaction.atomic
def publish_scheme(*, scheme: Scheme, by: "User | None") -> Scheme:
    """Publish a draft and retire the scheme before it, both or neither.

    Raises `ValidationError` with a sentence for each fault, when it is no draft any more, or when somebody else
    published another scheme at the same moment. `by` is None only for the scheme that a new house begins with.
    """
    before = _published()
    # Whoever writes a bar shares a lock on its scheme (the trigger on bars), so what is checked here is what is
    # published; and of two who publish at once the second one waits, and sees what the first has done.
    lock_schemes()
    scheme = Scheme.objects.get(pk=scheme.pk)
    if scheme.state != SchemeState.DRAFT:
        raise ValidationError(_("This scheme has been published already. Write a new draft to change the rules."))
    if _published() != before:
        raise ValidationError(
            _("A colleague has just published another scheme. Look at it, and publish yours if it is still right.")
        )
    if faults := faults_of(scheme):
        raise ValidationError(faults)
    Scheme.objects.filter(state=SchemeState.PUBLISHED).update(state=SchemeState.RETIRED, retired_at=Now())
    Scheme.objects.filter(pk=scheme.pk).update(state=SchemeState.PUBLISHED, published_at=Now(), published_by=by)
    scheme.refresh_from_db()
    return scheme


@transaction.atomic
def reuse_scheme(*, scheme: Scheme, by: "User") -> Scheme:
    """Go back to the rules of a retired scheme: publish a copy of it, and return the copy.

    Raises `ValidationError` when it is not retired, or as `publish_scheme`; then no copy is left behind.
    """
    if scheme.state != SchemeState.RETIRED:
        raise ValidationError(_("Only a retired scheme is used again. This one has never been replaced."))
    return publish_scheme(scheme=copy_scheme(scheme=scheme, name=scheme.name), by=by)


def _published() -> int | None:
    """Return the key of the scheme that decides now."""
    return Scheme.objects.filter(state=SchemeState.PUBLISHED).values_list("pk", flat=True).first()
