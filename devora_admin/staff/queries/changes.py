"""Before and after, side by side, so that a person sees what changed."""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from bson import json_util
from django.utils.timezone import get_current_timezone

from devora_admin.core.errors import InvalidInput
from devora_admin.core.values.paths import parse_path, path_label

_SHOWN_CHARS = 20_000
_INLINE_CHARS = 160
_AROUND = 3
_MOST_LINES = 1000


@dataclass(frozen=True, slots=True)
class Line:
    kind: Literal["same", "added", "removed", "gap"]
    text: str


@dataclass(frozen=True, slots=True)
class ValueChange:
    name: str
    before: str | None
    after: str | None
    """None: there was no such value."""
    lines: tuple[Line, ...]
    """Instead of the two, for texts."""


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[ValueChange]:
    names = [*before, *(name for name in after if name not in before)]
    return [
        _change(_label(name), _text(before.get(name)), _text(after.get(name))) for name in names
    ]


def _label(name: str) -> str:
    """A place within a value is kept as JSON where its keys ask for it."""
    try:
        return path_label(parse_path(name)) if name.startswith("[") else name
    except InvalidInput:
        return name


def _change(name: str, before: str | None, after: str | None) -> ValueChange:
    if _is_long(before) or _is_long(after):
        return ValueChange(name, before, after, tuple(_lines(before or "", after or "")))
    return ValueChange(name, before, after, ())


def _is_long(text: str | None) -> bool:
    return text is not None and ("\n" in text or len(text) > _INLINE_CHARS)


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, str):
        text = str(value)
    elif isinstance(value, datetime):
        text = f"{value.astimezone(get_current_timezone()):%Y-%m-%d %H:%M:%S %Z}"
    elif isinstance(value, bool):
        text = "yes" if value else "no"
    else:
        options = json_util.RELAXED_JSON_OPTIONS
        text = json_util.dumps(value, json_options=options, indent=2, ensure_ascii=False)
    if len(text) > _SHOWN_CHARS:
        return text[:_SHOWN_CHARS] + f"… ({len(text):,} characters)"
    return text


def _lines(before: str, after: str) -> Iterator[Line]:
    old, new = before.splitlines(), after.splitlines()
    if len(old) + len(new) > 2 * _MOST_LINES:
        old, new = old[:_MOST_LINES], new[:_MOST_LINES]
    matcher = difflib.SequenceMatcher(a=old, b=new, autojunk=False)
    for number, group in enumerate(matcher.get_grouped_opcodes(_AROUND)):
        if number:
            yield Line("gap", "…")
        for verb, i1, i2, j1, j2 in group:
            if verb == "equal":
                yield from (Line("same", text) for text in old[i1:i2])
                continue
            yield from (Line("removed", text) for text in old[i1:i2])
            yield from (Line("added", text) for text in new[j1:j2])
