"""How an amount is written."""

from decimal import Decimal

from tiers.selectors.wording import sign

# ISO 4217: currencies that have no smaller part.
_WHOLE = {
    *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW"),
    *("PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"),
}


def write_money(amount: Decimal, currency: str) -> str:
    """Return “£1,204.50”, “−£12.00”, “¥1,204” or “SEK 1,204.50”. The amount is exact and has at most two places."""
    is_whole = currency in _WHOLE and amount == amount.to_integral_value()
    minus = "−" if amount < 0 else ""
    return f"{minus}{sign(currency)}{abs(amount):,.{0 if is_whole else 2}f}"
