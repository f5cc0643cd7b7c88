"""One project for its page: what the header and the list of files show, no file's content."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo.client_session import ClientSession

from devora_admin.core import raw_bson
from devora_admin.core.errors import NotFound
from devora_admin.projects.documents import MAX_DOCUMENT_BYTES, projects, shown_name
from devora_admin.projects.languages import language_of
from devora_admin.projects.queries import thread
from devora_admin.projects.queries.editor import revision_of
from devora_admin.projects.queries.thread import Layout
from devora_admin.projects.queries.typed import array, is_type, only
from devora_admin.users import queries as customers
from devora_admin.users.queries import Owner

FILES_SHOWN = 500
FILES_COUNTED = 100_000
"""Beyond them a folder's figures stop; no platform project comes near."""
FAULTS_SHOWN = 50
LABEL_CHARS = 300


@dataclass(frozen=True, slots=True)
class Fault:
    """Something the platform wrote that is not as its data model says."""

    path: str
    message: str


@dataclass(frozen=True, slots=True)
class ProjectHeader:
    id: str
    name: str
    stored_name: str
    """"" when the name is missing or no text."""
    description: str
    owner: Owner | None
    project_type: str
    created_at: datetime | None
    updated_at: datetime | None
    archived_at: datetime | None
    is_archived: bool
    revision: int
    size_bytes: int
    files_count: int | None
    """None when `files` is no list; the same for the other counts."""
    messages_count: int | None
    """Of the whole thread, wherever its messages are kept."""
    metadata_count: int | None
    faults: tuple[Fault, ...]

    @property
    def size_percent(self) -> float:
        return round(100 * self.size_bytes / MAX_DOCUMENT_BYTES, 1)

    @property
    def limit_bytes(self) -> int:
        return MAX_DOCUMENT_BYTES

    @property
    def size_tone(self) -> str:
        return "danger" if self.size_percent >= 90 else "warning" if self.size_percent >= 70 else ""


@dataclass(frozen=True, slots=True)
class FileRow:
    index: int
    name: str
    """"" when the file has none."""
    language: str
    size_bytes: int | None
    is_malformed: bool


@dataclass(frozen=True, slots=True)
class FilesPage:
    header: ProjectHeader
    files: tuple[FileRow, ...]
    hidden: int
    """Files left out of a long list."""
    rest: tuple[tuple[str, int], ...] = ()
    """Name and size of each of those, for the folders' figures."""


def _count(field: str) -> dict[str, Any]:
    return {"$cond": [{"$isArray": field}, {"$size": field}, None]}


NUMBER = ("int", "long", "double")
EXPECTED = {
    "name": ("string",), "user_id": ("string",), "description": ("string", "missing", "null"),
    "project_type": ("string", "missing", "null"), "files": ("array", "missing", "null"),
    "metadata": ("object", "missing", "null"), "conversation_history": ("array", "missing", "null"),
    "created_at": ("date", "missing", "null"), "updated_at": ("date", "missing", "null"),
    "archived_at": ("date", "missing", "null"), "revision": (*NUMBER, "missing", "null"),
}  # fmt: skip
WORDS = {
    "string": "text", "array": "a list", "object": "an object", "date": "a date",
    "int": "a number", "long": "a number", "double": "a number", "decimal": "a decimal number",
    "bool": "true or false", "null": "null", "missing": "missing", "objectId": "an ObjectId",
    "binData": "binary data",
}  # fmt: skip
_BAD_MESSAGES = {
    "$size": {
        "$filter": {
            "input": array("$conversation_history"),
            "as": "each",
            "cond": {
                "$or": [
                    {"$ne": [{"$type": "$$each"}, "object"]},
                    {"$ne": [{"$type": "$$each.role"}, "string"]},
                    {"$ne": [{"$type": "$$each.content"}, "string"]},
                ]
            },
        }
    }
}
HEADER: dict[str, Any] = {
    "_id": 0,
    "id": 1,
    "types": {field: {"$type": f"${field}"} for field in EXPECTED},
    **{
        field: only(f"${field}", "string")
        for field in ("name", "description", "user_id", "project_type")
    },
    **{field: only(f"${field}", "date") for field in ("created_at", "updated_at", "archived_at")},
    "revision": only("$revision", *NUMBER),
    "size": {"$bsonSize": "$$ROOT"},
    "files_count": _count("$files"),
    "messages_count": _count("$conversation_history"),
    "metadata_count": {
        "$cond": [is_type("$metadata", "object"), {"$size": {"$objectToArray": "$metadata"}}, None]
    },
    "bad_messages": _BAD_MESSAGES,
}
_SIZE = {
    "$switch": {
        "branches": [
            {"case": is_type("$$each.content", "string"),
             "then": {"$strLenBytes": "$$each.content"}},
            {"case": is_type("$$each.content", "binData"),
             "then": {"$binarySize": "$$each.content"}},
        ],
        "default": None,
    }
}  # fmt: skip
_FILE = {
    "$cond": [
        {"$eq": [{"$type": "$$each"}, "object"]},
        {
            "name": only("$$each.name", "string"),
            "name_type": {"$type": "$$each.name"},
            "language": only("$$each.language", "string"),
            "language_type": {"$type": "$$each.language"},
            "content_type": {"$type": "$$each.content"},
            "size": _SIZE,
        },
        {"type": {"$type": "$$each"}},
    ]
}  # fmt: skip


def read_project(
    project_id: str, *, session: ClientSession | None = None, **extra: Any
) -> dict[str, Any]:
    """One round trip for the header's fields and `extra` ones. Raises NotFound."""
    collection = projects().with_options(codec_options=raw_bson.LENIENT)
    pipeline: list[dict[str, Any]] = [
        {"$match": {"id": project_id}},
        {"$limit": 1},
        {"$project": {**HEADER, **extra}},
        *thread.lookups(),
    ]
    found = next(collection.aggregate(pipeline, session=session), None)
    if found is None:
        raise NotFound("project", project_id)
    return found


def header_of(found: dict[str, Any], *faults: Fault) -> ProjectHeader:
    owner_id = found["user_id"]
    dates = {
        key: value if isinstance(value := found[key], datetime) else None
        for key in ("created_at", "updated_at", "archived_at")
    }
    return ProjectHeader(
        id=found["id"],
        name=shown_name(found["name"])[:LABEL_CHARS],
        stored_name=found["name"] or "",
        description=found["description"] or "",
        owner=customers.owners([owner_id]).get(owner_id) if owner_id else None,
        project_type=(found["project_type"] or "")[:LABEL_CHARS],
        is_archived=found["types"]["archived_at"] not in ("missing", "null"),
        revision=revision_of(found["revision"]) or 0,
        size_bytes=found["size"],
        files_count=_absent_is_none_at_all(found, "files"),
        messages_count=_messages_count(found),
        metadata_count=_absent_is_none_at_all(found, "metadata"),
        faults=(*_field_faults(found), *faults),
        **dates,
    )


def project_header(project_id: str) -> ProjectHeader:
    return header_of(read_project(project_id))


def project_files(project_id: str, *, limit: int = FILES_SHOWN) -> FilesPage:
    listing = {"$slice": [array("$files"), limit]}
    beyond = {"$slice": [array("$files"), limit, FILES_COUNTED]}
    figures = [only("$$each.name", "string"), _SIZE]
    found = read_project(
        project_id,
        files={"$map": {"input": listing, "as": "each", "in": _FILE}},
        rest={"$map": {"input": beyond, "as": "each", "in": figures}},
    )
    names = Counter(each["name"] for each in found["files"] if each.get("name"))
    rows = tuple(
        _file_row(index, each, is_twin=names[each.get("name")] > 1)
        for index, each in enumerate(found["files"])
    )
    header = header_of(found, *list(_file_faults(found["files"]))[:FAULTS_SHOWN])
    hidden = max(0, (header.files_count or 0) - len(rows))
    rest = tuple((name or "", size or 0) for name, size in found["rest"])
    return FilesPage(header, rows, hidden, rest)


def layout_of(found: dict[str, Any]) -> Layout:
    """Where the messages of a project are that `read_project` has read."""
    return thread.layout_of(found, found["messages_count"] or 0)


def _messages_count(found: dict[str, Any]) -> int | None:
    """Of the whole thread."""
    elsewhere = layout_of(found).length
    if elsewhere:
        return elsewhere
    return _absent_is_none_at_all(found, "messages", "conversation_history")


def _absent_is_none_at_all(found: dict[str, Any], key: str, field: str = "") -> int | None:
    count: int | None = found[f"{key}_count"]
    if count is None and found["types"][field or key] in ("missing", "null"):
        return 0
    return count


def _field_faults(found: dict[str, Any]) -> Iterator[Fault]:
    for field, expected in EXPECTED.items():
        actual = found["types"][field]
        if actual not in expected:
            wanted = WORDS[expected[0]]
            message = (
                "missing" if actual in ("missing", "null") else f"{_word(actual)}, not {wanted}"
            )
            yield Fault(field, message)
        elif expected[0] == "date" and found[field] and not isinstance(found[field], datetime):
            yield Fault(field, "beyond the years a date can have")
    if found["name"] == "":
        yield Fault("name", "empty")
    if revision_of(found["revision"]) is None:
        yield Fault("revision", "not a whole number, or one too large")
    if found["bad_messages"]:
        count = found["bad_messages"]
        yield Fault(
            "conversation_history",
            f"{count:,} message{'s' if count > 1 else ''} without text or role",
        )


def _word(bson_type: str) -> str:
    return WORDS.get(bson_type, bson_type)


def _file_row(index: int, each: dict[str, Any], *, is_twin: bool) -> FileRow:
    name = each.get("name") or ""
    return FileRow(
        index=index,
        name=name,
        language=(each.get("language") or language_of(name))[:40],
        size_bytes=each.get("size"),
        is_malformed=is_twin or next(_faults_of_file(f"files[{index}]", each), None) is not None,
    )


def _file_faults(files: list[dict[str, Any]]) -> Iterator[Fault]:
    for index, each in enumerate(files):
        yield from _faults_of_file(f"files[{index}]", each)
    names = Counter(each["name"] for each in files if each.get("name"))
    for name, times in names.items():
        if times > 1:
            yield Fault(name[:LABEL_CHARS], f"{times} files of this name")


def _faults_of_file(path: str, each: dict[str, Any]) -> Iterator[Fault]:
    if "type" in each:
        yield Fault(path, f"{_word(each['type'])}, not an object")
        return
    for key in ("name", "content"):
        actual = each[f"{key}_type"]
        if actual in ("missing", "null"):
            yield Fault(f"{path}.{key}", "missing")
        elif actual != "string":
            yield Fault(f"{path}.{key}", f"{_word(actual)}, not text")
    if each["name"] is not None and not each["name"].strip("/ "):
        yield Fault(f"{path}.name", "empty")
    if each["language_type"] not in ("string", "missing", "null"):
        yield Fault(f"{path}.language", f"{_word(each['language_type'])}, not text")
