"""Changes to a project's metadata, on bytes: what is not changed keeps its type, order and bits.

Each write reads the metadata, checks that what the person saw is still there, writes the changed
paths alone and adds the audit row, all in one snapshot. A change in between makes MongoDB start
over, so an edit of another key is kept and one of the same key is a Conflict.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from bson.raw_bson import RawBSONDocument
from pymongo.client_session import ClientSession
from pymongo.errors import PyMongoError

from devora_admin.core import clock, mongo, raw_bson
from devora_admin.core.errors import Conflict, InvalidInput, NotFound, TooLarge
from devora_admin.core.raw_bson import DOCUMENT, Element
from devora_admin.core.values import difference, ejson, kinds, paths
from devora_admin.core.values.paths import NO_METADATA, Change, Path, mark_of
from devora_admin.projects.documents import projects
from devora_admin.projects.queries.editor import revision_of
from devora_admin.staff import audit

AUDITED_BYTES = 10_000
_READ = {"_id": 1, "user_id": 1, "name": 1, "metadata": 1, "revision": 1}

Plan = Callable[[Element], Iterable[Change]]


def set_value(
    project_id: str, path: Path, *, kind: str, text: str, seen: str, actor: audit.Actor
) -> None:
    """seen: `mark_of` the value that was shown. Raises Conflict, InvalidInput, TooLarge."""

    def plan(root: Element) -> list[Change]:
        current = _seen(root, path, seen)
        value = kinds.parsed(kind, text, previous=current)
        return [] if value.value == current.value else [Change("put", path, value)]

    _write(project_id, plan, actor=actor, action="project.metadata.set")


def add_value(
    project_id: str, path: Path, *, key: str, kind: str, text: str, actor: audit.Actor
) -> None:
    """Adds a key to the object at `path`, or an item at the end of the array there."""

    def plan(root: Element) -> list[Change]:
        around = paths.find(root, path)
        if around is None or not around.is_container:
            raise Conflict("The place to add to is no longer there.")
        value = kinds.parsed(kind, text)
        parts = raw_bson.elements(around.data)
        if around.kind == raw_bson.ARRAY:
            return [Change("put", (*path, len(parts)), value)]
        paths.check_key(key)
        if any(part.name == key for part in parts):
            raise InvalidInput("There is such a key already.", field="key")
        return [Change("put", (*path, key), value)]

    _write(project_id, plan, actor=actor, action="project.metadata.add")


def rename_key(project_id: str, path: Path, *, key: str, seen: str, actor: audit.Actor) -> None:
    """Gives a value another key; it stays where it stands among its neighbours."""

    def plan(root: Element) -> list[Change]:
        if not path or not isinstance(path[-1], str):
            raise InvalidInput("An item of an array has no key.", field="key")
        _seen(root, path, seen)
        paths.check_key(key)
        if key == path[-1]:
            return []
        if paths.find(root, (*path[:-1], key)) is not None:
            raise InvalidInput("There is such a key already.", field="key")
        return [Change("rename", path, key=key)]

    _write(project_id, plan, actor=actor, action="project.metadata.rename")


def remove_value(project_id: str, path: Path, *, seen: str, actor: audit.Actor) -> None:
    def plan(root: Element) -> list[Change]:
        if not path:
            raise InvalidInput("The metadata itself cannot be removed.", field="path")
        _seen(root, path, seen)
        return [Change("drop", path)]

    _write(project_id, plan, actor=actor, action="project.metadata.remove")


def replace_json(project_id: str, *, base: str, text: str, actor: audit.Actor) -> None:
    """Writes what differs between two Extended JSON texts: as shown, and as edited.

    Raises InvalidInput (field text), also for a text that is no object unless just that is stored,
    TooLarge, or Conflict when someone else changed one of the same places; its detail holds
    `current`, the metadata as it now is.
    """
    shown, mine = ejson.loads(base), ejson.loads(text)
    try:
        changes = list(difference.changes(shown, mine))
    except RecursionError as error:
        raise InvalidInput("This is nested too deeply.", field="text") from error

    def plan(root: Element) -> list[Change]:
        now = ejson.readable(root)
        if not difference.is_object(mine) and not difference.same(now, mine):
            raise InvalidInput("Metadata must be an object, such as {}.", field="text")
        for change in changes:
            _still_as_shown(shown, now, change.path)
        return changes

    _write(project_id, plan, actor=actor, action="project.metadata.json")


def _still_as_shown(shown: ejson.Json, now: ejson.Json, path: Path) -> None:
    if not difference.same(_at(shown, path), _at(now, path)):
        label = paths.path_label(path) or "metadata"
        raise Conflict(
            f"Someone else changed {label} meanwhile. Nothing was written.",
            detail={"path": label, "current": ejson.dumps(now)},
        )


_ABSENT = object()


def _at(tree: ejson.Json, path: Path) -> Any:
    for step in path:
        if not _holds(tree, step):
            return _ABSENT
        tree = tree[step]
    return tree


def _holds(tree: ejson.Json, step: str | int) -> bool:
    if isinstance(tree, list):
        return isinstance(step, int) and step < len(tree)
    return isinstance(tree, dict) and not ejson.is_wrapper(tree) and step in tree


def _seen(root: Element, path: Path, seen: str) -> Element:
    current = paths.find(root, path)
    label = paths.path_label(path) or "metadata"
    if current is None:
        raise Conflict(f"{label} is no longer there; someone else removed it.")
    if mark_of(current) != seen:
        value = kinds.shown(current)
        now = value.text if value.text else value.kind
        raise Conflict(
            f"Someone else changed {label} meanwhile; it is now {now[:200]}. Nothing was written.",
            detail={"current": now[:10_000], "kind": value.kind, "seen": mark_of(current)},
        )
    return current


@dataclass(frozen=True, slots=True)
class _Stored:
    parts: dict[str, Element]

    @property
    def metadata(self) -> Element:
        return self.parts.get("metadata", NO_METADATA)

    def text(self, key: str) -> str:
        part = self.parts.get(key)
        value = part.decoded() if part else ""
        return value if isinstance(value, str) else ""


def _write(project_id: str, plan: Plan, *, actor: audit.Actor, action: str) -> None:
    def work(session: ClientSession) -> None:
        stored = _read(project_id, session)
        changes = list(plan(stored.metadata))
        if not changes:
            return
        root = stored.metadata
        for change in changes:
            root = paths.applied(root, change)
        places = paths.write_paths(stored.metadata, changes)
        _update(stored, _statement(stored, root, places), session)
        audit.record(
            action,
            actor=actor,
            subject=audit.Subject(
                "project", project_id, stored.text("name"), stored.text("user_id")
            ),
            before=_audited(stored.metadata, places),
            after=_audited(root, places),
            session=session,
        )

    try:
        mongo.run_in_transaction(work)
    except PyMongoError as error:
        if mongo.is_too_large(error):
            raise TooLarge(
                "With this change the project would pass MongoDB's limit of 16 MB. "
                "Nothing was written."
            ) from error
        raise


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


def _statement(stored: _Stored, root: Element, places: list[Path]) -> RawBSONDocument:
    """The update as bytes, since Python has no value for every BSON type."""
    put, drop = [raw_bson.element(clock.now(), "updated_at")], []
    for place in places:
        name = ".".join(("metadata", *map(str, place)))
        value = paths.find(root, place)
        if value is None:
            drop.append(raw_bson.element("", name))
        else:
            put.append(value.named(name))
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


def _audited(root: Element, places: list[Path]) -> dict[str, Any]:
    """The values at those places, as Extended JSON; a large one by its size."""
    found: dict[str, Any] = {}
    for place in places:
        value = paths.find(root, place)
        name = paths.path_label(("metadata", *place))
        if value is None:
            found[name] = None
        elif len(value.data) > AUDITED_BYTES:
            found[name] = f"{kinds.kind_of(value)} of {len(value.data):,} bytes"
        else:
            found[name] = ejson.dumps(ejson.canonical(value))
    return found
