"""Walks the chain of the audit log and names what does not fit.

One record is looked at after the other, so memory does not grow with the log. Rows that vouch for
the ends of all lanes (`anchored`) are read first: they tell of a lane cut together with its head.
"""

import hmac
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pymongo
from bson.errors import BSONError
from pymongo.client_session import ClientSession

from devora_admin.core import mongo, sealed
from devora_admin.core.raw_bson import LENIENT
from devora_admin.staff import chain
from devora_admin.staff.audit import FORGET
from devora_admin.staff.documents import AUDIT_HEADS, AUDIT_LOG

MOST_SUSPECTS = 300
"""Altered records that are compared with each other, to tell those that were moved."""
AT_MOST_S = 24 * 3600
_AT_ONCE = 1000
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    kind: str
    """altered, deleted, inserted, reordered or head."""
    text: str


@dataclass(slots=True)
class Verification:
    """since: a digest printed earlier, or "". progress: called with the number of rows so far."""

    since: str = ""
    progress: Callable[[int], None] = lambda count: None
    count: int = 0
    _keys: dict[str, sealed.Key] = field(default_factory=dict)
    _vouched: defaultdict[int, dict[int, bytes]] = field(default_factory=lambda: defaultdict(dict))
    _covers: dict[str, dict[int, int]] = field(default_factory=dict)
    _emptied: dict[tuple[str, int], tuple[int, str]] = field(default_factory=dict)
    _suspects: list[Row] = field(default_factory=list)

    def findings(self) -> Iterator[Finding]:
        with pymongo.timeout(AT_MOST_S):
            yield from self._findings()

    def _findings(self) -> Iterator[Finding]:
        self._keys = {key.id: key for key in sealed.derived_keys("audit")}
        yield from self._anchors()
        # One look at all ends: what is added meanwhile is not taken for an intruder.
        with mongo.client().start_session(snapshot=True) as session:
            heads = {row["_id"]: row for row in _rows(AUDIT_HEADS, {}, session)}
            held = {"chain.lane": {"$type": "int"}, "chain.seq": {"$type": ["int", "long"]}}
            lanes = mongo.database()[AUDIT_LOG].distinct("chain.lane", held, session=session)
            stray = list(_strays(heads, held, session))
        for row in stray:
            yield Finding("inserted", f"record {row['_id']} stands outside the chain")
        for lane in sorted({*heads, *lanes, *self._vouched}, key=str):
            yield from self._lane(lane, heads.get(lane))
        yield from self._told_apart()
        yield from self._emptied_unasked()

    def _anchors(self) -> Iterator[Finding]:
        found = False
        for row in _rows(AUDIT_LOG, {"heads": {"$exists": True}}):
            if self._fault(row):
                continue  # its lane's walk names it
            found |= row["chain"]["mac"].hex() == self.since
            for head in row["heads"]:
                self._vouched[head["lane"]][head["seq"]] = head["mac"]
            self._note_cover(row)
        if self.since and not found:
            yield Finding("deleted", "the head that was kept is not in the chain any more")

    def _note_cover(self, row: Row) -> None:
        if row["action"] == FORGET:
            covers = self._covers.setdefault(row["customer_id"], {})
            for head in row["heads"]:
                covers[head["lane"]] = max(head["seq"], covers.get(head["lane"], 0))

    def _lane(self, lane: int, head: Row | None) -> Iterator[Finding]:
        end = head["seq"] if head else 2**62
        expected, previous, was_whole = 1, chain.FIRST, True
        vouched = self._vouched.get(lane, {})
        held = {"chain.lane": lane, "chain.seq": {"$gte": 1, "$lte": end}}
        for row in _rows(AUDIT_LOG, held, order="chain.seq"):
            self._counted()
            seq, fault = row["chain"]["seq"], self._fault(row)
            if seq < expected:
                yield Finding("inserted", f"lane {lane}: {row['_id']} is a second record {seq}")
                continue
            if seq > expected:
                yield _missing(lane, expected, seq - 1)
            elif fault:
                self._suspects.append(row)
                if len(self._suspects) > MOST_SUSPECTS:
                    yield _altered(self._suspects.pop(), fault)
            elif was_whole and row["chain"]["prev"] != previous:
                yield Finding(
                    "altered", f"lane {lane}: what stood before record {seq} was replaced"
                )
            if fault and seq > expected:
                yield _altered(row, fault)
            elif vouched.get(seq, row["chain"].get("mac")) != row["chain"].get("mac"):
                yield Finding("altered", f"lane {lane}: record {seq} is not the one vouched for")
            expected, previous, was_whole = seq + 1, row["chain"].get("mac"), not fault
        yield from self._end(lane, head, expected - 1, previous, was_whole)

    def _end(
        self, lane: int, head: Row | None, last: int, mac: Any, was_whole: bool
    ) -> Iterator[Finding]:
        known = max((head or {}).get("seq", 0), *self._vouched.get(lane, {0: b""}))
        if last < known:
            yield _missing(lane, last + 1, known)
        if head is None:
            yield Finding("head", f"lane {lane}: its head was deleted")
        elif was_whole and head["seq"] == last and head.get("mac", chain.FIRST) != mac:
            yield Finding("head", f"lane {lane}: its head was altered")

    def _fault(self, row: Row) -> str:
        """What is wrong with the record on its own; "" when nothing is."""
        try:
            key = self._keys.get(row["chain"]["key"])
            if key is None:
                return "sealed with a key this deployment does not have"
            if not hmac.compare_digest(chain.seal_of(row, key), row["chain"]["mac"]):
                return "its open part is not what was sealed"
            if chain.is_forgotten(row):
                self._note_emptied(row)
                return ""
            digest = chain.personal_digest(row, row["personal"]["salt"])
        except (BSONError, KeyError, TypeError, AttributeError, ValueError):
            return "it is not whole"
        if digest != row["personal"]["digest"]:
            return "its values, label or reason are not what was sealed"
        return ""

    def _note_emptied(self, row: Row) -> None:
        link, customer = row["chain"], row["customer_id"]
        if link["seq"] > self._covers.get(customer, {}).get(link["lane"], 0):
            self._emptied[customer, link["lane"]] = (link["seq"], row["_id"])

    def _emptied_unasked(self) -> Iterator[Finding]:
        for (customer, lane), (seq, row_id) in self._emptied.items():
            # Read again: the customer may have been erased while the walk went on.
            again = {"customer_id": customer, "action": FORGET}
            for row in _rows(AUDIT_LOG, again):
                if not self._fault(row):
                    self._note_cover(row)
            if seq > self._covers.get(customer, {}).get(lane, 0):
                text = f"lane {lane}: record {seq} ({row_id}) was emptied, and no erasure says so"
                yield Finding("altered", text)

    def _told_apart(self) -> Iterator[Finding]:
        links = [row["chain"] for row in self._suspects if isinstance(row["chain"], dict)]
        for row in self._suspects:
            own = row["chain"]
            places = [*links, *(own | {"lane": at["lane"], "seq": at["seq"]} for at in links)]
            was = next((at for at in places if not self._fault(row | {"chain": at})), None)
            if was:
                text = f"{row['_id']} stands at {_place(own)} and belongs at {_place(was)}"
                yield Finding("reordered", text)
            else:
                yield _altered(row, self._fault(row))

    def _counted(self) -> None:
        self.count += 1
        if self.count % 50_000 == 0:
            self.progress(self.count)


def _rows(
    collection: str, condition: Row, session: ClientSession | None = None, *, order: str = ""
) -> Iterator[Row]:
    stored = mongo.database()[collection].with_options(codec_options=LENIENT)
    found = stored.find(condition, session=session, batch_size=_AT_ONCE)
    yield from found.sort(order, 1).allow_disk_use(True) if order else found


def _strays(heads: dict[Any, Row], held: Row, session: ClientSession) -> Iterator[Row]:
    outside = [{name: {"$not": kind}} for name, kind in held.items()]
    beyond = [{"chain.lane": key, "chain.seq": {"$gt": row["seq"]}} for key, row in heads.items()]
    unnumbered = [{"chain.seq": {"$lt": 1}}]
    yield from _rows(AUDIT_LOG, {"$or": [*outside, *unnumbered, *beyond]}, session)


def _missing(lane: int, first: int, last: int) -> Finding:
    which = f"record {first} is" if first == last else f"records {first} to {last} are"
    return Finding("deleted", f"lane {lane}: {which} missing")


def _altered(row: Row, fault: str) -> Finding:
    return Finding("altered", f"{_place(row['chain'])} ({row['_id']}): {fault}")


def _place(link: Row) -> str:
    return f"lane {link.get('lane')}, record {link.get('seq')}"
