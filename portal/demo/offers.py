"""What the demo's shop offers where something broke, and beside what was bought. Invented, as its people are."""

from portal.models import HintOffer, OfferKind

_OFFERS: tuple[tuple[OfferKind, str, str], ...] = (
    (OfferKind.PLAN_B, "glass, bauble, vase, jar", "Offer the enamel or the tin range for the window meanwhile"),
    (OfferKind.PLAN_B, "mug, cup, plate, bowl", "Offer to lend a set from the shop until theirs is here"),
    (OfferKind.PLAN_B, "frame, mirror, clock", "Offer the one from the shop’s wall, by courier today"),
    (OfferKind.PLAN_B, "box, parcel, order", "Offer to hand-carry the rest with our own van"),
    (OfferKind.SERVICE, "articles", "Offer to label the pieces for their shelf, free for the first hundred"),
    (OfferKind.SERVICE, "article", "Offer to wrap it as a gift"),
)


def write_offers() -> int:
    """Write the offers where there are none, and return how many."""
    if HintOffer.objects.exists():
        return 0
    for kind, words, text in _OFFERS:
        HintOffer.objects.create(kind=kind, words=words, text=text)
    return len(_OFFERS)
