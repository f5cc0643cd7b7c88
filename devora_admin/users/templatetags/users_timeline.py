from contextlib import suppress
from datetime import datetime

from django import template
from django.utils.timezone import get_current_timezone

register = template.Library()


@register.simple_tag
def clock_time(moment: datetime) -> str:
    """The time of day where the reader is; the day stands above."""
    with suppress(OverflowError):  # at the ends of the calendar
        moment = moment.astimezone(get_current_timezone())
    return f"{moment:%H:%M:%S}"
