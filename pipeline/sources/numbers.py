"""Numbers of foreign files as the text of a canonical column: plain digits with up to four decimals."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

DECIMALS = Decimal("0.0001")
"""Canonical numbers have up to four decimals; a sender's may have any number, and are rounded to these."""

LARGEST_EXPONENT = 18


def canonical_number(written: str) -> str:
    """A number as canonical text; anything else, and a number too large or too small to be one, as it was sent."""
    exact = _exact(written)
    if exact is None:
        return written
    if exact.as_tuple().exponent < DECIMALS.as_tuple().exponent:
        exact = exact.quantize(DECIMALS, ROUND_HALF_UP)
    return f"{exact:f}"


def is_number(written: str) -> bool:
    return _exact(written) is not None


def _exact(written: str) -> Decimal | None:
    """None for what is no decimal in ASCII digits; Python alone would read other digits and underscores too."""
    if not written.isascii() or "_" in written:
        return None
    try:
        exact = Decimal(written)
    except InvalidOperation:
        return None
    return exact if exact.is_finite() and abs(exact.adjusted()) <= LARGEST_EXPONENT else None
