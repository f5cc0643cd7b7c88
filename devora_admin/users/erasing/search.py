"""Looking for a customer's traces in every document of the database, byte by byte, and dealing with
each: what is theirs is deleted, the dashboard's own records forget them, and what belongs to others
is left and counted."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import bson
import pymongo
from pymongo.client_session import ClientSession

from devora_admin.core import mongo, raw_bson
from devora_admin.core.raw_bson import Element
from devora_admin.users import holdings
from devora_admin.users.erasing.documents import ERASURE_MARKS
from devora_admin.users.erasing.scrub import scrubbed
from devora_admin.users.holdings import Verdict
from devora_admin.users.marks import Kind, Marks

_BATCH_DOCUMENTS = 20_000
"""Asked for at once; 16 MB is the most that comes."""


@dataclass(frozen=True, slots=True)
class Trace:
    collection: str
    key: Element
    """The document's `_id`, as bytes: decoded and encoded again, some would be another."""
    kinds: frozenset[Kind]
    verdict: Verdict


@dataclass(slots=True)
class Search:
    """What a search through everything met. `traces` does it."""

    collections: int = 0
    documents: int = 0
    size_bytes: int = 0
    others: dict[str, int] = field(default_factory=dict)
    """Documents of others that mention the customer, by collection."""
    records: dict[str, int] = field(default_factory=dict)
    """Of the pseudonymous record, by collection."""

    def traces(self, marks: Marks) -> Iterator[Trace | None]:
        """Those to be dealt with; None after each batch that was looked through."""
        for name in sorted(_collections()):
            self.collections += 1
            for batch in _batches(name):
                self.size_bytes += len(batch)
                if marks.found_in(batch):
                    yield from self._sorted(name, batch, marks)
                yield None
            self.documents += mongo.database()[name].estimated_document_count()

    def _sorted(self, name: str, batch: bytes, marks: Marks) -> Iterator[Trace]:
        for document in bson.decode_all(batch, raw_bson.RAW):
            trace = trace_of(name, bytes(document.raw), marks)
            if trace is None:
                continue
            if trace.verdict == "other":
                self.others[name] = self.others.get(name, 0) + 1
            elif trace.verdict == "record":
                self.records[name] = self.records.get(name, 0) + 1
            else:
                yield trace


def trace_of(collection: str, data: bytes, marks: Marks) -> Trace | None:
    kinds = marks.found_in(data)
    if not kinds:
        return None
    document = dict(bson.decode(data, raw_bson.LENIENT))
    verdict = holdings.judge_of(collection)(document, kinds, marks)
    key = next(part for part in raw_bson.elements(data) if part.name == "_id")
    return Trace(collection, key, frozenset(kinds), verdict)


def deal_with(trace: Trace, marks: Marks, session: ClientSession) -> int:
    """Deletes or mends one document, as it is now; returns how many were changed."""
    collection = mongo.database()[trace.collection].with_options(codec_options=raw_bson.RAW)
    this = raw_bson.document(_id=trace.key)
    found: Any = collection.find_one(this, session=session)
    if found is None:
        return 0
    now = trace_of(trace.collection, bytes(found.raw), marks)
    if now is None or now.verdict not in ("theirs", "mentions"):
        return 0
    if now.verdict == "mentions":
        change = scrubbed(dict(bson.decode(bytes(found.raw), raw_bson.LENIENT)), marks)
        if change is not None:
            return collection.update_one(this, {"$set": change}, session=session).modified_count
    return collection.delete_one(this, session=session).deleted_count


def _collections() -> list[str]:
    found = mongo.database().list_collections(filter={"type": "collection"})
    # The marks are what is searched for.
    return [
        each["name"]
        for each in found
        if not each["name"].startswith("system.") and each["name"] != ERASURE_MARKS
    ]


def _batches(name: str) -> Iterator[bytes]:
    with pymongo.timeout(holdings.PATIENCE_S):
        # Typed as a cursor of documents; what comes are batches of them, as bytes.
        cursor: Any = mongo.database()[name].find_raw_batches({}, batch_size=_BATCH_DOCUMENTS)
        batch = next(cursor, None)
    while batch is not None:
        yield batch
        with pymongo.timeout(holdings.PATIENCE_S):
            batch = next(cursor, None)
