"""Saving what was typed: conditional on the project's revision and on what the file held before.

The platform writes projects without counting `revision`, so the revision alone would not see its
changes. The file's own previous content, compared by MongoDB in the same update, does.
"""

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError, PyMongoError, WriteError

from devora_admin.core import clock, mongo
from devora_admin.core.errors import Conflict, InvalidInput, NotFound, TooLarge
from devora_admin.projects.documents import projects, revision_is
from devora_admin.projects.queries.editor import digest, find_file, revision_of, text
from devora_admin.projects.services import marking
from devora_admin.staff import audit

ACTION = "project.file.edit"
ATTEMPTS = 5
_TYPE_MISMATCH = 14


@dataclass(frozen=True, slots=True)
class SavedFile:
    revision: int
    updated_at: datetime | None
    """None when the store held this very content already."""
    digest: str


def save_file(
    project_id: str,
    *,
    path: str,
    content: str,
    base_content: str,
    base_revision: int,
    actor: audit.Actor,
    tab: str,
) -> SavedFile:
    """Replaces the content of one file, if it still is `base_content`.

    tab: names the open editor; its first save of a file is put on record, later ones are not.
    Sending the same content again after a lost answer is a success.
    Raises Conflict with detail {reason: "changed", theirs, revision, digest} when the file changed,
    {reason: "gone"} or {reason: "archived"}; NotFound, InvalidInput or TooLarge.
    """
    checked_text(content)
    edit = _Edit(project_id, path, content, base_content)
    revision = base_revision
    for _ in range(ATTEMPTS):
        updated_at = _write(edit, revision, actor, tab)
        if updated_at:
            return SavedFile(revision + 1, updated_at, digest(content))
        found = find_file(project_id, path)
        if found is None:
            raise _gone(path)
        if found.content == content:
            return SavedFile(found.revision, None, found.digest)
        if found.content != base_content:
            raise Conflict(
                f"“{path}” was changed by someone else.",
                detail={
                    "reason": "changed",
                    "theirs": found.content,
                    "revision": found.revision,
                    "digest": found.digest,
                },
            )
        if found.revision == revision:
            raise _refused(project_id)
        revision = found.revision  # only something else in the project moved
    raise Conflict("The project is being changed too fast to save. Trying again soon helps.",
                   detail={"reason": "busy"})  # fmt: skip


def checked_text(content: str) -> str:
    """Raises InvalidInput for text that no UTF-8 can hold: half of a surrogate pair."""
    try:
        content.encode()
    except UnicodeEncodeError as error:
        line = content.count("\n", 0, error.start) + 1
        raise InvalidInput(
            f"Line {line} has half of a two-part character, which cannot be stored. "
            "Remove it to save.",
            field="content",
            detail={"line": line},
        ) from None
    return content


@dataclass(frozen=True, slots=True)
class _Edit:
    project_id: str
    path: str
    content: str
    base: str

    @property
    def held(self) -> Any:
        """What the stored content must equal; a missing one reads as empty."""
        return self.base if self.base else {"$in": ["", None]}


def _write(edit: _Edit, revision: int, actor: audit.Actor, tab: str) -> datetime | None:
    """When it was written; None when nothing matched."""
    row_id = _row_id(edit, actor, tab)
    try:
        if _recorded.has(row_id):
            return _update(edit, revision, actor)
        return _update_on_record(edit, revision, actor, row_id)
    except WriteError as error:
        if error.code == _TYPE_MISMATCH:
            raise InvalidInput(
                "The project's revision is no number, so it cannot be saved."
            ) from error
        raise _sized(error) from error
    except PyMongoError as error:
        raise _sized(error) from error


def _sized(error: PyMongoError) -> Exception:
    return too_large() if mongo.is_too_large(error) else error


def uncountable() -> InvalidInput:
    return InvalidInput("The project's revision is no number, so nothing in it can be saved.")


def too_large() -> TooLarge:
    return TooLarge("With this the project would pass 16 MB, the most the database can hold.")


def _update(
    edit: _Edit, revision: int, actor: audit.Actor, session: ClientSession | None = None
) -> datetime | None:
    now = clock.now()
    by = marking.edited_by(actor, ACTION, at=now, revision=revision + 1)
    changed = projects().update_one(
        {
            "id": edit.project_id,
            "archived_at": None,
            **revision_is(revision),
            "files": {"$elemMatch": {"name": edit.path, "content": edit.held}},
        },
        {
            "$set": {"files.$.content": edit.content, "updated_at": now, marking.FIELD: by},
            "$inc": {"revision": 1},
        },
        session=session,
    )
    return now if changed.matched_count else None


def _update_on_record(
    edit: _Edit, revision: int, actor: audit.Actor, row_id: str
) -> datetime | None:
    def work(session: ClientSession) -> datetime | None:
        updated_at = _update(edit, revision, actor, session)
        if updated_at:
            audit.record(
                ACTION,
                actor=actor,
                subject=subject_of(edit.project_id, session),
                before={"path": edit.path, **weight(edit.base)},
                after={"path": edit.path, **weight(edit.content)},
                session=session,
                row_id=row_id,
            )
        return updated_at

    try:
        updated_at = mongo.run_in_transaction(work)
    except DuplicateKeyError:  # another process of this server recorded it
        updated_at = _update(edit, revision, actor)
    if updated_at:
        _recorded.add(row_id)
    return updated_at


def weight(content: str) -> dict[str, Any]:
    """What the audit log keeps of a content."""
    data = content.encode()
    return {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}


def subject_of(project_id: str, session: ClientSession | None = None) -> audit.Subject:
    row = projects().find_one(
        {"id": project_id}, {"_id": 0, "name": 1, "user_id": 1}, session=session
    )
    row = row or {}
    return audit.Subject("project", project_id, text(row.get("name")), text(row.get("user_id")))


def _row_id(edit: _Edit, actor: audit.Actor, tab: str) -> str:
    key = "\0".join((edit.project_id, edit.path)).encode(errors="replace")
    return f"edit:{actor.id}:{tab}:{hashlib.sha256(key).hexdigest()[:32]}"


class _Recorded:
    """Rows this process knows to be in the audit log, the latest few thousand."""

    def __init__(self, limit: int = 5000) -> None:
        self._limit = limit
        self._keys: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def has(self, key: str) -> bool:
        with self._lock:
            if key not in self._keys:
                return False
            self._keys.move_to_end(key)
            return True

    def add(self, key: str) -> None:
        with self._lock:
            self._keys[key] = None
            while len(self._keys) > self._limit:
                self._keys.popitem(last=False)


_recorded = _Recorded()


def _gone(path: str) -> Conflict:
    return Conflict(f"“{path}” was renamed or deleted by someone else.", detail={"reason": "gone"})


def _refused(project_id: str) -> Exception:
    """Why an update did not match although revision and content did."""
    row = projects().find_one({"id": project_id}, {"_id": 0, "archived_at": 1, "revision": 1})
    if row is None:
        return NotFound("project", project_id)
    if revision_of(row.get("revision")) is None:
        return uncountable()
    if row.get("archived_at") is not None:
        return Conflict(
            "The project was archived. Restore it to save what you typed.",
            detail={"reason": "archived"},
        )
    return Conflict("The project is being changed just now.", detail={"reason": "busy"})
