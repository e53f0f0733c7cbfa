"""When somebody asks us not to ask."""

from django.db import transaction

from customers.enums import ConsentPurpose, SuppressionReason
from customers.services.consents import note_consent
from customers.services.contact_points import suppress_address
from feedback.models import Link

_SOURCE = "link in letter"


@transaction.atomic
def stop_asking(*, link: Link) -> bool:
    """Ask this customer no more, and write no more to where the link went; return False where that was so already."""
    consent = note_consent(
        customer=link.invitation.customer, purpose=ConsentPurpose.FEEDBACK, is_given=False, source=_SOURCE
    )
    # They may have another address by the time when we ask whether we put it right.
    letter = link.put_right.letter if link.put_right else link.invitation.letter
    is_new = letter is not None and suppress_address(
        address=letter.to_address, reason=SuppressionReason.UNSUBSCRIBED, detail=_SOURCE
    )
    return consent is not None or is_new
