"""Gestures of the past, and what the business says of some customers' influence and advocacy."""

from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from customers.enums import RatingKind
from customers.models import Gesture, Incident, Rating
from customers.services.gestures import build_gesture
from customers.services.ratings import build_rating
from portal.demo import retail
from portal.demo.cast import HAPPY, LET_DOWN, PEOPLE, SEED
from portal.demo.history.contacts import Contact
from portal.demo.history.house import SOURCE, House, words

# Share of the failures that a gesture went with, and of the contacts after which something was sent along.
_APOLOGY_SHARE, _TREAT_SHARE = 0.35, 0.05
# So many of the largest customers and of the others are rated.
_LARGEST, _OTHERS = 30, 15
# The value that is drawn most often, of 100.
_USUAL = {RatingKind.INFLUENCE: 25, RatingKind.ADVOCACY: 65}
# What is told of the cast: influence and advocacy.
_OF_THE_CAST = {
    HAPPY: {RatingKind.INFLUENCE: 62, RatingKind.ADVOCACY: 95},
    LET_DOWN: {RatingKind.INFLUENCE: 78, RatingKind.ADVOCACY: 40},
}


def write_gestures(house: House, contacts: list[Contact]) -> None:
    """Write what was given when things were put right, and now and then without a cause; the cast's are its stories'.

    Drawn with a seed of its own, so that the rest of the history is what it was without gestures.
    """
    random = Random(f"{SEED}:gestures")
    gestures = [*_apologies(random), *_treats(random, contacts)]
    for number, gesture in enumerate(gestures, 1):
        gesture.external_id = f"{number:06d}"
    Gesture.objects.bulk_create(gestures)


def _apologies(random: Random) -> list[Gesture]:
    mended = Incident.objects.filter(customer__source=retail.SOURCE, is_our_fault=True, resolved_at__isnull=False)
    mended = mended.exclude(customer__external_id__in=PEOPLE).select_related("customer", "interaction", "recorded_by")
    given = []
    for incident in mended.order_by("happened_at", "customer__external_id", "kind"):
        fitting = [gesture for gesture in words()["gesture"] if incident.kind in gesture.get("kinds", ())]
        if random.random() < _APOLOGY_SHARE and fitting:
            gesture = _invent(random, random.choice(fitting), customer=incident.customer, at=incident.resolved_at)
            gesture.interaction, gesture.given_by = incident.interaction, incident.recorded_by
            given.append(gesture)
    return given


def _treats(random: Random, contacts: list[Contact]) -> list[Gesture]:
    without_cause = [gesture for gesture in words()["gesture"] if "kinds" not in gesture]
    given = []
    for contact in contacts:
        if random.random() < _TREAT_SHARE:
            told = random.choice(without_cause)
            gesture = _invent(random, told, customer=contact.known.customer, at=contact.closed_at)
            gesture.interaction, gesture.given_by = contact.interaction, contact.interaction.agent
            given.append(gesture)
    return given


def _invent(random: Random, told: dict[str, Any], *, customer: Any, at: Any) -> Gesture:
    """Build a gesture whose cost lies between the two of the table, in pounds and pence."""
    low, high = (int(Decimal(cost) * 100) for cost in told["cost"])
    cost = Decimal(random.randint(low, high)) / 100
    return build_gesture(customer=customer, what=told["text"], cost=cost, given_at=at, source=SOURCE, external_id=None)


def write_ratings(house: House) -> None:
    """Write ratings of a few dozen customers as of days within the last half year."""
    random = Random(f"{SEED}:ratings")
    others = house.regulars[_LARGEST:]
    chosen = [*house.regulars[:_LARGEST], *random.sample(others, min(_OTHERS, len(others)))]
    told: dict[str, dict[RatingKind, int]] = dict(_OF_THE_CAST)
    for one in chosen:
        drawn = {kind: round(random.triangular(0, 100, mode)) for kind, mode in _USUAL.items()}
        # Of half of them the business knows both.
        known = random.choice((*RatingKind, None, None))
        told[str(one.customer.external_id)] = {known: drawn[known]} if known else drawn
    today = house.now.astimezone(retail.LONDON).date()
    Rating.objects.bulk_create(
        build_rating(
            customer=house.known[number].customer,
            kind=kind,
            value=value,
            as_of=today - timedelta(days=random.randrange(20, 180)),
            source=SOURCE,
        )
        for number, values in told.items()
        for kind, value in values.items()
    )
