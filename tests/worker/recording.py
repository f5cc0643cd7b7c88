"""A worker with one consumer, for tests: what it handles it appends to a collection.

As a process: python -m tests.worker.recording, followed by settings of the consumer as name=value.
"""

import os
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from bson import Timestamp
from pymongo.client_session import ClientSession

from devora_admin.core import consumers, jobs, mongo
from devora_admin.core.consumers import Change, Consumer, Effect, Reconciled
from devora_admin.core.jobs import ItemResult, Job
from devora_admin.worker.following import follower, lease, letters

NAME, FOLLOWED, SEEN = "recorder", "followed", "seen"
SLOW_JOB = "recording.slow"
PIECE = 10


class Poison(Exception):
    pass


def change_of(key: Any) -> Change:
    now = datetime.now(UTC)
    return Change(FOLLOWED, key, "update", now, Timestamp(now, 1), is_retry=True)


def consumer(**settings: str) -> Consumer:
    """slow_s: of each batch. piece_s: of each piece of a reconcile. fails: "due" or "reconcile".
    doubles: changes become too large for the stream. too_much: how a large batch is too much.
    lingers: stands still in its first transaction, with everything written.
    """
    slow_s, piece_s = (float(settings.get(key, 0)) for key in ("slow_s", "piece_s"))

    def apply(changes: Sequence[Change]) -> Effect:
        time.sleep(slow_s)
        rows = [_row(change) for change in changes]

        def effect(session: ClientSession) -> None:
            mongo.database()[SEEN].insert_many(rows, session=session)
            if settings.get("lingers"):
                mongo.database()["lingering"].insert_one({})
                time.sleep(60)
            if settings.get("too_much") == "bytes":
                large = {"x": b"x" * 200_000 * len(rows)}
                mongo.database()["large"].insert_one(large, session=session)
            if settings.get("too_much") == "time":
                time.sleep(0.02 * len(rows))
                mongo.database()["late"].insert_one({}, session=session)

        return effect

    def reconcile(position: Any) -> Reconciled:
        time.sleep(piece_s)
        fail("reconcile")
        after = {"_id": {"$gt": position}} if position is not None else {}
        found = list(mongo.database()[FOLLOWED].find(after).sort("_id", 1).limit(PIECE))
        well = [each for each in found if not each.get("spoilt")]
        rows = [
            {"of": each["_id"], "n": each.get("n"), "kind": "reconcile", "pid": os.getpid()}
            for each in well
        ]
        failed = tuple(
            (change_of(each["_id"]), Poison("spoilt")) for each in found if each.get("spoilt")
        )

        def effect(session: ClientSession) -> None:
            if rows:
                mongo.database()[SEEN].insert_many(rows, session=session)

        is_last = len(found) < PIECE
        total = mongo.database()[FOLLOWED].estimated_document_count()
        position = None if is_last else found[-1]["_id"]
        return Reconciled(effect, position, len(found), total, failed)

    def due(most: int, skip: int) -> Effect | None:
        fail("due")
        waiting = mongo.database()["waiting"]
        found = list(waiting.find().sort("_id", 1).skip(skip).limit(most))

        def effect(session: ClientSession) -> None:
            if any(each.get("poison") for each in found):
                raise Poison("one that is due cannot be handled")
            ids = [each["_id"] for each in found]
            waiting.delete_many({"_id": {"$in": ids}}, session=session)

        return effect if found else None

    def fail(what: str) -> None:
        if settings.get("fails") == what:
            mongo.database()["asked"].insert_one({})
            raise Poison(f"{what} fails")

    document = {"whole": "$fullDocument"}
    if settings.get("doubles"):
        document["again"] = "$fullDocument"
    return Consumer(
        NAME, "Record what changes", (FOLLOWED,), apply, reconcile, due, document=document
    )


def _row(change: Change) -> dict[str, Any]:
    stored = None
    if change.document is not None:
        stored = change.document["whole"]
    elif change.is_retry:
        stored = mongo.database()[FOLLOWED].find_one({"_id": change.key})
    values = dict(change.set) | dict(stored or {})
    if values.get("poison"):
        raise Poison(f"{change.key} cannot be handled")
    return {
        "of": change.key,
        "n": values.get("n"),
        "kind": change.kind,
        "is_retry": change.is_retry,
        "pid": os.getpid(),
    }


@jobs.handles(SLOW_JOB, permission="worker.manage")
def _slow_job(job: Job) -> Iterator[ItemResult | None]:
    for _ in range(100):
        time.sleep(0.2)
        yield None


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    settings = dict(word.split("=", 1) for word in sys.argv[1:])
    lease.LASTS_MS = int(settings.get("lease_ms", lease.LASTS_MS))
    if settings.get("pauses") == "quick":
        letters.PAUSES_S = (0.1,)
    follower.TOKEN_EVERY_S = float(settings.get("token_s", follower.TOKEN_EVERY_S))
    consumers._CONSUMERS.clear()  # those of the apps
    consumers.register(consumer(**settings))
    call_command("worker")


if __name__ == "__main__":
    main()
