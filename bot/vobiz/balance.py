"""What the account can still spend, as `balance/{currency}` says."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

# What the vendor's pages show where the account does not name its own.
CURRENCY: Final = "INR"


@dataclass(frozen=True, slots=True)
class Balance:
    """What is left. With `credit` the account may call below zero: how far is for Vobiz to say."""

    available: float
    currency: str
    credit: bool


def read_currency(body: Mapping[str, object] | None) -> str:
    """Read from `auth/me` in which currency the account is billed."""
    tier = body.get("pricing_tier") if body is not None else None
    named = tier.get("currency") if isinstance(tier, dict) else None
    if isinstance(named, str) and len(named) == 3 and named.isascii() and named.isalpha():
        return named.upper()
    return CURRENCY


def read_balance(body: Mapping[str, object] | None, currency: str) -> Balance | None:
    """Read a balance; None when it does not say what is available."""
    if body is None:
        return None
    available, credit = _amount(body.get("available_balance")), _amount(body.get("credit_limit"))
    if available is None:
        return None
    return Balance(available, currency, body.get("is_postpaid") is True or (credit or 0) > 0)


def _amount(value: object) -> float | None:
    # Money may come as a text: JSON's numbers lose digits.
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        amount = float(value)
    except (ValueError, OverflowError):
        return None
    return amount if math.isfinite(amount) else None
