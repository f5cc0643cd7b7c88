"""The worker's following without the worker: real change streams, applied when a test says so."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from devora_admin.core import consumers, mongo, raw_bson
from devora_admin.core.consumers import Change
from devora_admin.versions.recording import consumer


class Follower:
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def changes(self) -> list[Change]:
        found = []
        while (event := self._stream.try_next()) is not None:
            found.append(_change(event))
        return found

    def catch_up(self) -> int:
        changes = self.changes()
        if changes:
            effect = consumer.apply(changes)
            mongo.run_in_transaction(effect)
        return len(changes)


@contextmanager
def following() -> Iterator[Follower]:
    found = consumers.find("versions")
    assert found
    field = {"input": {"$objectToArray": "$updateDescription.updatedFields"}, "as": "field"}
    pipeline: list[dict[str, Any]] = [
        {
            "$project": {
                "operationType": 1, "documentKey": 1, "clusterTime": 1, "wallTime": 1, "ns": 1,
                "document": found.document,
                "removed": "$updateDescription.removedFields",
                "cut": "$updateDescription.truncatedArrays",
                "set": {"$map": {**field, "in": {"k": "$$field.k", "v": found.value}}},
            }
        }
    ]  # fmt: skip
    projects = mongo.database().get_collection("projects", codec_options=raw_bson.RAW)
    with projects.watch(pipeline, max_await_time_ms=200) as stream:
        stream.try_next()
        yield Follower(stream)


def _change(event: Any) -> Change:
    kind = event["operationType"]
    return Change(
        "projects",
        event["documentKey"]["_id"],
        kind,
        event["wallTime"],
        event["clusterTime"],
        document=event["document"] if kind in ("insert", "replace") else None,
        set=tuple((each["k"], each.get("v")) for each in event.get("set") or ()),
        removed=tuple(event.get("removed") or ()),
        cut=tuple((each["field"], each["newSize"]) for each in event.get("cut") or ()),
    )


def reconcile_all() -> int:
    position, handled = None, 0
    while True:
        done = consumer.reconcile(position)
        mongo.run_in_transaction(done.effect)
        position, handled = done.position, handled + done.handled
        if position is None:
            return handled
