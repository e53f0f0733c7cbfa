"""On which clock a customer lives."""

from typing import Any

import pytest

from customers.zones import zone_if_said, zone_of


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Asia/Tokyo", "Asia/Tokyo"),
        ("Etc/UTC", "Etc/UTC"),
        *((name, None) for name in ("UTC", "nowhere", "", "../etc/passwd")),
    ],
)
def test_who_said_no_zone_lives_where_the_house_is(settings: Any, name: str, said: str | None) -> None:
    settings.TIME_ZONE = "Europe/Paris"
    zone = zone_if_said(name)
    assert (zone and zone.key) == said
    assert zone_of(name).key == (said or "Europe/Paris")
