"""One version for its page: what is beside it, its files, and one of them to be read."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Literal

from django.utils.safestring import SafeString

from devora_admin.core import markup, raw_bson
from devora_admin.core.values.paths import EMPTY
from devora_admin.projects.queries.detail import FileRow
from devora_admin.projects.queries.preview import MOST_LINES, SHOWN_BYTES
from devora_admin.versions.documents import HEADS, VERSIONS, versions
from devora_admin.versions.manifest import Entry
from devora_admin.versions.queries.versions import Version, contents

State = Literal["text", "empty", "large", "binary", "malformed"]


@dataclass(frozen=True, slots=True)
class Beside:
    """Versions around a number, which itself may be gone."""

    previous: int | None
    following: int | None
    newest: int | None


@dataclass(frozen=True, slots=True)
class FileView:
    path: str
    language: str
    size_bytes: int
    state: State
    text: str = field(default="", repr=False)
    content: bytes = field(default=b"", repr=False)
    """As it is stored; empty like `text` when it is not shown."""

    @property
    def lines(self) -> list[SafeString]:
        return markup.code_lines(self.text, self.language)

    @property
    def lines_count(self) -> int:
        return self.text.count("\n") + (not self.text.endswith("\n")) if self.text else 0


def beside(project_id: str, number: int) -> Beside:
    """One round trip."""
    own: dict[str, Any] = {"project_id": project_id}
    opened = [
        {"$match": {**own, "open.number": {"$exists": True}}},
        {"$project": {"_id": 0, "number": "$open.number"}},
    ]
    pipeline: list[dict[str, Any]] = [
        *_first({**own, "number": {"$lt": number}}, -1),
        {"$unionWith": {"coll": VERSIONS, "pipeline": _first({**own, "number": {"$gt": number}})}},
        {"$unionWith": {"coll": VERSIONS, "pipeline": _first(own, -1)}},
        {"$unionWith": {"coll": HEADS, "pipeline": opened}},
    ]
    found = {row["number"] for row in versions().aggregate(pipeline)}
    return Beside(
        previous=max((each for each in found if each < number), default=None),
        following=min((each for each in found if each > number), default=None),
        newest=max(found, default=None),
    )


def _first(condition: dict[str, Any], order: int = 1) -> list[dict[str, Any]]:
    return [
        {"$match": condition},
        {"$sort": {"number": order}},
        {"$limit": 1},
        {"$project": {"_id": 0, "number": 1}},
    ]


def file_rows(version: Version) -> list[FileRow]:
    twins = Counter(entry.path for entry in version.files)
    return [
        FileRow(
            index=index,
            name=entry.path,
            language=entry.shown_language,
            size_bytes=entry.size,
            is_malformed=entry.kind == "raw" or twins[entry.path] > 1,
        )
        for index, entry in enumerate(version.files)
    ]


def file_view(version: Version, path: str) -> FileView:
    """One round trip. Raises NotFound."""
    entry = version.entry(path)
    if state := _unread(entry):
        return FileView(path, entry.shown_language, entry.size, state)
    return view_of(entry, contents([entry.sha], version)[entry.sha])


def view_of(entry: Entry, content: bytes) -> FileView:
    text = content.decode("utf-8", "replace")
    if "\0" in text:
        return FileView(entry.path, entry.shown_language, entry.size, "binary")
    if text.count("\n") > MOST_LINES:
        return FileView(entry.path, entry.shown_language, entry.size, "large")
    return FileView(entry.path, entry.shown_language, entry.size, "text", text, content)


def _unread(entry: Entry) -> State | None:
    if entry.kind == "raw":
        return "malformed"
    if entry.size > SHOWN_BYTES:
        return "large"
    return None if entry.size else "empty"


def metadata_of(version: Version) -> raw_bson.Element:
    """As it was stored; empty where the project had none. One round trip."""
    if version.metadata is None:
        return EMPTY
    [element] = raw_bson.elements(contents([version.metadata], version)[version.metadata])
    return element
