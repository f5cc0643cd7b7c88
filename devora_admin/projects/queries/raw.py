"""A project's document as it is stored, in canonical Extended JSON."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pymongo.client_session import ClientSession

from devora_admin.core import raw_bson
from devora_admin.core.errors import NotFound
from devora_admin.core.raw_bson import ARRAY, Element
from devora_admin.core.values import ejson
from devora_admin.projects.documents import projects
from devora_admin.projects.queries.detail import ProjectHeader, project_header

PART_CHARS = 200_000


@dataclass(frozen=True, slots=True)
class RawPart:
    text: str
    number: int
    """From 1."""
    parts: int
    total_chars: int

    @property
    def next_number(self) -> int | None:
        return self.number + 1 if self.number < self.parts else None


@dataclass(frozen=True, slots=True)
class RawPage:
    header: ProjectHeader
    part: RawPart


def raw_page(project_id: str, *, number: int = 1) -> RawPage:
    return RawPage(project_header(project_id), raw_part(project_id, number))


def raw_part(project_id: str, number: int) -> RawPart:
    """A stretch of the text, so that a page of 16 MB is not drawn at once. Raises NotFound."""
    text = "".join(raw_chunks(project_id))
    parts = max(1, -(-len(text) // PART_CHARS))
    if not 1 <= number <= parts:
        raise NotFound("part", str(number))
    start = (number - 1) * PART_CHARS
    return RawPart(text[start : start + PART_CHARS], number, parts, len(text))


def raw_chunks(project_id: str) -> Iterator[str]:
    """The document in pieces: a list's items one by one. Raises NotFound before the first."""
    collection = projects().with_options(codec_options=raw_bson.RAW)
    found = collection.find_one({"id": project_id})
    if found is None:
        raise NotFound("project", project_id)
    return _chunks(raw_bson.elements(bytes(found.raw)))


def project_parts(
    project_id: str, names: Iterable[str], *, session: ClientSession | None = None
) -> dict[str, Element] | None:
    """Those of its fields that are there, as bytes; None without such a project."""
    collection = projects().with_options(codec_options=raw_bson.RAW)
    found = collection.find_one({"id": project_id}, dict.fromkeys(names, 1), session=session)
    if found is None:
        return None
    return {part.name: part for part in raw_bson.elements(bytes(found.raw))}


def _chunks(parts: list[Element]) -> Iterator[str]:
    lead = "{\n  "
    for part in parts:
        yield f"{lead}{ejson.dumps(part.name)}: "
        yield from _list(part) if part.kind == ARRAY else [_indented(part, "  ")]
        lead = ",\n  "
    yield "\n}\n"


def _list(part: Element) -> Iterator[str]:
    lead = "[\n    "
    for item in raw_bson.elements(part.data):
        yield lead + _indented(item, "    ")
        lead = ",\n    "
    yield "[]" if lead.startswith("[") else "\n  ]"


def _indented(part: Element, indent: str) -> str:
    return ejson.dumps(ejson.canonical(part), indent)
