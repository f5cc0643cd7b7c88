"""Changes to which files a project has: create, move, delete, undo, and edits of many at once.

Each is one transaction with its audit row. MongoDB aborts and repeats it when anybody, the
platform included, writes the project in between, so what was checked still holds when it lands.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, TypeVar

from bson.raw_bson import RawBSONDocument
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.errors import PyMongoError

from devora_admin.core import clock, mongo, raw_bson
from devora_admin.core.errors import Conflict, InvalidInput, NotFound
from devora_admin.core.ids import new_id
from devora_admin.projects.documents import EDITOR_UNDO, projects, revision_is
from devora_admin.projects.languages import language_of
from devora_admin.projects.paths import Namespace, checked_path
from devora_admin.projects.queries.editor import digest, each_file, name_in, revision_of, text
from devora_admin.projects.services.files import checked_text, too_large, uncountable, weight
from devora_admin.staff import audit

T = TypeVar("T")
UNDO_LIFE = timedelta(days=1)
MOST_NAMES_ON_RECORD = 500


@dataclass(frozen=True, slots=True)
class NewFile:
    path: str
    content: str
    replace: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Edit:
    path: str
    content: str
    base_content: str


@dataclass(frozen=True, slots=True)
class Changed:
    revision: int
    updated_at: datetime
    undo: str = ""
    """A token for `undo_change`; "" when there is nothing to bring back."""


class _Tree:
    """A project's list of files inside one transaction."""

    def __init__(self, project_id: str, session: ClientSession) -> None:
        self.id, self.session = project_id, session
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
        document = _as_bytes(projects()).find_one(
            {"id": self.id}, {"_id": 0, "files": wanted}, session=self.session
        )
        found = (document["files"] if document else None) or []
        return {entry["name"]: entry for entry in found}

    def update(self, change: dict[str, Any]) -> None:
        changed = projects().update_one(
            {"id": self.id, **revision_is(self.revision)}, change, session=self.session
        )
        if not changed.matched_count:
            raise Conflict("The project was changed by someone else just now. Try again.",
                           detail={"reason": "busy"})  # fmt: skip

    def finish(self) -> None:
        """Counts the change. Last, as the other updates are conditional on the old revision."""
        self.update({"$set": {"updated_at": self.now}, "$inc": {"revision": 1}})

    def record(
        self, action: str, actor: audit.Actor, *, before: Any = None, after: Any = None
    ) -> None:
        audit.record(
            action, actor=actor, subject=self.subject, before=before, after=after,
            session=self.session,
        )  # fmt: skip

    def done(self, undo: str = "") -> Changed:
        return Changed(self.revision + 1, self.now, undo)


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


def _as_bytes(collection: Collection[Any]) -> Collection[Any]:
    return collection.with_options(codec_options=raw_bson.RAW)


def _change(project_id: str, work: Callable[[_Tree], T]) -> T:
    try:
        return mongo.run_in_transaction(lambda session: work(_Tree(project_id, session)))
    except PyMongoError as error:
        if mongo.is_too_large(error):
            raise too_large() from error
        raise


def _names(paths: Iterable[str]) -> dict[str, Any]:
    listed = list(paths)
    return {"files": listed[:MOST_NAMES_ON_RECORD], "count": len(listed)}


def create_files(project_id: str, files: list[NewFile], *, actor: audit.Actor) -> Changed:
    """Adds files; those marked `replace` may take the place of one that is there.

    Raises InvalidInput (a bad path, or one that is taken), Conflict, TooLarge or NotFound.
    """
    _each_once(file.path for file in files)
    for file in files:
        checked_path(file.path)
        checked_text(file.content)

    def work(tree: _Tree) -> Changed:
        replaced: list[NewFile] = []
        added: list[NewFile] = []
        for file in files:
            is_there = file.replace and file.path in tree.places
            (replaced if is_there else added).append(file)
        space = Namespace(tree.places)
        for file in added:
            _fits(space, file.path)
            space.add(file.path)
        undo = _replace(tree, replaced, actor)
        if added:
            entries = [
                {"name": file.path, "content": file.content, "language": language_of(file.path)}
                for file in added
            ]
            tree.update({"$push": {"files": {"$each": entries}}})
        tree.finish()
        after = _names(file.path for file in files)
        tree.record("project.files.create", actor, after={**after, "replaced": len(replaced)})
        return tree.done(undo)

    return _change(project_id, work)


def _each_once(paths: Iterable[str]) -> None:
    counted = Counter(paths)
    if not counted:
        raise InvalidInput("Choose at least one file.")
    path, count = counted.most_common(1)[0]
    if count > 1:
        raise InvalidInput(f"“{path}” is named twice.", field="path", detail={"path": path})


def _fits(space: Namespace, path: str) -> None:
    fault = space.clash(path)
    if fault:
        raise InvalidInput(fault, field="path", detail={"path": path})


def _replace(tree: _Tree, files: list[NewFile], actor: audit.Actor) -> str:
    if not files:
        return ""
    before = tree.raw(file.path for file in files)
    tree.update(
        {"$set": {f"files.{tree.place(file.path)}.content": file.content for file in files}}
    )
    kept = [
        {"path": file.path, "entry": before[file.path], "digest": digest(file.content)}
        for file in files
    ]
    return _keep(tree, "replace", kept, actor)


def move_files(project_id: str, moves: list[Move], *, actor: audit.Actor) -> Changed:
    """Renames files, all or none. A language that followed from the old name follows the new."""
    _each_once(move.old for move in moves)
    for move in moves:
        checked_path(move.new)

    def work(tree: _Tree) -> Changed:
        places = {move.old: tree.place(move.old) for move in moves}
        space = Namespace(path for path in tree.places if path not in places)
        renamed: dict[str, str] = {}
        for move in moves:
            _fits(space, move.new)
            space.add(move.new)
            place = places[move.old]
            renamed[f"files.{place}.name"] = move.new
            if tree.languages[move.old] == language_of(move.old) != language_of(move.new):
                renamed[f"files.{place}.language"] = language_of(move.new)
        tree.update({"$set": renamed})
        tree.finish()
        tree.record(
            "project.files.move", actor,
            before=_names(move.old for move in moves), after=_names(move.new for move in moves),
        )  # fmt: skip
        return tree.done()

    return _change(project_id, work)


def delete_files(project_id: str, paths: list[str], *, actor: audit.Actor) -> Changed:
    """Removes files and keeps them, whole, for `undo_change` for a day."""
    _each_once(paths)

    def work(tree: _Tree) -> Changed:
        places = {path: tree.place(path) for path in paths}
        entries = tree.raw(paths)
        kept = [
            {"path": path, "place": places[path], "entry": entries[path]}
            for path in sorted(places, key=lambda path: places[path])
        ]
        undo = _keep(tree, "delete", kept, actor)
        # A malformed name that is a list is equal to each of its items; such a file stays.
        named = {"$in": list(places), "$not": {"$type": "array"}}
        tree.update({"$pull": {"files": {"name": named}}})
        tree.finish()
        tree.record("project.files.delete", actor, before=_names(places))
        return tree.done(undo)

    return _change(project_id, work)


def _keep(tree: _Tree, kind: str, kept: list[dict[str, Any]], actor: audit.Actor) -> str:
    """Stores what Undo needs, a document per file so that none can pass 16 MB."""
    token = new_id()
    expires = {"expires_at": tree.now + UNDO_LIFE}
    head = {"_id": token, "kind": kind, "project_id": tree.id, "actor_id": actor.id, **expires}
    rows = [
        {"_id": f"{token}:{number:06}", "of": token, **row, **expires}
        for number, row in enumerate(kept)
    ]
    mongo.database()[EDITOR_UNDO].insert_many([head, *rows], session=tree.session)
    return token


def undo_change(project_id: str, token: str, *, actor: audit.Actor) -> Changed:
    """Brings deleted or replaced files back as they were, once. Raises NotFound or Conflict."""

    def work(tree: _Tree) -> Changed:
        store = mongo.database()[EDITOR_UNDO]
        wanted = {"_id": token, "project_id": project_id, "actor_id": actor.id}
        head = store.find_one_and_delete(wanted, session=tree.session)
        if head is None:
            raise NotFound("change to undo", token)
        own = {"_id": {"$gt": f"{token}:", "$lt": f"{token};"}}
        rows = list(_as_bytes(store).find(own, session=tree.session).sort("_id"))
        if head["kind"] == "delete":
            _put_back(tree, rows)
        else:
            _take_back(tree, rows)
        store.delete_many(own, session=tree.session)
        tree.finish()
        tree.record("project.files.undo", actor, after=_names(row["path"] for row in rows))
        return tree.done()

    return _change(project_id, work)


def _put_back(tree: _Tree, rows: list[RawBSONDocument]) -> None:
    space = Namespace(tree.places)
    for row in rows:
        _fits(space, row["path"])
    # Neighbours go back in one step, at the place they had.
    for _, run in groupby(enumerate(rows), lambda pair: pair[1]["place"] - pair[0]):
        together = [row for _, row in run]
        entries = {"$each": [row["entry"] for row in together], "$position": together[0]["place"]}
        tree.update({"$push": {"files": entries}})


def _take_back(tree: _Tree, rows: list[RawBSONDocument]) -> None:
    now = tree.raw(row["path"] for row in rows)
    restored = {}
    for row in rows:
        path = row["path"]
        place = tree.place(path)
        if digest(text(now[path].get("content"))) != row["digest"]:
            raise Conflict(f"“{path}” was changed since, so it was left as it is.",
                           detail={"reason": "changed", "path": path})  # fmt: skip
        restored[f"files.{place}"] = row["entry"]
    tree.update({"$set": restored})


def save_files(project_id: str, edits: list[Edit], *, actor: audit.Actor) -> Changed:
    """Changes the contents of several files, all or none, each only from its `base_content`."""
    _each_once(edit.path for edit in edits)
    for edit in edits:
        checked_text(edit.content)

    def work(tree: _Tree) -> Changed:
        now = tree.raw(edit.path for edit in edits)
        written = {}
        for edit in edits:
            place = tree.place(edit.path)
            held = now[edit.path].get("content")
            held = "" if held is None else held
            if not raw_bson.is_text(held) or held != edit.base_content:
                raise Conflict(
                    f"“{edit.path}” was changed by someone else. Nothing was replaced.",
                    detail={"reason": "changed", "path": edit.path},
                )
            written[f"files.{place}.content"] = edit.content
        tree.update({"$set": written})
        tree.finish()
        tree.record(
            "project.files.edit", actor,
            before={"files": [{"path": e.path, **weight(e.base_content)} for e in edits]},
            after={"files": [{"path": e.path, **weight(e.content)} for e in edits]},
        )  # fmt: skip
        return tree.done()

    return _change(project_id, work)
