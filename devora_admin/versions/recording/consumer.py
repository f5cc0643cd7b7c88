"""The consumer of the change stream that makes versions."""

import threading
import time
from collections.abc import Callable, Collection, Sequence
from typing import Any

from bson import Timestamp
from pymongo.client_session import ClientSession

from devora_admin.core import clock, consumers, mongo, raw_bson
from devora_admin.core.consumers import Change, Consumer, Effect, Reconciled
from devora_admin.projects.queries import thread
from devora_admin.staff import audit
from devora_admin.staff.queries.accounts import label_of
from devora_admin.versions.documents import heads
from devora_admin.versions.recording import reading
from devora_admin.versions.recording.attribution import Known
from devora_admin.versions.recording.reading import Seen
from devora_admin.versions.recording.told import DOCUMENT_WITHOUT_TALK, VALUE
from devora_admin.versions.recording.track import IDLE, Track, from_head
from devora_admin.versions.recording.writing import effect_of

NAME = "versions"
FOUND, RECONCILED = "found", "reconciled"
_AT_ONCE = 40
_HEADS_AT_ONCE = 500


def register() -> None:
    """Called once, when the app is ready."""
    consumers.register(
        Consumer(
            NAME, "Versions of projects", ("projects",),
            apply=apply, reconcile=reconcile, due=due, value=VALUE, document=DOCUMENT_WITHOUT_TALK,
        )
    )  # fmt: skip


def apply(changes: Sequence[Change]) -> Effect:
    tracks = _tracks({change.key for change in changes})
    known = Known(staff_label, _offsets_of_new(changes))
    for change in changes:
        tracks[change.key].take(change, known)
    return _written(list(tracks.values()))


def _offsets_of_new(changes: Sequence[Change]) -> Callable[[str], int]:
    """Looks those of new projects up at once; each is good for one asking, as it may change."""
    inserted = [change.document for change in changes if change.kind == "insert"]
    ids = {each["id"] for each in inserted if each and raw_bson.is_text(each.get("id"))}
    found = thread.offsets(ids) if ids else {}

    def offset(project_id: str) -> int:
        first = found.pop(project_id, None)
        return thread.offset_of(project_id) if first is None else first

    return offset


def due(most: int, skip: int) -> Effect | None:
    """Seals the versions that nobody went on with."""
    idle = {"open.changed_at": {"$lt": clock.now() - IDLE}}
    found = heads().find(idle).sort("open.changed_at", 1).skip(skip).limit(most)
    tracks = [from_head(row) for row in found]
    for track in tracks:
        track.seal()
    return effect_of(tracks) if tracks else None


def reconcile(position: Any) -> Reconciled:
    """Brings every project up to date from what is stored, then notes which are gone."""
    position = position or {"phase": "projects", "after": None}
    step = _projects if position["phase"] == "projects" else _gone
    return step(position)


def _projects(position: dict[str, Any]) -> Reconciled:
    total = mongo.database().projects.estimated_document_count()
    found = reading.projects_after(position["after"], limit=_AT_ONCE)
    if not found:
        return Reconciled(_nothing, {"phase": "gone", "after": None}, 0, total)
    after = {"phase": "projects", "after": found[-1].key}
    try:
        return Reconciled(_reconciled(found), after, len(found), total)
    except Exception as error:
        if mongo.is_unavailable(error):
            raise
    effects, failed = _one_by_one(found)

    def effect(session: ClientSession) -> None:
        for each in effects:
            each(session)

    return Reconciled(effect, after, len(found), total, tuple(failed))


def _one_by_one(found: Sequence[Seen]) -> tuple[list[Effect], list[tuple[Change, Exception]]]:
    """After one of them failed: the others go on."""
    effects, failed = [], []
    for seen in found:
        try:
            effects.append(_reconciled([seen]))
        except Exception as error:
            if mongo.is_unavailable(error):
                raise
            moment = seen.as_of or Timestamp(0, 1)
            change = Change("projects", seen.key, "update", clock.now(), moment, is_retry=True)
            failed.append((change, error))
    return effects, failed


def _reconciled(found: Sequence[Seen]) -> Effect:
    tracks = _tracks({seen.key for seen in found})
    unknown = {seen.text("id") for seen in found if not tracks[seen.key].is_known} - {""}
    offsets = thread.offsets(unknown) if unknown else {}
    known = Known(staff_label, thread.offset_of)
    for seen in found:
        _reconcile_one(tracks[seen.key], seen, known, offsets)
    return _written(list(tracks.values()))


def _reconcile_one(track: Track, seen: Seen, known: Known, offsets: dict[str, int]) -> None:
    if not track.is_known and not seen.text("id"):
        return
    is_new = not track.is_known
    track.meet(
        seen, at=clock.now(), known=known, offset=offsets.get(seen.text("id")),
        why=FOUND if is_new else RECONCILED,
    )  # fmt: skip
    if is_new:
        track.seal()


def _gone(position: dict[str, Any]) -> Reconciled:
    last = position["after"]
    condition = {"deleted_at": None} | ({} if last is None else {"_id": {"$ne": last}})
    cursor = heads().find(condition, {"_id": 1}).sort("_id", 1).limit(_HEADS_AT_ONCE)
    if last is not None:
        cursor = cursor.min([("_id", last)]).hint([("_id", 1)])
    keys = [row["_id"] for row in cursor]
    there = {
        row["_id"] for row in mongo.database().projects.find({"_id": {"$in": keys}}, {"_id": 1})
    }
    gone = [key for key in keys if key not in there]
    if len(gone) > _AT_ONCE:  # heads are large
        gone = gone[:_AT_ONCE]
        keys = keys[: keys.index(gone[-1]) + 1]
    tracks = [from_head(row) for row in heads().find({"_id": {"$in": gone}})]
    for track in tracks:
        track.delete(clock.now())
    after = {**position, "after": keys[-1]} if keys else None
    return Reconciled(effect_of(tracks), after, 0)


def _tracks(keys: Collection[Any]) -> dict[Any, Track]:
    found = {row["_id"]: from_head(row) for row in heads().find({"_id": {"$in": list(keys)}})}
    return {key: found.get(key) or Track(key) for key in keys}


def _written(tracks: list[Track]) -> Effect:
    return effect_of(_without_ghosts(tracks))


def _without_ghosts(tracks: list[Track]) -> list[Track]:
    """Without new ones that have the id of another, or whose project is gone by now: what was
    deleted for good does not come back because its beginning was still waiting in the stream."""
    fresh = [track for track in tracks if track.seq is None and track.is_known]
    if not fresh:
        return tracks
    ids = [track.project_id for track in fresh]
    twins = heads().find({"project_id": {"$in": ids}}, {"project_id": 1})
    taken = {row["project_id"] for row in twins}
    keys = [track.key for track in fresh]
    found = mongo.database().projects.find({"_id": {"$in": keys}}, {"_id": 1})
    there = {row["_id"] for row in found}
    kept = []
    for track in tracks:
        if track.seq is None and track.is_known:
            if track.project_id in taken or track.key not in there:
                continue
            taken.add(track.project_id)
        kept.append(track)
    return kept


def _nothing(session: Any) -> None:
    pass


_LABELS_FOR_S = 300.0
_labels: dict[str, tuple[float, str]] = {}
_lock = threading.Lock()


def staff_label(staff_id: str) -> str:
    """The name of a staff member as it is these minutes."""
    now = time.monotonic()
    with _lock:
        known = _labels.get(staff_id)
    if known and now - known[0] < _LABELS_FOR_S:
        return known[1]
    label = "Devora Admin" if staff_id == audit.SYSTEM.id else label_of(staff_id)
    with _lock:
        _labels[staff_id] = (now, label)
    return label
