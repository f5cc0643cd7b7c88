"""Reads for the editor: a project's files, without their contents unless asked."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from devora_admin.core.errors import InvalidInput, NotFound
from devora_admin.core.raw_bson import is_text
from devora_admin.projects.documents import projects, shown_name
from devora_admin.projects.languages import PLAIN, language_of

Document = dict[str, Any]


def each_file(fields: Document) -> Document:
    """A projection of `files` that keeps every place in the list, broken entries too."""
    listed = {"$map": {"input": "$files", "as": "file", "in": fields}}
    return {"$cond": [{"$isArray": "$files"}, listed, None]}


def name_in(paths: Iterable[str]) -> Document:
    """A condition on `$$file`. As a literal: a path such as `$id.tsx` is no field of anything."""
    return {"$in": ["$$file.name", {"$literal": list(paths)}]}


MOST_REVISIONS = 2**62  # the store's numbers end at 2**63
_CONTENT_TYPE = {"$type": "$$file.content"}
_LISTING = {
    "_id": 0, "name": 1, "user_id": 1, "revision": 1, "archived_at": 1,
    "files_type": {"$type": "$files"},
    "files": each_file(
        {
            "type": {"$type": "$$file"},
            "name": "$$file.name",
            "language": "$$file.language",
            "content_type": _CONTENT_TYPE,
            "size": {
                "$cond": [
                    {"$eq": [_CONTENT_TYPE, "string"]}, {"$strLenBytes": "$$file.content"}, 0
                ]
            },
        }
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FileRow:
    path: str
    language: str
    size_bytes: int
    problem: str = ""
    """Why this file can be seen but not edited, or ""."""


@dataclass(frozen=True, slots=True)
class EditorProject:
    id: str
    name: str
    customer_id: str
    revision: int
    archived: bool
    files: tuple[FileRow, ...]
    problems: tuple[str, ...]
    """What is wrong with the document, a sentence each."""
    editable: bool
    """Whether the document's shape lets files be written."""

    @property
    def token(self) -> str:
        """Changes whenever the list of files does."""
        listed = [(row.path, row.language, row.size_bytes, row.problem) for row in self.files]
        return digest(repr((listed, self.problems, self.archived)))


@dataclass(frozen=True, slots=True)
class FileText:
    path: str
    content: str
    language: str
    revision: int
    digest: str


def digest(text: str) -> str:
    """Tells one content from another; the browser only ever compares it."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def revision_of(value: object) -> int | None:
    """The revision a document holds; None when it holds something that cannot be counted on."""
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    is_whole = isinstance(value, int) or value.is_integer()
    return int(value) if is_whole and abs(value) < MOST_REVISIONS else None


def text(value: object) -> str:
    return value if is_text(value) else ""


def editor_project(project_id: str) -> EditorProject:
    """Raises NotFound."""
    document = projects().find_one({"id": project_id}, _LISTING)
    if document is None:
        raise NotFound("project", project_id)
    return _project(project_id, document)


def _project(project_id: str, document: Document) -> EditorProject:
    files, problems = _files(document)
    revision = revision_of(document.get("revision"))
    if revision is None:
        problems.append(
            f"The project's revision is no whole number ({_kind(document['revision'])}), "
            "so its files can be read but not saved."
        )
    listed = document.get("files_type") in ("array", "missing")
    return EditorProject(
        id=project_id,
        name=shown_name(document.get("name")),
        customer_id=text(document.get("user_id")),
        revision=revision or 0,
        archived=document.get("archived_at") is not None,
        files=tuple(files),
        problems=tuple(problems),
        editable=revision is not None and listed,
    )


def _files(document: Document) -> tuple[list[FileRow], list[str]]:
    kind = document.get("files_type", "missing")
    if kind == "missing":
        return [], []
    if kind != "array":
        return [], [f"The project's files are stored as {kind}, not as a list."]
    entries = document["files"]
    names = Counter(entry["name"] for entry in entries if is_text(entry.get("name")))
    rows, problems = [], []
    seen: set[str] = set()
    for number, entry in enumerate(entries, start=1):
        fault = _entry_fault(entry)
        if fault:
            problems.append(f"Entry {number} of the files {fault}.")
            continue
        name = entry["name"]
        if name in seen:
            problems.append(f"Entry {number} of the files has the name “{name}” a second time.")
            continue
        seen.add(name)
        problem = _row_fault(entry, names[name])
        language = text(entry.get("language")) or language_of(name)
        rows.append(FileRow(name, language, entry["size"], problem))
    return rows, problems


def _entry_fault(entry: Document) -> str:
    if entry["type"] != "object":
        return f"is no file but {entry['type']}"
    name = entry.get("name")
    if not is_text(name):
        return "has no name" if name is None else f"has a name that is no text ({_kind(name)})"
    return "" if name else "has an empty name"


def _row_fault(entry: Document, count: int) -> str:
    if entry["content_type"] not in ("string", "missing", "null"):
        return f"The content is stored as {entry['content_type']}, not as text."
    if count > 1:
        return f"{count} files have this name; the first is shown. Give them names of their own."
    return ""


def _kind(value: object) -> str:
    return {str: "text", dict: "object", list: "array", bool: "boolean"}.get(
        type(value), type(value).__name__
    )


def file_text(project_id: str, path: str) -> FileText:
    """Raises NotFound, or InvalidInput when the content is no text."""
    found = find_file(project_id, path)
    if found is None:
        raise NotFound("file", path)
    return found


def find_file(project_id: str, path: str) -> FileText | None:
    """None when the project has no such file. Raises NotFound when there is no such project."""
    document = projects().find_one(
        {"id": project_id}, {"_id": 0, "revision": 1, "files": {"$elemMatch": {"name": path}}}
    )
    if document is None:
        raise NotFound("project", project_id)
    files = document.get("files")
    if not isinstance(files, list) or not files:
        return None
    return _text_of(files[0], revision_of(document.get("revision")) or 0)


def _text_of(entry: Document, revision: int) -> FileText:
    content = entry.get("content")
    if content is None:
        content = ""
    if not is_text(content):
        raise InvalidInput(f"“{entry['name']}” is stored as {_kind(content)}, not as text.")
    language = text(entry.get("language")) or language_of(entry["name"])
    return FileText(entry["name"], content, language, revision, digest(content))


_NAMED = {"$eq": [{"$type": "$$file.name"}, "string"]}
_READABLE = {"$in": [_CONTENT_TYPE, ["string", "missing", "null"]]}


def _entries(project_id: str, condition: Document) -> tuple[int, list[Document]]:
    only = {"$filter": {"input": "$files", "as": "file", "cond": condition}}
    document = projects().find_one(
        {"id": project_id},
        {"_id": 0, "revision": 1, "files": {"$cond": [{"$isArray": "$files"}, only, []]}},
    )
    if document is None:
        raise NotFound("project", project_id)
    return revision_of(document.get("revision")) or 0, document["files"]


def all_texts(project_id: str) -> list[FileText]:
    """Every file that is text, for a search in all of them. Raises NotFound."""
    revision, entries = _entries(project_id, {"$and": [_NAMED, _READABLE]})
    return [_text_of(entry, revision) for entry in entries]


def changed_files(project_id: str, known: Mapping[str, str]) -> list[str]:
    """Which of the files in `known` (path → digest) read otherwise by now, or are gone."""
    if not known:
        return []
    named = name_in(known)
    _, entries = _entries(project_id, {"$and": [_NAMED, _READABLE, named]})
    now: dict[str, str] = {}
    for entry in entries:
        now.setdefault(entry["name"], digest(entry.get("content") or ""))
    return [path for path, was in known.items() if now.get(path) != was]


__all__ = [
    "PLAIN", "EditorProject", "FileRow", "FileText", "all_texts", "changed_files", "digest",
    "editor_project", "file_text", "find_file",
]  # fmt: skip
