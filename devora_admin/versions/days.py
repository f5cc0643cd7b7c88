"""What a day is called above the rows that belong to it."""

from datetime import datetime, timedelta

from django.utils.timezone import get_current_timezone

from devora_admin.core import clock


def day_title(at: datetime) -> str:
    zone = get_current_timezone()
    now = clock.now().astimezone(zone).date()
    day = at.astimezone(zone).date()
    if day == now:
        return "Today"
    if day == now - timedelta(days=1):
        return "Yesterday"
    return f"{day:%A, %-d %B}" if day.year == now.year else f"{day:%A, %-d %B} {day.year}"
