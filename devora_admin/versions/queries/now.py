"""A project as it is at this moment, read like a version from the platform's own document."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo.client_session import ClientSession

from devora_admin.core.errors import NotFound
from devora_admin.core.raw_bson import Element
from devora_admin.projects.queries import raw
from devora_admin.projects.queries.editor import revision_of
from devora_admin.versions import manifest
from devora_admin.versions.manifest import Entry, Sha
from devora_admin.versions.recording.state import WHOLE, State


@dataclass(frozen=True, slots=True)
class Now:
    files: tuple[Entry, ...]
    metadata: Sha | None
    contents: dict[Sha, bytes]
    """Of all its files, and its metadata."""
    revision: int
    updated_at: datetime | None
    is_archived: bool
    mark: str
    """Equal as long as files and metadata are the same, whoever wrote them."""


def now(project_id: str, *, session: ClientSession | None = None) -> Now:
    """One round trip. Raises NotFound."""
    fields = ("files", "metadata", "revision", "updated_at", "archived_at")
    parts = raw.project_parts(project_id, fields, session=session)
    if parts is None:
        raise NotFound("project", project_id)
    return read(parts)


def read(parts: dict[str, Element]) -> Now:
    state = State()
    state.read_document(parts)
    updated_at = _value(parts, "updated_at")
    return Now(
        files=tuple(state.files),
        metadata=state.metadata,
        contents=state.fresh,
        revision=revision_of(_value(parts, "revision")) or 0,
        updated_at=updated_at if isinstance(updated_at, datetime) else None,
        is_archived=_value(parts, "archived_at") is not None,
        mark=mark_of(state.files, state.metadata),
    )


def mark_of(files: Sequence[Entry], metadata: Sha | None) -> str:
    """Names a state: its files in their order, and its metadata."""
    told = repr([each.stored() for each in files]).encode() + (metadata or b"")
    return manifest.sha_of(told).hex()[:32]


def mark_of_file(found: Now, path: str) -> str:
    """Names the state of one file: equal as long as nobody changed it."""
    return mark_of([each for each in found.files if each.path == path], None)


def seen_of(now_mark: str, target_mark: str) -> str:
    """What a form carries of a preview: from which state to which."""
    return f"{now_mark}.{target_mark}"


def is_no_list(files: Sequence[Entry]) -> bool:
    """Whether `files` was something else than a list."""
    return len(files) == 1 and files[0].kind == "raw" and files[0].path == WHOLE


def _value(parts: dict[str, Element], name: str) -> Any:
    return parts[name].decoded() if name in parts else None
