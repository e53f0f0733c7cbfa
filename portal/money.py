"""How an amount is written."""

from decimal import Decimal

_SIGNS = {"GBP": "£", "EUR": "€", "USD": "$"}


def write_money(amount: Decimal, currency: str) -> str:
    """Return “£1,204.50”, “−£12.00” or “1,204.50 SEK”. The amount is exact and has two places."""
    figures, minus = f"{abs(amount):,.2f}", "−" if amount < 0 else ""
    sign = _SIGNS.get(currency)
    return f"{minus}{sign}{figures}" if sign else f"{minus}{figures} {currency}"
