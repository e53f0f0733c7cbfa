"""Links by the token that a visitor brings."""

from django.db.models.functions import Now

from customers.tokens import hash_of
from feedback.enums import LinkPurpose
from feedback.models import Link


def find_link(*, token: str, purpose: LinkPurpose) -> Link | None:
    """Return the link with its invitation, letter, survey, customer and interaction, in one query.

    None alike for a token that is unknown, expired, made for something else, or no token at all.
    """
    return (
        Link.objects.filter(token_hash=hash_of(token), purpose=purpose, expires_at__gt=Now())
        .select_related(
            "invitation__letter",
            "invitation__survey",
            "invitation__customer",
            "invitation__interaction__agent__lead",
        )
        # The letter's words are long, and nobody asks for them here.
        .defer("invitation__letter__text", "invitation__letter__html", "invitation__letter__headers")
        .first()
    )
