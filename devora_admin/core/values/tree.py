"""A BSON value as the rows of a typed tree, and one value of it for a form."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import urlencode

from devora_admin.core import raw_bson
from devora_admin.core.errors import NotFound
from devora_admin.core.raw_bson import ARRAY, Element
from devora_admin.core.values import kinds, paths
from devora_admin.core.values.paths import Path, mark_of

ROWS = 400
"""Drawn at once; what lies deeper is a link to its own page."""
CHILDREN = 200
OPEN_DEPTH = 3
TEXT_CHARS = 400
LABEL_CHARS = 100
EMPTY_KEY = "“”"

Mask = Callable[[Path, Element], str | None]
"""What stands in place of a value that must not be shown; None for one that may be."""


@dataclass(frozen=True, slots=True)
class TreeRow:
    """open and close enclose an object or array; link stands for one not drawn here."""

    shape: Literal["open", "close", "leaf", "link", "more", "masked"]
    label: str = ""
    path: str = ""
    is_item: bool = False
    """Whether it is an item of an array, which has a position and no key."""
    kind: str = ""
    text: str = ""
    note: str = ""
    count: int = 0
    is_open: bool = False

    @property
    def query(self) -> str:
        return "?" + urlencode({"path": self.path})


@dataclass(frozen=True, slots=True)
class Crumb:
    label: str
    path: str


@dataclass(frozen=True, slots=True)
class Tree:
    name: str
    root: TreeRow
    crumbs: tuple[Crumb, ...]
    rows: tuple[TreeRow, ...]


@dataclass(frozen=True, slots=True)
class FormValue:
    """One value as a form needs it. seen: its fingerprint, sent back with the form."""

    label: str
    path: str
    kind: str
    text: str
    is_editable: bool
    is_item: bool
    seen: str
    note: str


def tree(
    root: Element, *, name: str, path: Path = (), first: int = 0, mask: Mask | None = None
) -> Tree:
    """The tree below `path`, its own children from number `first` on. Raises NotFound.

    name: what the whole is called.
    """
    at = found(root, path)
    if mask and mask(path, at) is not None:
        raise NotFound("value", paths.path_label(path))
    rows = tuple(_children(at, path, [ROWS], depth=0, first=first, mask=mask))
    crumbs = tuple(
        Crumb(
            f"[{step}]" if isinstance(step, int) else raw_bson.printable(step),
            paths.path_text(path[: length + 1]),
        )
        for length, step in enumerate(path)
    )
    return Tree(name, _row(at, path, name=name), crumbs, rows)


def form_value(root: Element, path: Path, *, name: str) -> FormValue:
    """Raises NotFound when there is no such place."""
    part = found(root, path)
    value = kinds.shown(part)
    return FormValue(
        label=paths.path_label(path) or name,
        path=paths.path_text(path),
        kind=value.kind,
        text=value.text,
        is_editable=value.is_editable,
        is_item=bool(path) and isinstance(path[-1], int),
        seen=mark_of(part),
        note=value.note,
    )


def found(root: Element, path: Path) -> Element:
    """Raises NotFound."""
    part = paths.find(root, path)
    if part is None:
        raise NotFound("value", paths.path_label(path))
    return part


def _children(
    around: Element,
    path: Path,
    budget: list[int],
    *,
    depth: int,
    first: int = 0,
    mask: Mask | None,
) -> Iterator[TreeRow]:
    parts = raw_bson.elements(around.data) if around.is_container else []
    for index, part in list(enumerate(parts))[first : first + CHILDREN]:
        budget[0] -= 1
        place: Path = (*path, index if around.kind == ARRAY else part.name)
        row = _row(part, place, is_open=depth < OPEN_DEPTH)
        masked = mask(place, part) if mask else None
        if masked is not None:
            yield replace(row, shape="masked", text=masked, note="")
        elif not part.is_container:
            yield row
        elif budget[0] <= 0 or depth >= 30:
            yield replace(row, shape="link", text="", note="", is_open=False)
        else:
            yield row
            yield from _children(part, place, budget, depth=depth + 1, mask=mask)
            yield TreeRow("close")
    left = len(parts) - first - CHILDREN
    if left > 0:
        yield TreeRow("more", path=paths.path_text(path), count=left, text=str(first + CHILDREN))


def _row(part: Element, path: Path, *, name: str = "", is_open: bool = True) -> TreeRow:
    step = path[-1] if path else name
    value = kinds.shown(part)
    text = value.text
    return TreeRow(
        shape="open" if part.is_container else "leaf",
        label=raw_bson.printable(str(step))[:LABEL_CHARS] or EMPTY_KEY,
        path=paths.path_text(path),
        is_item=isinstance(step, int),
        kind=value.kind,
        text=text if len(text) <= TEXT_CHARS else text[:TEXT_CHARS] + "…",
        note=value.note,
        count=len(raw_bson.elements(part.data)) if part.is_container else 0,
        is_open=is_open,
    )
