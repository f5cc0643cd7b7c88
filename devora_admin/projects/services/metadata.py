"""Changes to a project's metadata, on bytes: what is not changed keeps its type, order and bits.

Each write reads the metadata, checks that what the person saw is still there, writes the changed
paths alone and adds the audit row, all in one snapshot. A change in between makes MongoDB start
over, so an edit of another key is kept and one of the same key is a Conflict.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson.raw_bson import RawBSONDocument
from pymongo.client_session import ClientSession
from pymongo.errors import DocumentTooLarge, PyMongoError

from devora_admin.core import clock, mongo, raw_bson
from devora_admin.core.errors import Conflict, NotFound, TooLarge
from devora_admin.core.raw_bson import DOCUMENT, Element
from devora_admin.core.values import edits, paths
from devora_admin.core.values.paths import EMPTY, Path
from devora_admin.projects.documents import projects
from devora_admin.projects.queries.editor import revision_of
from devora_admin.projects.services import marking
from devora_admin.staff import audit

NAME = "metadata"
_READ = {"_id": 1, "user_id": 1, "name": 1, NAME: 1, "revision": 1}


def set_value(
    project_id: str, path: Path, *, kind: str, text: str, seen: str, actor: audit.Actor
) -> None:
    """seen: `mark_of` the value that was shown. Raises Conflict, InvalidInput, TooLarge."""
    change(project_id, edits.set_value(path, kind=kind, text=text, seen=seen), "set", actor=actor)


def add_value(
    project_id: str, path: Path, *, key: str, kind: str, text: str, actor: audit.Actor
) -> None:
    change(project_id, edits.add_value(path, key=key, kind=kind, text=text), "add", actor=actor)


def rename_key(project_id: str, path: Path, *, key: str, seen: str, actor: audit.Actor) -> None:
    change(project_id, edits.rename_key(path, key=key, seen=seen), "rename", actor=actor)


def remove_value(project_id: str, path: Path, *, seen: str, actor: audit.Actor) -> None:
    change(project_id, edits.remove_value(path, seen=seen), "remove", actor=actor)


def replace_json(project_id: str, *, base: str, text: str, actor: audit.Actor) -> None:
    """Raises InvalidInput (field text), TooLarge, or Conflict: see core.values.edits."""
    change(project_id, edits.replace_json(base=base, text=text, name=NAME), "json", actor=actor)


@dataclass(frozen=True, slots=True)
class _Stored:
    parts: dict[str, Element]

    @property
    def metadata(self) -> Element:
        return self.parts.get(NAME, EMPTY)

    def text(self, key: str) -> str:
        part = self.parts.get(key)
        value = part.decoded() if part else ""
        return value if isinstance(value, str) else ""


def change(project_id: str, plan: edits.Plan, verb: str, *, actor: audit.Actor) -> None:
    """Runs a plan on the metadata. verb: the end of the action's name in the audit log."""
    try:
        mongo.run_in_transaction(
            lambda session: apply(
                project_id, plan, f"project.metadata.{verb}", actor=actor, session=session
            )
        )
    except (PyMongoError, DocumentTooLarge) as error:
        if mongo.is_too_large(error):
            raise TooLarge(
                "With this change the project would pass MongoDB's limit of 16 MB. "
                "Nothing was written."
            ) from error
        raise


def apply(
    project_id: str, plan: edits.Plan, action: str, *, actor: audit.Actor, session: ClientSession
) -> bool:
    """Within the transaction of `session`; whether there was anything to change."""
    stored = _read(project_id, session)
    changes = list(plan(stored.metadata))
    if not changes:
        return False
    root = edits.changed(stored.metadata, changes)
    places = paths.write_paths(stored.metadata, changes)
    now = clock.now()
    by = marking.edited_by(actor, action, at=now)
    _update(stored, _statement(stored, root, places, now=now, by=by), session)
    audit.record(
        action,
        actor=actor,
        subject=audit.Subject("project", project_id, stored.text("name"), stored.text("user_id")),
        before=edits.audited(stored.metadata, places, name=NAME),
        after=edits.audited(root, places, name=NAME),
        session=session,
    )
    return True


def _read(project_id: str, session: ClientSession) -> _Stored:
    collection = projects().with_options(codec_options=raw_bson.RAW)
    found = collection.find_one({"id": project_id}, _READ, session=session)
    if found is None:
        raise NotFound("project", project_id)
    return _Stored({part.name: part for part in raw_bson.elements(bytes(found.raw))})


def _update(stored: _Stored, statement: RawBSONDocument, session: ClientSession) -> None:
    still = {"_id": stored.parts["_id"].decoded()}
    revision = stored.parts.get("revision")
    still["revision"] = {"$eq": revision.decoded()} if revision else {"$exists": False}
    user_id = stored.parts.get("user_id")
    if user_id:  # the shard key
        still["user_id"] = {"$eq": user_id.decoded()}
    if not projects().update_one(still, statement, session=session).matched_count:
        raise Conflict("This project was changed by someone else meanwhile. Nothing was written.")


def _statement(
    stored: _Stored, root: Element, places: list[Path], *, now: datetime, by: dict[str, Any]
) -> RawBSONDocument:
    """The update as bytes, since Python has no value for every BSON type."""
    put, drop = edits.written(root, places, name=NAME)
    put.append(raw_bson.element(now, "updated_at"))
    put.append(raw_bson.element(by, marking.FIELD))
    operators = []
    revision = stored.parts.get("revision")
    if revision is None or _is_countable(revision.decoded()):
        operators.append(raw_bson.element({"revision": 1}, "$inc"))
    else:
        put.append(raw_bson.element(1, "revision"))  # what stood there was no number
    operators.append(Element(DOCUMENT, "$set", raw_bson.build(put)))
    if drop:
        operators.append(Element(DOCUMENT, "$unset", raw_bson.build(drop)))
    return RawBSONDocument(raw_bson.build(operators))


def _is_countable(value: Any) -> bool:
    return isinstance(value, int) and revision_of(value) is not None
