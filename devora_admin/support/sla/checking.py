"""Whether what is to be promised can be kept at all."""

from collections import Counter
from itertools import pairwise
from zoneinfo import available_timezones

from devora_admin.core import clock
from devora_admin.core.errors import InvalidInput
from devora_admin.support import states
from devora_admin.support.sla import texts
from devora_admin.support.sla.hours import due_at
from devora_admin.support.sla.policy import WEEKDAYS, Policy

MOST_MINUTES = 500 * 60
KINDS = {"first_reply": "First reply", "resolution": "Resolution"}


def check(policy: Policy) -> None:
    """Raises InvalidInput naming the field, as the form has them."""
    check_zone(policy.zone)
    for day in range(len(WEEKDAYS)):
        _check_day(policy, day)
    if not any(policy.week):
        raise InvalidInput(
            "Nothing would ever be due: every day is closed. Give one of them hours.", field="day_0"
        )
    _check_holidays(policy)
    if not 0 <= policy.warn_percent <= 90:
        raise InvalidInput("Choose 0 to 90.", field="warn_percent")
    for priority in states.PRIORITIES:
        for kind in KINDS:
            _check_target(policy, priority, kind)


def check_zone(zone: str) -> None:
    if zone not in available_timezones():
        raise InvalidInput(
            "There is no such time zone. Write it as Europe/Berlin or UTC.", field="zone"
        )


def _check_day(policy: Policy, day: int) -> None:
    for before, after in pairwise(policy.week[day]):
        if after.start < before.end:
            one, other = texts.shifts_text((before,)), texts.shifts_text((after,))
            raise InvalidInput(f"{one} and {other} overlap.", field=f"day_{day}")


def _check_holidays(policy: Policy) -> None:
    days = Counter(each.on for each in policy.holidays)
    twice = sorted(day.isoformat() for day, count in days.items() if count > 1)
    if twice:
        raise InvalidInput(f"{', '.join(twice[:5])} is there twice.", field="holidays")


def _check_target(policy: Policy, priority: str, kind: str) -> None:
    minutes, field = getattr(policy.of(priority), kind), f"{kind}_{priority}"
    if minutes is None:
        return
    if minutes < 1:
        raise InvalidInput("Give at least 1 min, or nothing to promise nothing.", field=field)
    if minutes > MOST_MINUTES:
        raise InvalidInput(f"Give at most {MOST_MINUTES // 60} h of business hours.", field=field)
    if due_at(policy.hours, clock.now(), minutes * 60) is None:
        raise InvalidInput("With these hours it would not be due within five years.", field=field)
