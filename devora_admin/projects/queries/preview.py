"""One file of a project, to be read in place."""

from dataclasses import dataclass
from typing import Any, Literal

from django.utils.safestring import SafeString

from devora_admin.core import markup, raw_bson
from devora_admin.core.errors import NotFound
from devora_admin.projects.documents import projects
from devora_admin.projects.languages import language_of
from devora_admin.projects.queries.typed import array, is_type, only

SHOWN_BYTES = 512 * 1024
MOST_LINES = 20_000


@dataclass(frozen=True, slots=True)
class FilePreview:
    name: str
    language: str
    size_bytes: int | None
    lines: int
    state: Literal["text", "empty", "large", "binary", "malformed"]
    code: tuple[SafeString, ...] = ()
    """Coloured, line by line."""


def file_preview(project_id: str, *, name: str) -> FilePreview:
    """The first file of that name. Raises NotFound."""
    named = {"$eq": ["$$each.name", {"$literal": name}]}
    first = {"$first": {"$filter": {"input": array("$files"), "as": "each", "cond": named}}}
    return _preview(project_id, first, name)


def file_preview_at(project_id: str, *, index: int) -> FilePreview:
    """A file that has no name to ask for. Raises NotFound."""
    return _preview(project_id, {"$arrayElemAt": [array("$files"), index]}, f"files[{index}]")


def _preview(project_id: str, file: dict[str, Any], label: str) -> FilePreview:
    collection = projects().with_options(codec_options=raw_bson.LENIENT)
    size = {"$cond": [is_type("$file.content", "string"), {"$strLenBytes": "$file.content"}, None]}
    pipeline: list[dict[str, Any]] = [
        {"$match": {"id": project_id}},
        {"$project": {"file": file}},
        {"$project": {"_id": 0, "file_type": {"$type": "$file"}, "size": size,
                      "content_type": {"$type": "$file.content"},
                      "language": only("$file.language", "string"),
                      "content": only("$file.content", "string")}},
        {"$set": {"content": {"$cond": [{"$lte": ["$size", SHOWN_BYTES]}, "$content", None]}}},
    ]  # fmt: skip
    found = next(collection.aggregate(pipeline), None)
    if found is None:
        raise NotFound("project", project_id)
    if found["file_type"] == "missing":
        raise NotFound("file", label)
    return _shown(found, label)


def _shown(found: dict[str, Any], label: str) -> FilePreview:
    language = (found["language"] or language_of(label))[:40]
    size, content = found["size"], found["content"]
    if size is None:
        is_binary = found["content_type"] == "binData"
        return FilePreview(label, language, None, 0, "binary" if is_binary else "malformed")
    if size > SHOWN_BYTES:
        return FilePreview(label, language, size, 0, "large")
    if not content:
        return FilePreview(label, language, size, 0, "empty")
    if "\0" in content:
        return FilePreview(label, language, size, 0, "binary")
    lines = content.count("\n") + (not content.endswith("\n"))
    if lines > MOST_LINES:
        return FilePreview(label, language, size, lines, "large")
    code = tuple(markup.code_lines(content, language))
    return FilePreview(label, language, size, lines, "text", code)
