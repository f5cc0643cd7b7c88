"""Values and times as people read them."""

from datetime import datetime

from devora_admin.analytics.metrics import Unit, Value
from devora_admin.analytics.periods import Grain

NONE = "—"


def told(value: Value, unit: Unit) -> str:
    if value is None:
        return NONE
    match unit:
        case "usd":
            return f"${value:,.2f}" if abs(value) >= 1 or not value else f"${value:,.4f}"
        case "ms":
            return f"{value / 1000:,.2f} s" if value >= 1000 else f"{value:,.0f} ms"
        case "share":
            return f"{value * 100:.1f} %"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}".removesuffix(".0")


def change(now: Value, before: Value, unit: Unit) -> str:
    """ "" where there is nothing to compare with."""
    if now is None or before is None:
        return ""
    if unit == "share":
        points = round((now - before) * 100, 1)
        return f"{_sign(points)}{abs(points)} points" if points else "same"
    if not before:
        return "new" if now else ""
    percent = round((now - before) / before * 100)
    if percent >= 1000:
        return f"{now / before:,.0f} times as much"
    return f"{_sign(percent)}{abs(percent)} %" if percent else "same"


def _sign(number: float) -> str:
    return "+" if number > 0 else "−"  # noqa: RUF001


def column(moment: datetime, grain: Grain) -> str:
    """moment: in the time zone of the days."""
    day = f"{moment:%a} {moment.day} {moment:%b}"
    match grain:
        case "hour":
            return f"{day} {moment:%H:%M}"
        case "month":
            return f"{moment:%b %Y}"
        case "week":
            return f"{moment.day} {moment:%b %Y}"
    return day
