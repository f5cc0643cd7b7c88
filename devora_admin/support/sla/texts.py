"""Hours, holidays and targets as people write them, and back."""

import re
from datetime import date

from devora_admin.core.errors import InvalidInput
from devora_admin.support.sla.hours import MINUTES_OF_A_DAY, Shift
from devora_admin.support.sla.policy import WEEKDAYS, Holiday

MOST_SHIFTS = 6
MOST_HOLIDAYS = 200
LONGEST_NAME = 80
_DASH = "\N{EN DASH}"
_TIME = r"(\d{1,2})(?:[:.](\d{2}))?"
_SHIFT = re.compile(rf"\s*{_TIME}\s*(?:[-{_DASH}]|to)\s*{_TIME}\s*", re.ASCII)
_HOLIDAY = re.compile(r"(\d{4}-\d{2}-\d{2})\s*(.*)", re.ASCII)
_LENGTH = re.compile(r"(?:(\d{1,5})\s*h)?\s*(?:(\d{1,5})\s*m(?:in)?)?", re.ASCII)


def shifts_from(text: str, *, day: int) -> tuple[Shift, ...]:
    """Such as “9:00-12:00, 13:00-17:00”; "" for a day off. Raises InvalidInput (field day_N)."""
    name, field = WEEKDAYS[day], f"day_{day}"
    parts = [part for part in re.split(r"[,;]", text) if part.strip()]
    if len(parts) > MOST_SHIFTS:
        raise InvalidInput(f"{name} may have {MOST_SHIFTS} shifts.", field=field)
    return tuple(sorted((_shift(part, field) for part in parts), key=lambda each: each.start))


def _shift(part: str, field: str) -> Shift:
    found = _SHIFT.fullmatch(part)
    if not found:
        raise InvalidInput(f"“{part.strip()[:40]}”: write it as 9:00{_DASH}17:00.", field=field)
    numbers = [int(each or 0) for each in found.groups()]
    (start_h, start_min), (end_h, end_min) = numbers[:2], numbers[2:]
    start, end = start_h * 60 + start_min, end_h * 60 + end_min
    if max(start_min, end_min) > 59 or end > MINUTES_OF_A_DAY:
        raise InvalidInput(f"“{part.strip()}”: a day goes from 0:00 to 24:00.", field=field)
    if end <= start:
        hint = " Write midnight as 24:00." if end == 0 else " Split a night in two at 24:00."
        raise InvalidInput(f"“{part.strip()}” ends before it starts.{hint}", field=field)
    return Shift(start, end)


def shifts_text(shifts: tuple[Shift, ...]) -> str:
    return ", ".join(f"{_time(each.start)}{_DASH}{_time(each.end)}" for each in shifts)


def _time(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def holidays_from(text: str) -> tuple[Holiday, ...]:
    """One a line, such as “2026-12-25 Christmas”. Raises InvalidInput (field holidays)."""
    lines = [(at, line.strip()) for at, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(lines) > MOST_HOLIDAYS:
        raise InvalidInput(f"There may be {MOST_HOLIDAYS} holidays.", field="holidays")
    return tuple(sorted((_holiday(*each) for each in lines), key=lambda each: each.on))


def _holiday(at: int, line: str) -> Holiday:
    found = _HOLIDAY.fullmatch(line)
    if not found:
        raise InvalidInput(f"Line {at}: write it as 2026-12-25 Christmas.", field="holidays")
    day, name = found[1], " ".join(found[2].split())
    if len(name) > LONGEST_NAME:
        message = f"Line {at}: the name may have {LONGEST_NAME} characters."
        raise InvalidInput(message, field="holidays")
    try:
        return Holiday(date.fromisoformat(day), name)
    except ValueError as error:
        raise InvalidInput(f"Line {at}: there is no {day}.", field="holidays") from error


def holidays_text(holidays: tuple[Holiday, ...]) -> str:
    return "\n".join(f"{each.on.isoformat()} {each.name}".strip() for each in holidays)


def minutes_from(text: str, *, field: str) -> int | None:
    """Such as “1 h 30 min”; None for "", which promises nothing. Raises InvalidInput."""
    if not text.strip():
        return None
    found = _LENGTH.fullmatch(text.strip().lower())
    if not found or found.groups() == (None, None):
        raise InvalidInput("Write it as 30 min, 4 h or 1 h 30 min.", field=field)
    return int(found[1] or 0) * 60 + int(found[2] or 0)


def length_text(minutes: int | None) -> str:
    if minutes is None:
        return ""
    hours, rest = divmod(minutes, 60)
    return " ".join([*([f"{hours} h"] if hours else []), *([f"{rest} min"] if rest else [])])
