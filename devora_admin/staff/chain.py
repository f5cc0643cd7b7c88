"""The chain of the audit log: every row is sealed together with the one before it.

Rows form a few lanes, each with a head of its own, so that changes made at once do not wait for
one document. A row has an open part, sealed for good, and a personal part {subject.label, before,
after, reason} covered by a salted digest: erasing a customer takes the personal part away, salt
included, and leaves the seal whole.
"""

import hashlib
import hmac
import itertools
import os
import secrets
import threading
from collections.abc import Mapping
from typing import Any

import bson
from pymongo.client_session import ClientSession
from pymongo.errors import OperationFailure

from devora_admin.core import mongo, sealed
from devora_admin.core.raw_bson import LENIENT
from devora_admin.staff.documents import AUDIT_HEADS, AUDIT_LOG

LANES = 32
FIRST = b"\0" * 32
"""Stands for the row before the first."""
PERSONAL = ("before", "after", "reason")
"""Beside subject.label."""

_threads = itertools.count()
Row = dict[str, Any]


class _Home(threading.local):
    """The lane of this thread: two threads of a process share one only when there are too few."""

    def __init__(self) -> None:
        self.lane = (os.getpid() * 5 + next(_threads)) % LANES
        self.end: Row | None = None
        """Of a lane as this thread last wrote it: {lane, seq, mac}. It need not have held."""


_home = _Home()


def append(row: Row, *, session: ClientSession, anchored: bool = False) -> None:
    """Seals the row and adds it. Raises DuplicateKeyError when its `_id` is taken.

    anchored: with where every lane ends, so that the row vouches for all of them.
    """
    if anchored:
        row = row | {"heads": heads(session)}
    row = as_stored(row)
    salt = secrets.token_bytes(16)
    row["personal"] = {"salt": salt, "digest": personal_digest(row, salt)}
    lane, end, _home.end = _home.lane, _home.end, None
    is_moved = end is not None and end["lane"] == lane and _moved_to(row, end, session)
    # Whoever else writes to the lane after it is read conflicts, and one of the two starts over.
    if not is_moved and not _moved_to(row, _end_of(lane, session), session):
        raise RuntimeError("A lane of the audit log changed within a transaction.")
    mongo.database()[AUDIT_LOG].insert_one(row, session=session)
    _home.end = {name: row["chain"][name] for name in ("lane", "seq", "mac")}


def _end_of(lane: int, session: ClientSession) -> Row:
    found = mongo.database()[AUDIT_HEADS].find_one({"_id": lane}, session=session) or {"seq": 0}
    return {"lane": lane, **found}


def _moved_to(row: Row, end: Row, session: ClientSession) -> bool:
    """Seals the row to this end of its lane, which is the row from then on. False where the lane
    ended elsewhere."""
    key = sealed.derived_keys("audit")[0]
    lane, mac = end["lane"], end.get("mac")
    link = {"lane": lane, "seq": end["seq"] + 1, "key": key.id, "prev": mac or FIRST}
    row["chain"] = link
    link["mac"] = seal_of(row, key)
    still = {"_id": lane, "seq": end["seq"] or None, "mac": mac}
    put = {"$set": {"seq": link["seq"], "mac": link["mac"]}}
    try:
        done = mongo.database()[AUDIT_HEADS].update_one(
            still, put, upsert=not end["seq"], session=session
        )
    except OperationFailure:
        # Another transaction holds this lane; when this one starts over, it takes another.
        _home.lane = secrets.randbelow(LANES)
        raise
    return bool(done.matched_count or done.upserted_id is not None)


def heads(session: ClientSession | None = None) -> list[Row]:
    """Where each lane ends: {lane, seq, mac}, by lane."""
    found = mongo.database()[AUDIT_HEADS].find({"mac": {"$exists": True}}, session=session)
    return [
        {"lane": row["_id"], "seq": row["seq"], "mac": row["mac"]} for row in found.sort("_id", 1)
    ]


def as_stored(row: Row) -> Row:
    """As it will be read again, so that what is sealed now is what is looked at then."""
    found: Row = bson.decode(bson.encode(row, codec_options=LENIENT), LENIENT)
    return found


def personal_digest(row: Row, salt: bytes) -> bytes:
    part = {"label": row["subject"].get("label"), **{key: row.get(key) for key in PERSONAL}}
    return hashlib.sha256(salt + bson.encode(part, codec_options=LENIENT)).digest()


def seal_of(row: Row, key: sealed.Key) -> bytes:
    """The MAC of the open part: all but the personal part, its salt, and the MAC itself."""
    rest = {name: value for name, value in row.items() if name not in PERSONAL}
    for name, hidden in (("subject", "label"), ("personal", "salt"), ("chain", "mac")):
        if isinstance(rest.get(name), Mapping):
            rest[name] = {part: value for part, value in rest[name].items() if part != hidden}
    return hmac.digest(key.value, bson.encode(rest, codec_options=LENIENT), "sha256")


def is_forgotten(row: Row) -> bool:
    """Whether the personal part was taken away as a whole."""
    gone = not any(name in row for name in PERSONAL)
    return gone and "label" not in row["subject"] and "salt" not in row["personal"]
