"""What a customer pays for, and until when."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from devora_admin.core import clock
from devora_admin.core.errors import Conflict, InvalidInput
from devora_admin.staff import audit
from devora_admin.users.services import fields, texts
from devora_admin.users.services.fields import Change, Done

MAX_PLAN = 60
MAX_DAYS = 3650


def change_plan(
    user_id: str, *, plan: str, reason: str, actor: audit.Actor, expected: str | None = None
) -> Done:
    """expected: the plan the person saw; another one is a Conflict."""
    plan = texts.checked(plan, field="plan", label="The plan", limit=MAX_PLAN)
    if not plan:
        raise InvalidInput("Give the plan's name.", field="plan")
    reason = texts.checked(reason, field="reason", label="The reason", limit=texts.MAX_REASON)

    def work(found: dict[str, Any]) -> Change | None:
        current = _subscription(found, "plan").get("plan")
        if current == plan:
            return None
        shown = current if isinstance(current, str) else ""
        if expected is not None and expected.strip() != shown.strip():
            raise Conflict(f"Someone else changed the plan meanwhile; it is now “{shown[:200]}”.")
        return _set(found, "users.plan", "plan", plan, reason)

    return fields.change(user_id, work, actor=actor)


def extend_by(
    user_id: str, *, days: int, reason: str, actor: audit.Actor, expected: datetime | None
) -> Done:
    """Adds days to the end of the period, or to now when that is past or there is none.

    expected: the end the person saw, None for none; another one is a Conflict.
    """
    if not 1 <= days <= MAX_DAYS:
        raise InvalidInput(f"Give 1 to {MAX_DAYS:,} days.", field="days")

    def until(current: datetime | None, now: datetime) -> datetime:
        try:
            return max(current or now, now) + timedelta(days=days)
        except OverflowError as error:
            raise InvalidInput("No calendar reaches that far.", field="days") from error

    return _extend(user_id, until, "days", reason=reason, actor=actor, expected=expected)


def extend_to(
    user_id: str, *, day: date, reason: str, actor: audit.Actor, expected: datetime | None
) -> Done:
    """Lets the period run to the end of that day, in the time zone of the dashboard."""
    end = datetime.combine(day, time(23, 59, 59), ZoneInfo(settings.TIME_ZONE))

    def until(current: datetime | None, now: datetime) -> datetime:
        if end <= now:
            raise InvalidInput("This day is past.", field="day")
        if end > now + timedelta(days=MAX_DAYS):
            raise InvalidInput("This is more than ten years ahead.", field="day")
        if current and end <= current:
            raise InvalidInput(
                f"The period already runs to {current:%d %B %Y}; this would shorten it.",
                field="day",
            )
        return end

    return _extend(user_id, until, "day", reason=reason, actor=actor, expected=expected)


def _extend(
    user_id: str,
    until: Callable[[datetime | None, datetime], datetime],
    field: str,
    *,
    reason: str,
    actor: audit.Actor,
    expected: datetime | None,
) -> Done:
    reason = texts.checked(reason, field="reason", label="The reason", limit=texts.MAX_REASON)

    def work(found: dict[str, Any]) -> Change:
        stored = _subscription(found, field).get("current_period_end")
        current = stored if isinstance(stored, datetime) else None
        if stored is not None and current is None and field == "days":
            raise InvalidInput(
                "The stored end of the period is not a date, so no days can be added. "
                "Choose a day instead.",
                field=field,
            )
        if current != expected:
            now_is = f"{current:%d %B %Y, %H:%M} UTC" if current else "not set"
            raise Conflict(f"Someone else changed the period meanwhile; its end is {now_is}.")
        end = until(current, clock.now())
        return _set(found, "users.extend", "period_end", end, reason)

    return fields.change(user_id, work, actor=actor)


def _subscription(found: dict[str, Any], field: str) -> dict[str, Any]:
    subscription = found.get("subscription")
    if subscription is None:
        return {}
    if not isinstance(subscription, dict):
        raise InvalidInput(
            "The stored subscription is not an object. Mend the document first; "
            "nothing was written.",
            field=field,
        )
    return subscription


def _set(found: dict[str, Any], action: str, name: str, value: Any, reason: str) -> Change:
    if found.get("subscription") is None:
        key = fields.PATHS[name].partition(".")[2]
        return Change(action, {"subscription": {key: value}}, reason=reason)
    return Change(action, {name: value}, reason=reason)
