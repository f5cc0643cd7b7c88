"""What was changed between two JSON trees, as the fewest changes."""

from collections.abc import Iterator

from devora_admin.core.values.ejson import Json, checked_key, is_wrapper, to_element
from devora_admin.core.values.paths import Change, Path, path_label


def changes(base: Json, mine: Json, path: Path = ()) -> Iterator[Change]:
    """Changes that turn `base` into `mine`. Raises InvalidInput for a value that is no BSON."""
    if same(base, mine):
        return
    if is_object(base) and is_object(mine) and _keeps_order(base, mine):
        yield from _of_objects(base, mine, path)
    elif isinstance(base, list) and isinstance(mine, list) and len(base) == len(mine):
        for index, (old, new) in enumerate(zip(base, mine, strict=True)):
            yield from changes(old, new, (*path, index))
    else:
        yield Change("put", path, to_element(mine, where=path_label(path)))


def same(left: Json, right: Json) -> bool:
    """Equal in type and in the order of keys too: 1, 1.0 and true are three values."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return list(left) == list(right) and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, float):
        return repr(left) == repr(right)
    return bool(left == right)


def _of_objects(base: dict[str, Json], mine: dict[str, Json], path: Path) -> Iterator[Change]:
    for key in base:
        if key not in mine:
            yield Change("drop", (*path, key))
        else:
            yield from changes(base[key], mine[key], (*path, key))
    for key in mine:
        if key not in base:
            place = (*path, checked_key(key))
            yield Change("put", place, to_element(mine[key], where=path_label(place)))


def _keeps_order(base: dict[str, Json], mine: dict[str, Json]) -> bool:
    """Whether the kept keys stand as before, with the new ones after them."""
    kept = [key for key in base if key in mine]
    return list(mine)[: len(kept)] == kept


def is_object(tree: Json) -> bool:
    return isinstance(tree, dict) and not is_wrapper(tree)
