"""How an amount is written."""

from decimal import Decimal

import pytest

from portal.money import write_money


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        ("1204.50", "GBP", "£1,204.50"),
        ("-12", "EUR", "−€12.00"),
        ("1204.50", "SEK", "SEK 1,204.50"),
        ("1204.00", "JPY", "¥1,204"),
        # Two orders in other currencies may add up to a part of a yen.
        ("-1204.50", "JPY", "−¥1,204.50"),
        ("0", "KRW", "KRW 0"),
    ],
)
def test_amounts(amount: str, currency: str, written: str) -> None:
    assert write_money(Decimal(amount), currency) == written
