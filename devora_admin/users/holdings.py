"""What the dashboard's apps hold about a customer. Each app registers in its AppConfig.ready():

    holdings.register(Holding(
        "issues", "Support issues", order=holdings.RECORDS, collections=("support_issues",),
        count=…, export=…, erase=…, verdict=holdings.owned_by("user_id"),
    ))

An export writes what every holding gives; an erasure empties every holding and then looks through
every collection of the database, whether registered or not. A collection that holds nothing about
customers is named with the reason: `holdings.nothing_in("staff_factors", "…")`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

import pymongo
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from devora_admin.users.marks import Kind as Kind
from devora_admin.users.marks import Marks as Marks

# The order of erasing. What leads to other documents goes after them, the account last of all.
BUILT, RECORDS, PROJECTS, STAFF_RECORDS, ACCOUNT = 10, 20, 30, 40, 90

AT_ONCE = 500
PATIENCE_S = 60.0
"""A job may wait for what a page may not."""

Document = Mapping[str, Any]
Step = Callable[[ClientSession], int]
"""Erases a batch within a transaction and returns how many documents; twice is harmless."""

Verdict = Literal["theirs", "mentions", "other", "record"]
"""What a document with a mark in it is: the customer's, and to be deleted; the dashboard's, and the
mark to be taken out of it; somebody else's, and to be left as it is; or the pseudonymous record."""
Judge = Callable[[Document, set[Kind], Marks], Verdict]


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the export."""

    path: str
    """Safe to unpack, unique within its holding."""
    chunks: Iterable[bytes]


@dataclass(frozen=True, slots=True)
class Holding:
    name: str
    label: str
    order: int
    collections: tuple[str, ...]
    count: Callable[[Marks], int]
    """How many documents `erase` would erase now."""
    export: Callable[[Marks], Iterator[Entry]] | None
    """None for what is no more than the dashboard's own working state. Reading its files raises
    jobs.NotNow when another store that has part of it is away."""
    erase: Callable[[Marks], Iterator[Step]]
    """Begins anew after a crash: what is gone already is not met again."""
    verdict: Mapping[str, Judge]
    """By collection: what a document found there by its bytes is."""
    marks: Callable[[Marks], Marks] | None = None
    """Adds what else tells the customer's traces."""
    find_elsewhere: Callable[[Marks], int] | None = None
    """How many traces are left where a search of MongoDB's bytes does not see: in another store,
    compressed, or encoded. Raises jobs.NotNow when that store is away."""


_holdings: dict[str, Holding] = {}
_nothing: dict[str, str] = {}


def register(holding: Holding) -> None:
    if set(holding.collections) != set(holding.verdict):
        raise ValueError(f"{holding.name}: every collection needs a judge")
    _holdings[holding.name] = holding


def nothing_in(collection: str, reason: str) -> None:
    _nothing[collection] = reason


def registered() -> list[Holding]:
    return sorted(_holdings.values(), key=lambda each: (each.order, each.name))


def reasons() -> dict[str, str]:
    """Why a collection holds nothing about customers."""
    return dict(_nothing)


def judge_of(collection: str) -> Judge:
    for holding in _holdings.values():
        if collection in holding.verdict:
            return holding.verdict[collection]
    return leave if collection in _nothing else _unknown


def leave(document: Document, kinds: set[Kind], marks: Marks) -> Verdict:
    return "other"


def pseudonymous(document: Document, kinds: set[Kind], marks: Marks) -> Verdict:
    """For what must stay on record: it may name ids, and nothing else."""
    return "record" if kinds <= {"id", "project"} else "other"


def scrub(document: Document, kinds: set[Kind], marks: Marks) -> Verdict:
    """For the dashboard's own documents. A name alone may be another's."""
    return "other" if kinds == {"name"} else "mentions"


def delete(document: Document, kinds: set[Kind], marks: Marks) -> Verdict:
    """For documents of the dashboard that are of no use without what they name."""
    return "other" if kinds == {"name"} else "theirs"


def owned_by(field: str) -> Judge:
    """For documents that name their owner, as the platform's do."""

    def judge(document: Document, kinds: set[Kind], marks: Marks) -> Verdict:
        owner = document.get(field)
        if isinstance(owner, str) and owner:
            return "theirs" if owner in marks.ids else "other"
        return "theirs" if kinds & {"id", "project"} else "other"

    return judge


def _unknown(document: Document, kinds: set[Kind], marks: Marks) -> Verdict:
    """Of a collection no app knows, only what says whose it is."""
    named = (document.get(key) for key in ("user_id", "customer_id", "userId"))
    is_theirs = any(isinstance(each, str) and each in marks.ids for each in named)
    return "theirs" if is_theirs else "other"


def batches(
    collection: Collection[dict[str, Any]], condition: dict[str, Any], *, size: int = AT_ONCE
) -> Iterator[Step]:
    """Deletes what matches, some at a time."""
    for ids in ids_of(collection, condition, size=size):

        def step(session: ClientSession, ids: list[Any] = ids) -> int:
            still = {"$and": [{"_id": {"$in": ids}}, condition]}
            return collection.delete_many(still, session=session).deleted_count

        yield step


def ids_of(
    collection: Collection[dict[str, Any]], condition: dict[str, Any], *, size: int = AT_ONCE
) -> Iterator[list[Any]]:
    """Lists of `_id`, in batches. Patient: the condition may have no index."""
    with pymongo.timeout(PATIENCE_S):
        found = collection.find(condition, {"_id": 1}).batch_size(size)
        first = list(islice(found, size))
    while first:
        yield [row["_id"] for row in first]
        with pymongo.timeout(PATIENCE_S):
            first = list(islice(found, size))


def count(collection: Collection[dict[str, Any]], condition: dict[str, Any]) -> int:
    with pymongo.timeout(PATIENCE_S):
        return collection.count_documents(condition)


def one_of(values: Iterable[str]) -> dict[str, Any]:
    return {"$in": sorted(values)}


def marks_of(customer_id: str, *, known: Marks | None = None) -> Marks:
    """All that tells their traces, as far as the stores still say. known: from before."""
    marks = known or Marks((customer_id,))
    # The account last in erasing is the first to ask: it knows what accounts were merged into it.
    for holding in reversed(registered()):
        if holding.marks:
            marks = holding.marks(marks)
    return marks
