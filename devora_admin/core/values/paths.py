"""Places within a BSON value, and changes at them, on bytes: what is not named does not move."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from devora_admin.core.errors import Conflict, InvalidInput
from devora_admin.core.raw_bson import (
    ARRAY,
    DOCUMENT,
    Element,
    build,
    build_array,
    elements,
    printable,
)

Path = tuple[str | int, ...]
"""Keys of documents and positions in arrays, from the outside in."""
MAX_KEY = 1000


NOTHING = Element(0x0A, "", b"")
EMPTY = Element(DOCUMENT, "", build([]))
"""What a missing tree is edited as."""


def mark_of(part: Element | None) -> str:
    """A fingerprint of a value, so that a form can say what its reader saw."""
    return hashlib.sha256(part.value).hexdigest()[:32] if part else ""


@dataclass(frozen=True, slots=True)
class Change:
    """One value put in, taken out or given another key."""

    verb: Literal["put", "drop", "rename"]
    path: Path
    value: Element = NOTHING
    key: str = ""


def parse_path(text: str) -> Path:
    """A path from its JSON, such as ["plans",0,"price"]. Raises InvalidInput (field path)."""
    try:
        steps = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("This is no place in the tree.", field="path") from error
    valid = isinstance(steps, list) and all(
        isinstance(step, str | int) and not isinstance(step, bool) for step in steps
    )
    if not valid or len(steps) > 200:
        raise InvalidInput("This is no place in the tree.", field="path")
    return tuple(steps)


def path_text(path: Path) -> str:
    text = json.dumps(path, ensure_ascii=False, separators=(",", ":"))
    # A key that is no UTF-8 is named by its escapes, which an address can hold.
    return text if printable(text) == text else json.dumps(path, separators=(",", ":"))


def path_label(path: Path) -> str:
    """As a person reads it: plans[0].price."""
    label = ""
    for step in path:
        label += f"[{step}]" if isinstance(step, int) else f".{printable(step)}"
    return label.lstrip(".")


def path_name(path: Path) -> str:
    """As no other path is written, and `named_path` reads it: plans.price, or its JSON."""
    if all(isinstance(step, str) and is_nameable(step) for step in path):
        joined = ".".join(map(str, path))
        if printable(joined) == joined and not joined.startswith("["):
            return joined
    return json.dumps(path, separators=(",", ":"))


def named_path(name: str) -> Path:
    """Raises InvalidInput."""
    return parse_path(name) if name.startswith("[") else tuple(name.split("."))


def find(root: Element | None, path: Path) -> Element | None:
    for step in path:
        root = _child(root, step)
    return root


def applied(root: Element, change: Change) -> Element:
    """The value with one change made. Raises Conflict when its place is gone."""
    return _applied(root, change, change.path)


def _applied(at: Element, change: Change, rest: Path) -> Element:
    if not rest:
        return change.value.named(at.name)
    parts = elements(at.data) if at.is_container else []
    step = rest[0]
    index = _index(at, parts, step)
    if len(rest) > 1:
        if index is None:
            raise Conflict("This place is no longer there; someone else removed it.")
        parts[index] = _applied(parts[index], change, rest[1:])
    elif change.verb == "put":
        value = change.value.named(str(step))
        if index is None:
            parts.append(value)
        else:
            parts[index] = value
    elif index is None:
        raise Conflict("This value is no longer there; someone else removed it.")
    elif change.verb == "drop":
        del parts[index]
    else:
        parts[index] = parts[index].named(change.key)
    made = build_array(parts) if at.kind == ARRAY else build(parts)
    return Element(at.kind, at.name, made)


def write_paths(root: Element, changes: Iterable[Change]) -> list[Path]:
    """The fewest places to write: each change's own where an update can name it, else the nearest
    place around it. None lies within another.
    """
    wanted = {_write_path(root, change) for change in changes}
    return sorted(
        (path for path in wanted if not any(path[:cut] in wanted for cut in range(len(path)))),
        key=path_text,
    )


def _write_path(root: Element, change: Change) -> Path:
    path = change.path
    around = find(root, path[:-1])
    if change.verb == "rename" or (change.verb == "drop" and around and around.kind == ARRAY):
        path = path[:-1]
    for length, step in enumerate(path):
        if isinstance(step, str) and not is_nameable(step):
            return path[:length]
    return path


def is_nameable(key: str) -> bool:
    """Whether an update's dotted path can name this key."""
    return bool(key) and "." not in key and not key.startswith("$")


def check_key(key: str) -> str:
    """Raises InvalidInput (field key)."""
    if not key:
        raise InvalidInput("Give the key a name.", field="key")
    if "\0" in key:
        raise InvalidInput("A key cannot contain a NUL character.", field="key")
    if len(key) > MAX_KEY:
        raise InvalidInput(f"A key may have {MAX_KEY:,} characters.", field="key")
    return key


def _child(at: Element | None, step: str | int) -> Element | None:
    if at is None or not at.is_container:
        return None
    parts = elements(at.data)
    index = _index(at, parts, step)
    return None if index is None else parts[index]


def _index(at: Element, parts: list[Element], step: str | int) -> int | None:
    """Where `step` is among the parts. Raises Conflict when it cannot be in such a value."""
    if at.kind == ARRAY:
        if isinstance(step, int):
            return step if 0 <= step < len(parts) else None
        return None
    if isinstance(step, int):
        return None
    return next((index for index, part in enumerate(parts) if part.name == step), None)
