"""What this app holds about a customer: their projects with all that belongs to them, and what the
editor and the import keep beside a project."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

import bson
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from devora_admin.core import mongo, raw_bson
from devora_admin.core.raw_bson import Element
from devora_admin.core.values import lines
from devora_admin.projects.archives.export_names import place_names
from devora_admin.projects.archives.zip_writer import MALFORMED, file_stem, members_of
from devora_admin.projects.documents import (
    ARCHIVE,
    DELETIONS,
    EDITOR_PRESENCE,
    EDITOR_UNDO,
    MOVES,
    archive,
    conversations,
    import_reports,
    moves,
    projects,
    shown_name,
)
from devora_admin.projects.queries import thread_bytes
from devora_admin.projects.services import marking
from devora_admin.staff.documents import AUDIT_LOG
from devora_admin.users import holdings
from devora_admin.users.holdings import Document, Entry, Holding, Kind, Marks, Step, Verdict

_AT_ONCE = 5
"""Projects in one transaction: each may have 16 MB."""


def register() -> None:
    """Called once, when the app is ready."""
    holdings.register(
        Holding(
            "projects", "Projects", holdings.PROJECTS, ("projects",),
            count=lambda marks: holdings.count(projects(), _own(marks)),
            export=_export_projects,
            erase=lambda marks: holdings.batches(projects(), _own(marks), size=_AT_ONCE),
            verdict={"projects": holdings.owned_by("user_id")},
            marks=_project_marks,
        )
    )  # fmt: skip
    holdings.register(
        Holding(
            "conversations", "Old conversations and parts of long ones", holdings.BUILT,
            ("conversations", ARCHIVE, MOVES),
            count=lambda marks: sum(holdings.count(*each) for each in _conversations(marks)),
            export=_export_conversations,
            erase=_erase_conversations,
            verdict={
                **dict.fromkeys(("conversations", ARCHIVE), holdings.owned_by("user_id")),
                MOVES: _beside_a_project,
            },
        )
    )  # fmt: skip
    beside = (EDITOR_PRESENCE, EDITOR_UNDO, "import_reports")
    judges = {**dict.fromkeys(beside, _beside_a_project), DELETIONS: holdings.scrub}
    holdings.register(
        Holding(
            "kept", "Import reports, deleted files and open editors", holdings.BUILT, tuple(judges),
            count=_count_kept,
            export=_export_kept,
            erase=_erase_kept,
            verdict=judges,
        )
    )  # fmt: skip


def _own(marks: Marks) -> dict[str, Any]:
    return {"user_id": holdings.one_of(marks.ids)}


def _said(marks: Marks) -> dict[str, Any]:
    unowned = {"user_id": None, "project_id": holdings.one_of(marks.project_ids)}
    return {"$or": [_own(marks), unowned]}


def _beside_a_project(document: Document, kinds: set[Kind], marks: Marks) -> Verdict:
    project_id = document.get("project_id", document.get("_id"))
    is_theirs = isinstance(project_id, str) and project_id in marks.project_ids
    return "theirs" if is_theirs else "other"


def _project_marks(marks: Marks) -> Marks:
    """Projects they have, and had: those on record that were deleted, not those given away."""
    ids = _texts(projects().with_options(codec_options=raw_bson.LENIENT), _own(marks), "id")
    about = {"customer_id": holdings.one_of(marks.ids), "subject.kind": "project"}
    log = mongo.database()[AUDIT_LOG].find(about, {"subject.id": 1}).batch_size(1000)
    on_record = {row["subject"]["id"] for row in log}
    elsewhere: set[str] = set()
    past = sorted(on_record - ids)
    for start in range(0, len(past), holdings.AT_ONCE):
        some = past[start : start + holdings.AT_ONCE]
        elsewhere |= _texts(projects(), {"id": {"$in": some}}, "id")
    return marks.with_more(projects=ids | (on_record - elsewhere))


def _texts(collection: Collection[Any], condition: dict[str, Any], key: str) -> set[str]:
    found = collection.find(condition, {"_id": 0, key: 1}).batch_size(1000)
    return {row[key] for row in found if raw_bson.is_text(row.get(key)) and row[key]}


def _export_projects(marks: Marks) -> Iterator[Entry]:
    """Each project in a folder of its own: the files as files, and the whole document."""
    stored = projects().with_options(codec_options=raw_bson.RAW)
    for ids in holdings.ids_of(projects(), _own(marks)):
        for key in ids:
            raw: Any = stored.find_one({"_id": key, **_own(marks)})
            if raw is not None:
                yield from _project_entries(bytes(raw.raw))


def _project_entries(data: bytes) -> Iterator[Entry]:
    document = _decoded(data)
    data = _without_staff(data, document)
    text = lines.text_of(data)
    project_id, key = document.get("id"), document.get("_id")
    known = project_id if raw_bson.is_text(project_id) else f"no-id-{key}"
    # Cut: an id may be anything, and of any length.
    folder = f"projects/{file_stem(shown_name(document.get('name')))}-{file_stem(known)}"
    yield Entry(f"{folder}/project.json", [text.encode("utf-8", "backslashreplace")])
    if not lines.reads_back(text, data):
        yield Entry(f"{folder}/project.bson", [data])
    turns = _turns(data, project_id)
    if (first := next(turns, None)) is not None:
        trees = map(lines.tree_of_value, chain([first], turns))
        yield Entry(f"{folder}/conversation.jsonl", lines.json_lines(trees))
    members, faults = members_of(document.get("files"))
    if faults:
        members.append((MALFORMED, "\n".join(faults) + "\n"))
    for name, (_, content) in zip(place_names([name for name, _ in members]), members, strict=True):
        yield Entry(f"{folder}/files/{name}", [raw_bson.printable(content).encode()])


def _without_staff(data: bytes, document: dict[str, Any]) -> bytes:
    """Which member of staff wrote last is not the customer's to know, as in the audit log."""
    marked = document.get(marking.FIELD)
    if not isinstance(marked, dict) or marked.get("kind") != "staff":
        return data
    parts = raw_bson.elements(data)
    return raw_bson.build(part for part in parts if part.name != marking.FIELD)


def _decoded(data: bytes) -> dict[str, Any]:
    try:
        return dict(bson.decode(data, raw_bson.LENIENT))
    except bson.errors.BSONError:
        return {}


def _turns(data: bytes, project_id: Any) -> Iterator[Element]:
    """Of the whole thread, where one can be named."""
    if raw_bson.is_text(project_id):
        return thread_bytes.every(project_id)
    try:
        return iter(thread_bytes.list_in(data, "conversation_history"))
    except ValueError:
        return iter(())


def _conversations(marks: Marks) -> list[tuple[Collection[dict[str, Any]], dict[str, Any]]]:
    beside = {"project_id": holdings.one_of(marks.project_ids)}
    return [(conversations(), _said(marks)), (archive(), _said(marks)), (moves(), beside)]


def _erase_conversations(marks: Marks) -> Iterator[Step]:
    for collection, condition in _conversations(marks):
        yield from holdings.batches(collection, condition, size=_AT_ONCE)


def _export_conversations(marks: Marks) -> Iterator[Entry]:
    """As they are stored: each project's thread as a whole is with the project. The notes of moves
    hold what else an old document said, such as a title."""
    for collection, condition in _conversations(marks):
        found = lines.documents(collection, condition, batch_size=10)
        yield Entry(f"{collection.name}.jsonl", lines.json_lines(found))


def _undo_tokens(marks: Marks) -> list[str]:
    stored = mongo.database()[EDITOR_UNDO]
    heads = stored.find({"project_id": holdings.one_of(marks.project_ids)}, {"_id": 1})
    return [row["_id"] for row in heads]


def _kept(marks: Marks) -> list[tuple[Collection[dict[str, Any]], dict[str, Any]]]:
    """The undo rows before their heads, which alone name the project."""
    ids, db = holdings.one_of(marks.project_ids), mongo.database()
    return [
        (import_reports(), {"_id": ids}),
        (db[EDITOR_PRESENCE], {"project_id": ids}),
        (db[EDITOR_UNDO], {"of": {"$in": _undo_tokens(marks)}}),
        (db[EDITOR_UNDO], {"project_id": ids}),
    ]


def _count_kept(marks: Marks) -> int:
    kept = [*_kept(marks), (mongo.database()[DELETIONS], _to_be_deleted(marks))]
    return sum(holdings.count(collection, condition) for collection, condition in kept)


def _erase_kept(marks: Marks) -> Iterator[Step]:
    for collection, condition in _kept(marks):
        yield from holdings.batches(collection, condition)
    lists, wanted = mongo.database()[DELETIONS], _to_be_deleted(marks)
    theirs = {"$pull": {"items": {"id": holdings.one_of(marks.project_ids)}}}

    def strike_out(session: ClientSession) -> int:
        return lists.update_many(wanted, theirs, session=session).modified_count

    if holdings.count(lists, wanted):
        yield strike_out


def _to_be_deleted(marks: Marks) -> dict[str, Any]:
    return {"items.id": holdings.one_of(marks.project_ids)}


def _export_kept(marks: Marks) -> Iterator[Entry]:
    """Reports of imports and files deleted a short while ago; not which member of staff looked."""

    def shape(data: bytes) -> Any:
        tree = lines.tree_of(data)
        return {key: value for key, value in tree.items() if key != "by"}

    (reports, wanted), _, (undo, rows), _ = _kept(marks)
    found = lines.documents(reports, wanted, shape=shape)
    yield Entry("import_reports.jsonl", lines.json_lines(found))
    found = lines.documents(undo, rows, batch_size=10)
    yield Entry("deleted_files.jsonl", lines.json_lines(found))
