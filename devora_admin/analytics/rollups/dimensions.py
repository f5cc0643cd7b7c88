"""What an event is counted under besides its type, and how that names documents."""

from collections.abc import Iterator
from typing import NamedTuple

ALL, PLAN, PROJECT_TYPE, MODEL = "all", "plan", "project_type", "model"
DIMENSIONS = (PLAN, PROJECT_TYPE, MODEL)
UNKNOWN, OTHER = "unknown", "other"
EVERY_TYPE = ""
"""Stands for all types of events together."""
MOST_VALUES = 200
"""Of each dimension, and MOST_TYPES of events: those that come later are counted as OTHER."""
MOST_TYPES = 500
MOST_CHARACTERS = 100
"""Of a value."""

Key = dict[str, str]
"""An `_id`. The order of its fields is part of it."""


class Dimensions(NamedTuple):
    plan: str
    project_type: str
    model: str

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Of each dimension its value, that of all of them being ""."""
        yield ALL, ""
        yield from zip(DIMENSIONS, self, strict=True)


def series_key(grain: str, dimension: str, period: str, event_type: str, value: str) -> Key:
    return {
        "grain": grain,
        "dimension": dimension,
        "period": period,
        "event_type": event_type,
        "value": value,
    }


def cube_key(period: str, event_type: str, of: Dimensions) -> Key:
    return {"period": period, "event_type": event_type, **of._asdict()}


def active_key(grain: str, plan: str, period: str) -> Key:
    """plan: "" for all of them."""
    return {"grain": grain, "plan": plan, "period": period}
