"""Files and metadata put back as they were kept elsewhere, byte for byte, with whatever fields they
have; and what stood there before, kept for a day, so that it can be undone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bson.raw_bson import RawBSONDocument
from pymongo.client_session import ClientSession

from devora_admin.core import mongo, raw_bson
from devora_admin.core.errors import Conflict
from devora_admin.core.raw_bson import ARRAY, Element
from devora_admin.projects.documents import EDITOR_UNDO, projects
from devora_admin.projects.paths import Namespace
from devora_admin.projects.services.file_undo import UNDO_LIFE
from devora_admin.projects.services.working_tree import WorkingTree, as_bytes, check_fits

KIND = "restore"
_METADATA = "metadata"


@dataclass(frozen=True, slots=True)
class Content:
    """What of a project can be put back."""

    files: Sequence[Element]
    """In order, whatever each of them is."""
    metadata: Element | None
    """None when it has none."""


def replace_all(tree: WorkingTree, content: Content, **mark: Any) -> None:
    """Files and metadata as a whole. mark: what else `edited_by` shall hold."""
    put = [Element(ARRAY, "files", raw_bson.build_array(content.files))]
    drop = []
    if content.metadata:
        put.append(content.metadata.named(_METADATA))
    else:
        drop.append(_METADATA)
    tree.write(put, drop, **mark)


def put_file(tree: WorkingTree, path: str, file: Element, *, place: int, **mark: Any) -> None:
    """In place of the file of that path, else new at `place` or at the end.

    Raises InvalidInput where two files have the path, or another stands in its way.
    """
    if path in tree.places:
        tree.write([file.named(f"files.{tree.place(path)}")], **mark)
        return
    check_fits(Namespace(tree.places), path)
    files = _files_now(tree)
    files.insert(min(place, len(files)), file)
    tree.write([Element(ARRAY, "files", raw_bson.build_array(files))], **mark)


def remove_file(tree: WorkingTree, path: str, **mark: Any) -> None:
    files = _files_now(tree)
    del files[tree.place(path)]
    tree.write([Element(ARRAY, "files", raw_bson.build_array(files))], **mark)


def _files_now(tree: WorkingTree) -> list[Element]:
    found = as_bytes(projects()).find_one(
        {"id": tree.id}, {"_id": 0, "files": 1}, session=tree.session
    )
    parts = raw_bson.elements(bytes(found.raw)) if found else []
    return raw_bson.elements(parts[0].data) if parts else []


def keep(tree: WorkingTree, token: str, before: Content, after: Content, **head: Any) -> None:
    """Stores what Undo needs for a day: of the files that were before only those that are not among
    the files after. head: what else the undo has to know."""
    there = {file.value: place for place, file in enumerate(after.files)}
    kept: list[Element] = []
    order = []
    for file in before.files:
        place = there.get(file.value)
        order.append(-1 - len(kept) if place is None else place)
        if place is None:
            kept.append(file)
    expires_at = tree.now + UNDO_LIFE
    is_same = before.metadata is not None and after.metadata == before.metadata
    about = {
        "_id": token, "kind": KIND, "project_id": tree.id, "actor_id": tree.actor.id,
        "order": order, "same_metadata": is_same, "expires_at": expires_at, **head,
    }  # fmt: skip
    rows: list[Any] = [about]
    rows += (_row(token, number, file, expires_at) for number, file in enumerate(kept))
    if before.metadata and not is_same:
        rows.append(_row(token, _METADATA, before.metadata, expires_at))
    mongo.database()[EDITOR_UNDO].insert_many(rows, session=tree.session)


def _row(token: str, number: int | str, file: Element, expires_at: Any) -> RawBSONDocument:
    key = f"{token}:{number:06}" if isinstance(number, int) else f"{token}:{number}"
    of = {"_id": key, "of": token, "expires_at": expires_at}
    parts = [raw_bson.element(value, name) for name, value in of.items()]
    return RawBSONDocument(raw_bson.build([*parts, file.named("entry")]))


@dataclass(frozen=True, slots=True)
class Kept:
    head: dict[str, Any]
    files: dict[int, Element]
    metadata: Element | None

    def before(self, after: Content) -> Content:
        """What was there before, out of what is there after."""
        files = [
            after.files[place] if place >= 0 else self.files[-1 - place]
            for place in self.head["order"]
        ]
        return Content(files, after.metadata if self.head["same_metadata"] else self.metadata)


def take_kept(token: str, session: ClientSession) -> Kept:
    """What `keep` stored, which is then gone. Raises Conflict after a day."""
    store = mongo.database()[EDITOR_UNDO]
    head = store.find_one_and_delete({"_id": token, "kind": KIND}, session=session)
    if head is None:
        raise Conflict(
            "A restore can be undone for a day, which is over. Restore the version before it."
        )
    own = {"_id": {"$gt": f"{token}:", "$lt": f"{token};"}}
    files, metadata = {}, None
    for row in as_bytes(store).find(own, session=session):
        parts = {part.name: part for part in raw_bson.elements(bytes(row.raw))}
        number = parts["_id"].decoded().rpartition(":")[2]
        if number == _METADATA:
            metadata = parts["entry"].named(_METADATA)
        else:
            files[int(number)] = parts["entry"]
    store.delete_many(own, session=session)
    return Kept(head, files, metadata)
