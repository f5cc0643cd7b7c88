"""What a person does to a typed tree, as the changes it comes to.

Each function here makes a plan; whoever keeps the tree runs it on what is stored at that moment,
in the transaction that writes, so that a change in between is a Conflict and nothing is lost.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from devora_admin.core import raw_bson
from devora_admin.core.errors import Conflict, InvalidInput
from devora_admin.core.raw_bson import Element
from devora_admin.core.values import difference, ejson, kinds, paths
from devora_admin.core.values.paths import Change, Path, mark_of

AUDITED_BYTES = 10_000

Plan = Callable[[Element], Iterable[Change]]
"""From the tree as it is stored to the changes. Raises Conflict, InvalidInput."""


def set_value(path: Path, *, kind: str, text: str, seen: str) -> Plan:
    """seen: `mark_of` the value that was shown."""

    def plan(root: Element) -> list[Change]:
        current = still_seen(root, path, seen)
        value = kinds.parsed(kind, text, previous=current)
        return [] if value.value == current.value else [Change("put", path, value)]

    return plan


def add_value(path: Path, *, key: str, kind: str, text: str) -> Plan:
    """Adds a key to the object at `path`, or an item at the end of the array there."""

    def plan(root: Element) -> list[Change]:
        around = paths.find(root, path)
        if around is None or not around.is_container:
            raise Conflict("The place to add to is no longer there.")
        value = kinds.parsed(kind, text)
        parts = raw_bson.elements(around.data)
        if around.kind == raw_bson.ARRAY:
            return [Change("put", (*path, len(parts)), value)]
        paths.check_key(key)
        if any(part.name == key for part in parts):
            raise InvalidInput("There is such a key already.", field="key")
        return [Change("put", (*path, key), value)]

    return plan


def rename_key(path: Path, *, key: str, seen: str) -> Plan:
    """Gives a value another key; it stays where it stands among its neighbours."""

    def plan(root: Element) -> list[Change]:
        if not path or not isinstance(path[-1], str):
            raise InvalidInput("An item of an array has no key.", field="key")
        still_seen(root, path, seen)
        paths.check_key(key)
        if key == path[-1]:
            return []
        if paths.find(root, (*path[:-1], key)) is not None:
            raise InvalidInput("There is such a key already.", field="key")
        return [Change("rename", path, key=key)]

    return plan


def remove_value(path: Path, *, seen: str) -> Plan:
    def plan(root: Element) -> list[Change]:
        if not path:
            raise InvalidInput("The whole of it cannot be removed.", field="path")
        still_seen(root, path, seen)
        return [Change("drop", path)]

    return plan


def replace_json(*, base: str, text: str, name: str) -> Plan:
    """Writes what differs between two Extended JSON texts: as shown, and as edited.

    Raises InvalidInput (field text) at once, and from the plan for a text that is no object unless
    just that is stored, or Conflict when someone else changed one of the same places; its detail
    holds `current`, the value as it now is. name: what the whole is called.
    """
    shown, mine = ejson.loads(base), ejson.loads(text)
    try:
        changes = list(difference.changes(shown, mine))
    except RecursionError as error:
        raise InvalidInput("This is nested too deeply.", field="text") from error

    def plan(root: Element) -> list[Change]:
        now = ejson.readable(root)
        if not difference.is_object(mine) and not difference.same(now, mine):
            raise InvalidInput(
                f"{name.capitalize()} must be an object, such as {{}}.", field="text"
            )
        for change in changes:
            _still_as_shown(shown, now, change.path, name)
        return changes

    return plan


def still_seen(root: Element, path: Path, seen: str) -> Element:
    """The value at `path`. Raises Conflict when it is not the one that was shown."""
    current = paths.find(root, path)
    label = paths.path_label(path) or "this"
    if current is None:
        raise Conflict(f"{label} is no longer there; someone else removed it.")
    if mark_of(current) != seen:
        value = kinds.shown(current)
        now = value.text if value.text else value.kind
        raise Conflict(
            f"Someone else changed {label} meanwhile; it is now {now[:200]}. Nothing was written.",
            detail={"current": now[:10_000], "kind": value.kind, "seen": mark_of(current)},
        )
    return current


def changed(root: Element, changes: Iterable[Change]) -> Element:
    for change in changes:
        root = paths.applied(root, change)
    return root


def written(
    root: Element, places: Iterable[Path], *, name: str
) -> tuple[list[Element], list[Element]]:
    """What an update sets and unsets to make these places as they are in `root`.

    name: the field of the document that holds the tree.
    """
    put, drop = [], []
    for place in places:
        field = ".".join((name, *map(str, place)))
        value = paths.find(root, place)
        if value is None:
            drop.append(raw_bson.element("", field))
        else:
            put.append(value.named(field))
    return put, drop


def audited(root: Element, places: Iterable[Path], *, name: str) -> dict[str, Any]:
    """The values at those places, by `path_name`, as the audit log keeps them."""
    found = {paths.path_name((name, *place)): paths.find(root, place) for place in places}
    return {place: audited_value(part) if part else None for place, part in found.items()}


def put_back(before: Mapping[str, Any], after: Mapping[str, Any]) -> Plan:
    """Undoes what `audited` recorded, while every value is still what was left.

    Raises Conflict when one is not, or when an earlier value was too large to be kept.
    """

    def plan(root: Element) -> list[Change]:
        for name, left in after.items():
            now = paths.find(root, paths.named_path(name)[1:])
            if (audited_value(now) if now else None) != left:
                raise Conflict(f"{_label(name)} was changed since.")
        return [_change_back(name, before.get(name)) for name in after]

    return plan


def _change_back(name: str, before: Any) -> Change:
    place = paths.named_path(name)[1:]
    if before is None:
        if not place:
            raise Conflict(f"There was no {_label(name)} before; remove the values one by one.")
        return Change("drop", place)
    try:
        return Change("put", place, ejson.to_element(ejson.loads(before)))
    except InvalidInput as error:
        text = f"The earlier value of {_label(name)} was too large to be kept."
        raise Conflict(text) from error


def _label(name: str) -> str:
    return paths.path_label(paths.named_path(name))


def audited_value(part: Element) -> str:
    """As Extended JSON; a large one by its size."""
    if len(part.data) > AUDITED_BYTES:
        return f"{kinds.kind_of(part)} of {len(part.data):,} bytes"
    return ejson.dumps(ejson.canonical(part))


def _still_as_shown(shown: ejson.Json, now: ejson.Json, path: Path, name: str) -> None:
    if not difference.same(_at(shown, path), _at(now, path)):
        label = paths.path_label(path) or name
        raise Conflict(
            f"Someone else changed {label} meanwhile. Nothing was written.",
            detail={"path": label, "current": ejson.dumps(now)},
        )


_ABSENT = object()


def _at(tree: ejson.Json, path: Path) -> Any:
    for step in path:
        if not _holds(tree, step):
            return _ABSENT
        tree = tree[step]
    return tree


def _holds(tree: ejson.Json, step: str | int) -> bool:
    if isinstance(tree, list):
        return isinstance(step, int) and step < len(tree)
    return isinstance(tree, dict) and not ejson.is_wrapper(tree) and step in tree
