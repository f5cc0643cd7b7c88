"""What is remembered of a merge: enough to go on after a crash, and to take it back."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from devora_admin.core import mongo, raw_bson
from devora_admin.core.errors import Conflict, NotFound

MERGES = "customer_merges"
MOVES = "customer_merge_moves"
"""One document per batch: the ids that changed hands, written with the change itself."""

State = Literal["moving", "done", "undoing", "undone"]

mongo.declare_indexes(
    MERGES,
    [
        # Both customers of a merge under way: neither can be in a second one.
        IndexModel(
            [("busy", ASCENDING)],
            name="busy",
            unique=True,
            partialFilterExpression={"busy": {"$exists": True}},
        ),
        IndexModel([("kept.id", ASCENDING), ("created_at", DESCENDING)], name="kept"),
        IndexModel([("absorbed.id", ASCENDING), ("created_at", DESCENDING)], name="absorbed"),
    ],
)
mongo.declare_indexes(MOVES, [IndexModel([("merge_id", ASCENDING)], name="merge_id")])


@dataclass(frozen=True, slots=True)
class Merge:
    id: str
    kept_id: str
    kept_label: str
    absorbed_id: str
    absorbed_label: str
    state: State
    created_at: datetime
    moved: dict[str, int]
    batches: int
    job_id: str
    row_id: str
    """Of the audit log: what an undo names."""


@dataclass(frozen=True, slots=True)
class Batch:
    id: str
    number: int
    name: str
    """Of the Owned."""
    ids: tuple[Any, ...]


def merges() -> Collection[dict[str, Any]]:
    return mongo.database()[MERGES].with_options(codec_options=raw_bson.LENIENT)


def moves() -> Collection[dict[str, Any]]:
    return mongo.database()[MOVES]


def find(merge_id: str, *, session: ClientSession | None = None) -> Merge:
    """Raises NotFound."""
    found = merges().find_one({"_id": {"$eq": merge_id}}, _SHOWN, session=session)
    if found is None:
        raise NotFound("merge", merge_id)
    return _merge(found)


def of_customer(user_id: str, *, limit: int = 20) -> list[Merge]:
    """Those the customer was kept or absorbed in, the latest first."""
    either = {"$or": [{"kept.id": user_id}, {"absorbed.id": user_id}]}
    found = merges().find(either, _SHOWN).sort("created_at", DESCENDING).limit(limit)
    return [_merge(row) for row in found]


def is_busy(user_id: str, *, session: ClientSession | None = None) -> bool:
    """Whether documents of the customer are changing hands now."""
    return merges().find_one({"busy": {"$eq": user_id}}, {"_id": 1}, session=session) is not None


def refuse_if_busy(user_id: str, *, session: ClientSession | None = None) -> None:
    """Raises Conflict while what the customer owns is changing hands."""
    if is_busy(user_id, session=session):
        raise Conflict("A merge of this customer is under way. Try again when it is done.")


_SHOWN = {"accounts": 0, "joined": 0}


def _merge(row: dict[str, Any]) -> Merge:
    return Merge(
        id=row["_id"],
        kept_id=row["kept"]["id"],
        kept_label=row["kept"]["label"],
        absorbed_id=row["absorbed"]["id"],
        absorbed_label=row["absorbed"]["label"],
        state=row["state"],
        created_at=row["created_at"],
        moved=dict(row["moved"]),
        batches=row["batches"],
        job_id=row["job_id"],
        row_id=row["row_id"],
    )


def batch_id(merge_id: str, number: int) -> str:
    return f"{merge_id}:{number:08d}"


def batches(merge_id: str, *, after: int = 0) -> Iterator[Batch]:
    """In the order they were moved. after: the number of the last one seen."""
    # ";" follows ":", so these are the batches of this merge and no other.
    ids = {"$gt": batch_id(merge_id, after), "$lt": f"{merge_id};"}
    for row in moves().find({"_id": ids}).sort("_id", ASCENDING):
        yield Batch(row["_id"], row["number"], row["name"], tuple(row["ids"]))
