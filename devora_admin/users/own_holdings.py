"""What this app holds about a customer: the account, notes about it, and copies made for export."""

from collections.abc import Iterator
from typing import Any

import pymongo
from pymongo.client_session import ClientSession

from devora_admin.core import mongo, raw_bson
from devora_admin.core.jobs import JOBS
from devora_admin.core.values import lines
from devora_admin.staff.masking import masked
from devora_admin.users import holdings
from devora_admin.users.documents import NOTES, customers
from devora_admin.users.erasing.documents import ERASURE_MARKS, ERASURES
from devora_admin.users.exporting.documents import EXPORT_CHUNKS, EXPORT_FILES, EXPORTS
from devora_admin.users.holdings import Document, Entry, Holding, Kind, Marks, Step, Verdict
from devora_admin.users.marks import is_distinctive


def register() -> None:
    """Called once, when the app is ready."""
    holdings.register(
        Holding(
            "account", "Account", holdings.ACCOUNT, ("users",),
            count=lambda marks: holdings.count(customers(), _own(marks)),
            export=_export_account,
            erase=lambda marks: holdings.batches(customers(), _own(marks)),
            verdict={"users": holdings.owned_by("id")},
            marks=_account_marks,
        )
    )  # fmt: skip
    holdings.register(
        Holding(
            "notes", "Notes of staff", holdings.STAFF_RECORDS, (NOTES,),
            count=lambda marks: holdings.count(mongo.database()[NOTES], _of(marks)),
            export=_export_notes,
            erase=lambda marks: holdings.batches(mongo.database()[NOTES], _of(marks)),
            verdict={NOTES: _note},
        )
    )  # fmt: skip
    holdings.register(
        Holding(
            "exports", "Copies made for export", holdings.BUILT,
            (EXPORTS, EXPORT_FILES, EXPORT_CHUNKS),
            count=lambda marks: holdings.count(mongo.database()[EXPORTS], _copied(marks)),
            export=None,
            erase=_erase_exports,
            verdict=dict.fromkeys((EXPORTS, EXPORT_FILES, EXPORT_CHUNKS), holdings.delete),
        )
    )  # fmt: skip
    holdings.register(
        Holding(
            "erasures", "Record of erasing", holdings.STAFF_RECORDS, (ERASURES, ERASURE_MARKS),
            count=lambda marks: 0, export=None, erase=lambda marks: iter(()),
            verdict={ERASURES: holdings.pseudonymous, ERASURE_MARKS: holdings.leave},
        )
    )  # fmt: skip


def _own(marks: Marks) -> dict[str, Any]:
    return {"id": holdings.one_of(marks.ids)}


def _of(marks: Marks) -> dict[str, Any]:
    return {"user_id": holdings.one_of(marks.ids)}


def _copied(marks: Marks) -> dict[str, Any]:
    return {"customer_id": holdings.one_of(marks.ids)}


def _note(document: Document, kinds: set[Kind], marks: Marks) -> Verdict:
    """A note about another customer may say why two are one: that is the other's."""
    return "theirs" if document.get("user_id") in marks.ids else "other"


def _account_marks(marks: Marks) -> Marks:
    """Addresses and names, also of accounts merged into this one; names only where nobody else
    has the same."""
    collection = customers().with_options(codec_options=raw_bson.LENIENT)
    with pymongo.timeout(holdings.PATIENCE_S):
        ids, seen = marks.ids, 0
        while len(ids) > seen:  # one that was merged into it may have taken others in before
            seen = len(ids)
            merged = collection.find({"merged_into": holdings.one_of(ids)}, {"id": 1})
            others = [row["id"] for row in merged if raw_bson.is_text(row.get("id"))]
            ids = tuple(dict.fromkeys([*ids, *sorted(others)]))
        found = list(collection.find({"id": holdings.one_of(ids)}, {"email": 1, "name": 1}))
        texts = {key: {row[key].strip() for row in found if raw_bson.is_text(row.get(key))}
                 for key in ("email", "name")}  # fmt: skip
        names = {
            name
            for name in texts["name"]
            if is_distinctive(name)
            and collection.find_one({"name": name, "id": {"$nin": list(ids)}}, {"_id": 1}) is None
        }
    emails = {email for email in texts["email"] if "@" in email}
    return Marks(ids, marks.emails, marks.names, marks.project_ids).with_more(
        emails=emails, names=names
    )


def _export_account(marks: Marks) -> Iterator[Entry]:
    def shape(data: bytes) -> Any:
        return masked(lines.tree_of(data))

    found = lines.documents(customers(), _own(marks), shape=shape)
    yield Entry("account.jsonl", lines.json_lines(found))


def _export_notes(marks: Marks) -> Iterator[Entry]:
    """Without who wrote them: that is about the staff."""

    def shape(data: bytes) -> Any:
        tree = lines.tree_of(data)
        return {key: tree[key] for key in ("text", "created_at", "edited_at") if key in tree}

    notes = mongo.database()[NOTES]
    yield Entry("notes.jsonl", lines.json_lines(lines.documents(notes, _of(marks), shape=shape)))


def _erase_exports(marks: Marks) -> Iterator[Step]:
    db = mongo.database()
    for row in list(db[EXPORTS].find(_copied(marks), {"file_ids": 1})):
        of_these = {"$in": row["file_ids"]}
        for chunks in holdings.ids_of(db[EXPORT_CHUNKS], {"files_id": of_these}, size=50):

            def pieces(session: ClientSession, chunks: list[Any] = chunks) -> int:
                db[EXPORT_CHUNKS].delete_many({"_id": {"$in": chunks}}, session=session)
                return 0

            yield pieces

        def copy(session: ClientSession, key: Any = row["_id"], of_these: Any = of_these) -> int:
            db[EXPORT_FILES].delete_many({"_id": of_these}, session=session)
            # Its address names the customer.
            of_it = {"params.export": key}
            db[JOBS].update_many(of_it, {"$set": {"result": None}}, session=session)
            return db[EXPORTS].delete_one({"_id": key}, session=session).deleted_count

        yield copy
