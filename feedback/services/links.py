"""Links in letters: made as a letter leaves, and never kept in clear."""

from datetime import timedelta

from django.conf import settings
from django.db.models.functions import Now
from django.urls import reverse

from customers.models import Letter
from customers.tokens import hash_of, mint
from feedback.emails import ANSWER_LINK, DECOY_LINK, STOP_LINK
from feedback.enums import LinkPurpose
from feedback.models import AskingRules, Invitation, Link, PutRight
from feedback.services.leaving import check_leaving, invitation_of

# Whoever wants no more letters may say so with an old one, however few days there are to answer.
_STOPS_FOR = timedelta(days=1100)


def seal_invitation(letter: Letter) -> dict[str, str]:
    """Make the links of a letter that is about to leave, and return them by their placeholders.

    Raises:
        HoldBack, PutOff: it should not leave, or not yet.
    """
    invitation = invitation_of(letter)
    check_leaving(letter=letter, invitation=invitation)
    return {
        ANSWER_LINK: mint_link(invitation=invitation, purpose=LinkPurpose.ANSWER),
        STOP_LINK: mint_link(invitation=invitation, purpose=LinkPurpose.STOP),
        DECOY_LINK: mint_link(invitation=invitation, purpose=LinkPurpose.DECOY),
    }


def mint_link(*, invitation: Invitation, purpose: LinkPurpose, put_right: PutRight | None = None) -> str:
    """Make a link for one purpose and return its address; only here is the token known.

    `put_right`: which mending its letter asks about, where it asks about one.
    """
    rules = AskingRules.objects.first() or AskingRules()
    token = mint()
    Link.objects.create(
        invitation=invitation,
        purpose=purpose,
        token_hash=hash_of(token),
        expires_at=Now() + (_STOPS_FOR if purpose == LinkPurpose.STOP else timedelta(days=rules.answer_days)),
        put_right=put_right,
    )
    return settings.SITE_URL + reverse(f"feedback:{purpose}", args=[token])
