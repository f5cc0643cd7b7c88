"""Whether what is to be promised can be kept at all."""

from collections import Counter
from itertools import pairwise
from zoneinfo import available_timezones

from devora_admin.core import clock
from devora_admin.core.errors import InvalidInput
from devora_admin.support import states
from devora_admin.support.sla import texts
from devora_admin.support.sla.hours import Shift, due_at
from devora_admin.support.sla.policy import Holiday, Policy

MOST_MINUTES = 500 * 60
MOST_PERCENT = 90
KINDS = {"first_reply": "First reply", "resolution": "Resolution"}


def check(policy: Policy) -> None:
    """Raises InvalidInput naming the field, as the form has them."""
    check_zone(policy.zone)
    for day, shifts in enumerate(policy.week):
        check_day(shifts, day=day)
    check_holidays(policy.holidays)
    if not 0 <= policy.warn_percent <= MOST_PERCENT:
        raise InvalidInput(f"Choose 0 to {MOST_PERCENT}.", field="warn_percent")
    if not any(policy.week):
        raise InvalidInput(
            "Nothing would ever be due: every day is closed. Give one of them hours.", field="day_0"
        )
    for priority in states.PRIORITIES:
        for kind in KINDS:
            _check_target(policy, priority, kind)


def check_zone(zone: str) -> str:
    if zone not in available_timezones():
        raise InvalidInput(
            "There is no such time zone. Write it as Europe/Berlin or UTC.", field="zone"
        )
    return zone


def check_day(shifts: tuple[Shift, ...], *, day: int) -> tuple[Shift, ...]:
    for before, after in pairwise(shifts):
        if after.start < before.end:
            one, other = texts.shifts_text((before,)), texts.shifts_text((after,))
            raise InvalidInput(f"{one} and {other} overlap.", field=f"day_{day}")
    return shifts


def check_holidays(holidays: tuple[Holiday, ...]) -> tuple[Holiday, ...]:
    days = Counter(each.on for each in holidays)
    twice = sorted(day.isoformat() for day, count in days.items() if count > 1)
    if twice:
        raise InvalidInput(f"{', '.join(twice[:5])} is there twice.", field="holidays")
    return holidays


def check_minutes(minutes: int | None, *, field: str) -> int | None:
    """Of a target."""
    if minutes is not None and minutes < 1:
        raise InvalidInput("Give at least 1 min, or nothing to promise nothing.", field=field)
    if minutes is not None and minutes > MOST_MINUTES:
        raise InvalidInput(f"Give at most {MOST_MINUTES // 60} h of business hours.", field=field)
    return minutes


def _check_target(policy: Policy, priority: str, kind: str) -> None:
    field = f"{kind}_{priority}"
    minutes = check_minutes(getattr(policy.of(priority), kind), field=field)
    if minutes and due_at(policy.hours, clock.now(), minutes * 60) is None:
        raise InvalidInput("With these hours it would not be due within five years.", field=field)
