"""How preferences fade, and the guess at what is sensitive."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.fading import Fade, fade_of, freshness
from customers.sensitive import looks_like

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ORDER = [Fade.FRESH, Fade.FADED, Fade.QUIET]


@pytest.mark.parametrize(
    ("days", "fade"),
    [(-1, Fade.FRESH), (0, Fade.FRESH), (60, Fade.FRESH), (61, Fade.FADED), (120, Fade.FADED), (121, Fade.QUIET)],
)
def test_fresh_for_a_half_life_then_faded_for_another_then_quiet(days: int, fade: Fade) -> None:
    assert fade_of(NOW - timedelta(days=days), now=NOW, half_life_days=60) == fade


@given(st.integers(0, 9000), st.integers(0, 9000), st.integers(1, 3650))
def test_it_only_ever_fades(days: int, more: int, half_life: int) -> None:
    since = NOW - timedelta(days=days)
    later = NOW + timedelta(days=more)
    before, after = (freshness(since, now=at, half_life_days=half_life) for at in (NOW, later))
    assert 0 <= after <= before <= 1
    fades = [fade_of(since, now=at, half_life_days=half_life) for at in (NOW, later)]
    assert ORDER.index(fades[0]) <= ORDER.index(fades[1])


def test_a_half_life_is_longer_than_nothing() -> None:
    with pytest.raises(ValueError, match="half-life"):
        freshness(NOW, now=NOW, half_life_days=0)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Gluten free, please", "health"),
        ("is ALLERGIC to nuts", "health"),
        ("Uses a wheelchair", "health"),
        ("Halal meat alone", "belief"),
        ("No calls during Ramadan", "belief"),
        ("Prays at noon", "belief"),
        ("Tea, no milk", ""),
        ("Likes the blue blinds", ""),
        ("Sidedoor deliveries", ""),
        ("", ""),
    ],
)
def test_what_looks_like_health_or_belief(text: str, kind: str) -> None:
    assert looks_like(text) == kind
