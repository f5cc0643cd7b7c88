import math
from decimal import Decimal
from typing import Any

from bson import Decimal128


def whole(value: Any) -> int:
    return math.floor(as_float(value) + 0.5)


def dollars(value: Any) -> Decimal:
    """To the millionth."""
    return Decimal(whole(as_float(value) * 1_000_000)).scaleb(-6)


def as_float(value: Any) -> float:
    return float(value.to_decimal() if isinstance(value, Decimal128) else value)
