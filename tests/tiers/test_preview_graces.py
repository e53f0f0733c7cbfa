"""Whose days of grace a draft would begin or end, as its preview tells."""

from datetime import date
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from tests.factories import make_user
from tests.tiers.customers_in_tiers import make_buyer
from tests.tiers.test_previews import DAY, EVERYBODY, finished, make_everybody, published_moves
from tiers.models import Override, Preview, Scheme, Standing, Tier
from tiers.selectors.rules import ladder
from tiers.services import settling
from tiers.services.runs import retier

pytestmark = pytest.mark.django_db


def make_stricter(times: str, *, grace_days: int = 30) -> Scheme:
    """A draft that asks so many times the margin for each tier, and all else as the published scheme."""
    published = Scheme.objects.get(state="published")
    draft = Scheme.objects.create(version=2, name="Draft", hold_days=published.hold_days, grace_days=grace_days)
    for bar in published.bars.all():
        bar.pk, bar.scheme = None, draft
        if bar.measure == "margin":
            bar.value *= Decimal(times)
        bar.save()
    return draft


def graces_of(preview: Preview) -> dict[str, dict[str, Any]]:
    """What is told of grace by the name of the tier, where there is something to tell."""
    assert preview.results is not None
    rows = zip(preview.results["tiers"], preview.results["grace"]["tiers"], strict=True)
    return {tier["name"]: row for tier, row in rows if row["begins"] or row["stops"]}


def below() -> dict[int, tuple[str, bool]]:
    """The tier that each standing of now is of, and whether its grace has begun, by its primary key."""
    rows = Standing.objects.filter(valid_until=None).values_list("pk", "tier__name", "below_since")
    return {pk: (tier, since is not None) for pk, tier, since in rows}


def test_a_higher_bar_for_staying_tells_who_would_be_below_it_by_tier() -> None:
    today = timezone.localdate()
    long_ago = today - 50 * DAY
    family = [make_buyer(long_ago, "2100.00", orders=12) for _ in range(2)]
    house_guests = [make_buyer(long_ago, "720.00", orders=6) for _ in range(4)]
    make_buyer(long_ago, "1300.00", orders=6)
    retier(as_of=long_ago)
    Standing.objects.update(held_until=None)
    # One is held for longer than the grace, one by a colleague for good, one by a colleague until a day.
    owner, tier = make_user("manager"), Tier.objects.get(name="House guest")
    Standing.objects.filter(customer=house_guests[0]).update(held_until=today + 45 * DAY)
    for customer, ends_on in ((house_guests[1], None), (house_guests[2], today + 39 * DAY)):
        Override.objects.create(
            customer=customer, kind="floor", tier=tier, reason="Agreed", owner=owner, ends_on=ends_on
        )
    preview = finished(make_stricter("1.7"))
    assert not preview.moved.exists()
    assert preview.results is not None
    assert preview.results["grace"]["days"] == 30
    day = (today + 30 * DAY).isoformat()
    assert graces_of(preview) == {
        "House guest": {"begins": 4, "stops": 0, "to": 1, "first_on": day, "first": 1},
        "Family": {"begins": 2, "stops": 0, "to": 2, "first_on": day, "first": 2},
    }
    make_buyer(today, "700.00", customer=house_guests[3])
    make_buyer(today, "2000.00", customer=family[0])
    found = graces_of(finished(preview.scheme))
    assert found["House guest"] == {
        "begins": 3,
        "stops": 0,
        "to": 1,
        "first_on": (today + 40 * DAY).isoformat(),
        "first": 1,
    }
    assert (found["Family"]["begins"], found["Family"]["first"]) == (1, 1)


def test_the_first_day_named_is_the_first_on_which_somebody_goes() -> None:
    today = timezone.localdate()
    held = [make_buyer(today - 50 * DAY, "720.00", orders=6) for _ in range(2)]
    retier(as_of=today - 50 * DAY)
    for customer, later in zip(held, (9, 5), strict=True):
        Standing.objects.filter(customer=customer).update(held_until=today + later * DAY)
    draft = make_stricter("1.7", grace_days=0)
    preview = finished(draft)
    assert preview.results is not None
    assert preview.results["grace"]["days"] == 1
    (row,) = graces_of(preview).values()
    assert (row["begins"], row["first"]) == (2, 1)
    assert published_moves(draft) == set()
    first_on = date.fromisoformat(row["first_on"])
    # No run is of a day to come; this is what it will decide.
    days = (first_on - DAY, first_on)
    assert [settling.settle(who=EVERYBODY, ladder=ladder(draft), as_of=day).moves for day in days] == [0, 1]


def test_a_lower_bar_tells_who_would_be_below_it_no_longer() -> None:
    today = timezone.localdate()
    long_ago = today - 50 * DAY
    for margin in ("720.00", "720.00", "2100.00"):
        make_buyer(long_ago, margin, orders=12)
    retier(as_of=long_ago)
    published = Scheme.objects.get(state="published")
    published_moves(make_stricter("1.7"))
    draft = Scheme.objects.create(version=3, name="As before", hold_days=60, grace_days=30)
    for bar in published.bars.all():
        bar.pk, bar.scheme = None, draft
        bar.save()
    assert [is_below for _, is_below in below().values()] == [True] * 3
    preview = finished(draft)
    assert not preview.moved.exists()
    assert graces_of(preview) == {
        "House guest": {"begins": 0, "stops": 2, "to": 1, "first_on": None, "first": 0},
        "Family": {"begins": 0, "stops": 1, "to": 2, "first_on": None, "first": 0},
    }


@pytest.mark.parametrize("times", ["0.3", "1.7", "4"])
@pytest.mark.parametrize("grace_days", [0, 30])
def test_grace_begins_and_ends_for_exactly_as_many_as_the_preview_told(times: str, grace_days: int) -> None:
    make_everybody()
    draft = make_stricter(times, grace_days=grace_days)
    told = graces_of(finished(draft))
    before = below()
    published_moves(draft)
    after = below()
    counts: dict[str, list[int]] = {}
    for pk, (tier, was) in before.items():
        # Who moves has another standing.
        if pk in after and after[pk][1] != was:
            counts.setdefault(tier, [0, 0])[was] += 1
    assert counts
    assert {tier: [row["begins"], row["stops"]] for tier, row in told.items()} == counts


def test_the_command_says_whose_grace_would_begin() -> None:
    long_ago = timezone.localdate() - 50 * DAY
    make_buyer(long_ago, "720.00", orders=6)
    retier(as_of=long_ago)
    make_stricter("1.7")
    out = StringIO()
    call_command("preview", "2", stdout=out)
    assert "\nHouse guest: 1 customer would be below the bar for staying. They keep" in out.getvalue()
