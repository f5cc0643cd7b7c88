"""A project's metadata as a typed tree, and one value of it for a form."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from devora_admin.core import raw_bson
from devora_admin.core.errors import NotFound
from devora_admin.core.raw_bson import ARRAY, Element
from devora_admin.core.values import ejson, kinds, paths
from devora_admin.core.values.paths import NO_METADATA, Path, mark_of
from devora_admin.projects.documents import projects
from devora_admin.projects.queries.detail import ProjectHeader, header_of, read_project

ROWS = 400
"""Drawn at once; what lies deeper is a link to its own page."""
CHILDREN = 200
OPEN_DEPTH = 3
TEXT_CHARS = 400
LABEL_CHARS = 100
EMPTY_KEY = "“”"


@dataclass(frozen=True, slots=True)
class TreeRow:
    """open and close enclose an object or array; link stands for one not drawn here."""

    shape: Literal["open", "close", "leaf", "link", "more"]
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
class MetadataPage:
    header: ProjectHeader
    root: TreeRow
    crumbs: tuple[Crumb, ...]
    rows: tuple[TreeRow, ...]


@dataclass(frozen=True, slots=True)
class MetadataValue:
    """One value as a form needs it. seen: its fingerprint, sent back with the form."""

    label: str
    path: str
    kind: str
    text: str
    is_editable: bool
    is_item: bool
    seen: str
    note: str


def metadata_page(project_id: str, *, path: Path = (), first: int = 0) -> MetadataPage:
    """The tree below `path`, its own children from number `first` on. Raises NotFound."""
    header = header_of(read_project(project_id))
    root = _at(project_id, path)
    budget = [ROWS]
    rows = tuple(_children(root, path, budget, depth=0, first=first))
    crumbs = tuple(
        Crumb(
            f"[{step}]" if isinstance(step, int) else raw_bson.printable(step),
            paths.path_text(path[: at + 1]),
        )
        for at, step in enumerate(path)
    )
    return MetadataPage(header, _row(root, path), crumbs, rows)


def metadata_value(project_id: str, path: Path) -> MetadataValue:
    """Raises NotFound when there is no such place."""
    part = _at(project_id, path)
    value = kinds.shown(part)
    return MetadataValue(
        label=paths.path_label(path) or "metadata",
        path=paths.path_text(path),
        kind=value.kind,
        text=value.text,
        is_editable=value.is_editable,
        is_item=bool(path) and isinstance(path[-1], int),
        seen=mark_of(part),
        note=value.note,
    )


def metadata_text(project_id: str) -> str:
    """The metadata as readable Extended JSON."""
    return ejson.dumps(ejson.readable(_at(project_id, ())))


def _at(project_id: str, path: Path) -> Element:
    collection = projects().with_options(codec_options=raw_bson.RAW)
    found = collection.find_one({"id": project_id}, {"_id": 0, "metadata": 1})
    if found is None:
        raise NotFound("project", project_id)
    [root] = raw_bson.elements(bytes(found.raw)) or [NO_METADATA]
    part = paths.find(root, path)
    if part is None:
        raise NotFound("value", paths.path_label(path))
    return part


def _children(
    around: Element, path: Path, budget: list[int], *, depth: int, first: int = 0
) -> Iterator[TreeRow]:
    parts = raw_bson.elements(around.data) if around.is_container else []
    for index, part in list(enumerate(parts))[first : first + CHILDREN]:
        budget[0] -= 1
        place: Path = (*path, index if around.kind == ARRAY else part.name)
        row = _row(part, place, is_open=depth < OPEN_DEPTH)
        if not part.is_container:
            yield row
        elif budget[0] <= 0 or depth >= 30:
            yield _as_link(row)
        else:
            yield row
            yield from _children(part, place, budget, depth=depth + 1)
            yield TreeRow("close")
    left = len(parts) - first - CHILDREN
    if left > 0:
        yield TreeRow("more", path=paths.path_text(path), count=left, text=str(first + CHILDREN))


def _row(part: Element, path: Path, *, is_open: bool = True) -> TreeRow:
    step = path[-1] if path else "metadata"
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


def _as_link(row: TreeRow) -> TreeRow:
    return TreeRow("link", row.label, row.path, row.is_item, row.kind, count=row.count)
