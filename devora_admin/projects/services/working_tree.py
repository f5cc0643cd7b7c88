"""A project's list of files inside one transaction, for whatever changes it.

MongoDB aborts and repeats the transaction when anybody, the platform included, writes the project
in between, so what was checked still holds when it lands.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from bson.raw_bson import RawBSONDocument
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.errors import PyMongoError

from devora_admin.core import clock, mongo, raw_bson
from devora_admin.core.errors import Conflict, InvalidInput, NotFound
from devora_admin.core.raw_bson import DOCUMENT, Element
from devora_admin.projects.documents import projects, revision_is
from devora_admin.projects.paths import Namespace
from devora_admin.projects.queries.editor import each_file, name_in, revision_of, text
from devora_admin.projects.services import marking
from devora_admin.projects.services.files import too_large, uncountable
from devora_admin.staff import audit

T = TypeVar("T")
MOST_NAMES_ON_RECORD = 500


@dataclass(frozen=True, slots=True)
class Changed:
    revision: int
    updated_at: datetime
    undo: str = ""
    """A token for `file_undo.undo_change`; "" when there is nothing to bring back."""


class WorkingTree:
    """A project's list of files inside one transaction."""

    def __init__(
        self, project_id: str, session: ClientSession, action: str, actor: audit.Actor
    ) -> None:
        self.id, self.session = project_id, session
        self.action, self.actor = action, actor
        fields = {"type": {"$type": "$$file"}, "name": "$$file.name", "language": "$$file.language"}
        document = projects().find_one(
            {"id": project_id},
            {
                "_id": 0, "name": 1, "user_id": 1, "revision": 1, "archived_at": 1,
                "files_type": {"$type": "$files"}, "files": each_file(fields),
            },
            session=session,
        )  # fmt: skip
        if document is None:
            raise NotFound("project", project_id)
        _check_shape(document)
        self.subject = audit.Subject(
            "project", project_id, text(document.get("name")), text(document.get("user_id"))
        )
        self.revision = revision_of(document.get("revision")) or 0
        self.now = clock.now()
        entries = document["files"] or []
        self.languages: dict[str, Any] = {}
        self.places: dict[str, int] = {}
        for place, entry in enumerate(entries):
            if entry["type"] == "object" and raw_bson.is_text(entry.get("name")):
                self.places.setdefault(entry["name"], place)
                self.languages.setdefault(entry["name"], entry.get("language"))
        counted = Counter(entry["name"] for entry in entries if raw_bson.is_text(entry.get("name")))
        self._twice = {name for name, count in counted.items() if count > 1}

    def place(self, path: str) -> int:
        """Where in the list the file stands. Raises Conflict when it is no more."""
        if path in self._twice:
            raise InvalidInput(f"Two files have the name “{path}”, so neither can be changed here.")
        if path not in self.places:
            raise Conflict(
                f"“{path}” was renamed or deleted by someone else.",
                detail={"reason": "gone", "path": path},
            )
        return self.places[path]

    def raw(self, paths: Iterable[str]) -> dict[str, RawBSONDocument]:
        """Whole entries, as bytes, so that nothing in them is ever changed by reading."""
        wanted = {"$filter": {"input": "$files", "as": "file", "cond": name_in(paths)}}
        document = as_bytes(projects()).find_one(
            {"id": self.id}, {"_id": 0, "files": wanted}, session=self.session
        )
        found = (document["files"] if document else None) or []
        return {entry["name"]: entry for entry in found}

    def update(self, change: dict[str, Any] | list[dict[str, Any]], **mark: Any) -> None:
        """Each update says whose it is: the stream shows them one by one.

        mark: what else `edited_by` shall hold.
        """
        by = marking.edited_by(
            self.actor, self.action, at=self.now, revision=self.revision + 1, **mark
        )
        if isinstance(change, list):
            change = [*change, {"$set": {marking.FIELD: {"$literal": by}}}]
        else:
            change = {**change, "$set": {**change.get("$set", {}), marking.FIELD: by}}
        changed = projects().update_one(
            {"id": self.id, **revision_is(self.revision)}, change, session=self.session
        )
        if not changed.matched_count:
            raise busy()

    def write(self, put: Iterable[Element], drop: Iterable[str] = (), **mark: Any) -> None:
        """Sets and removes fields as bytes, since Python has no value for every BSON type, and
        counts the change: one update, which the stream shows as one. Put it on record after."""
        by = marking.edited_by(
            self.actor, self.action, at=self.now, revision=self.revision + 1, **mark
        )
        own = [raw_bson.element(self.now, "updated_at"), raw_bson.element(by, marking.FIELD)]
        operators = [
            Element(DOCUMENT, "$set", raw_bson.build([*put, *own])),
            raw_bson.element({"revision": 1}, "$inc"),
        ]
        if gone := dict.fromkeys(drop, ""):
            operators.append(raw_bson.element(gone, "$unset"))
        changed = projects().update_one(
            {"id": self.id, **revision_is(self.revision)},
            RawBSONDocument(raw_bson.build(operators)),
            session=self.session,
        )
        if not changed.matched_count:
            raise busy()

    def finish(self, *, before: Any = None, after: Any = None, **mark: Any) -> None:
        """Counts the change and puts it on record. Last, as the other updates are conditional on
        the old revision."""
        self.update({"$set": {"updated_at": self.now}, "$inc": {"revision": 1}}, **mark)
        audit.record(
            self.action, actor=self.actor, subject=self.subject, before=before, after=after,
            session=self.session,
        )  # fmt: skip

    def done(self, undo: str = "") -> Changed:
        return Changed(self.revision + 1, self.now, undo)


def busy() -> Conflict:
    return Conflict(
        "The project was changed by someone else just now. Try again.", detail={"reason": "busy"}
    )


def _check_shape(document: dict[str, Any]) -> None:
    if document["files_type"] not in ("array", "missing"):
        kind = document["files_type"]
        raise InvalidInput(f"The project's files are stored as {kind}, not as a list.")
    # A missing revision counts as 0, but $inc refuses one that is null.
    revision = document.get("revision", 0)
    if revision is None or revision_of(revision) is None:
        raise uncountable()
    if document.get("archived_at") is not None:
        raise Conflict("The project is archived. Restore it first.", detail={"reason": "archived"})


def as_bytes(collection: Collection[Any]) -> Collection[Any]:
    return collection.with_options(codec_options=raw_bson.RAW)


def change(
    project_id: str, work: Callable[[WorkingTree], T], *, action: str, actor: audit.Actor
) -> T:
    """action: as in the audit log."""
    try:
        return mongo.run_in_transaction(
            lambda session: work(WorkingTree(project_id, session, action, actor))
        )
    except PyMongoError as error:
        if mongo.is_too_large(error):
            raise too_large() from error
        raise


def on_record(paths: Iterable[str]) -> dict[str, Any]:
    listed = list(paths)
    return {"files": listed[:MOST_NAMES_ON_RECORD], "count": len(listed)}


def check_fits(space: Namespace, path: str) -> None:
    fault = space.clash(path)
    if fault:
        raise InvalidInput(fault, field="path", detail={"path": path})
