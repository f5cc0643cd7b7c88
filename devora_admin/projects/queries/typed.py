"""Aggregation expressions for fields that may hold anything."""

from typing import Any


def is_type(field: str, *names: str) -> dict[str, Any]:
    return {"$in": [{"$type": field}, list(names)]}


def only(field: str, *names: str) -> dict[str, Any]:
    """The value while it has one of these BSON types, else null."""
    return {"$cond": [is_type(field, *names), field, None]}


def array(field: str) -> dict[str, Any]:
    """The list, or an empty one for whatever else is there."""
    return {"$cond": [{"$isArray": field}, field, []]}
