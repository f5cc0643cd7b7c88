"""What a batch of changes leaves behind, computed first and written in one transaction: contents,
sealed versions with the counts of their changes, and heads that nobody else moved meanwhile."""

from collections.abc import Iterable, Sequence
from typing import Any

from pymongo import InsertOne, ReplaceOne
from pymongo.client_session import ClientSession

from devora_admin.core.consumers import Effect
from devora_admin.core.errors import Conflict, TooLarge
from devora_admin.versions import blobs
from devora_admin.versions import manifest as manifests
from devora_admin.versions.diffs.manifests import Change, changes_between, needed
from devora_admin.versions.documents import heads, versions
from devora_admin.versions.manifest import Sha
from devora_admin.versions.recording.track import Before, Sealed, Track, as_head

MOST_FILES = 50_000
"""A version of more would not fit in a document."""
MOST_CHANGES = 1000
"""Files named in a version; the totals count them all."""
INLINE_BYTES = 1024 * 1024
"""Packed contents of an open version that are kept in its head."""
MOST_BLOBS = 500
MOST_BYTES = 4 * 1024 * 1024
"""What is stored within the transaction; more goes ahead of it."""
Packed = dict[Sha, tuple[bytes, int]]


def effect_of(tracks: Iterable[Track]) -> Effect:
    """Raises TooLarge for a project of which no version can be kept."""
    moved = [track for track in tracks if track.has_moved and track.is_known]
    for track in moved:
        _check_size(track)
    rows = _rows(moved)
    stored: Packed = {}
    replaced: list[tuple[Track, dict[str, Any]]] = []
    for track in moved:
        inline = _settle(track, stored)
        replaced.append((track, as_head(track, inline)))

    is_much = len(stored) > MOST_BLOBS or _bytes(stored) > MOST_BYTES
    if is_much:
        blobs.store_ahead(stored)

    def write(session: ClientSession) -> None:
        _write_heads(replaced, session)
        if is_much:
            blobs.hold(stored, session)
        else:
            blobs.store(stored, session)
        if rows:
            versions().insert_many(rows, session=session)
        for track in moved:
            if track.owner_changed:
                versions().update_many(
                    {"project_id": track.project_id},
                    {"$set": {"user_id": track.user_id}},
                    session=session,
                )

    return write


def _check_size(track: Track) -> None:
    most = max(len(files) for files in (track.state.files, *(s.files for s in track.sealed)))
    if most > MOST_FILES:
        raise TooLarge(
            f"This project has {most:,} files; versions are kept of up to {MOST_FILES:,}."
        )


def _write_heads(replaced: Sequence[tuple[Track, dict[str, Any]]], session: ClientSession) -> None:
    writes: list[InsertOne[dict[str, Any]] | ReplaceOne[dict[str, Any]]] = [
        InsertOne(row)
        if track.seq is None
        else ReplaceOne({"_id": track.key, "seq": track.seq}, row)
        for track, row in replaced
    ]
    if not writes:
        return
    done = heads().bulk_write(writes, session=session)
    if done.inserted_count + done.matched_count != len(writes):
        # Somebody gave a version a name, or erased: what was computed is of an earlier state.
        raise Conflict("The history of a project moved on meanwhile.")


def _settle(track: Track, stored: Packed) -> Packed:
    """Packs what the track's versions need: for blobs, and for the head of an open version."""
    for sealed in track.sealed:
        for sha in manifests.refs_of(sealed.files, sealed.metadata):
            if sha not in stored and (packed := _packed(track, sha)):
                stored[sha] = packed
    if track.open is None:
        return {}
    inline: Packed = {}
    for sha in track.state.refs:
        if sha not in stored and (packed := _packed(track, sha)):
            inline[sha] = packed
    if _bytes(inline) > INLINE_BYTES:
        stored.update(inline)
        return {}
    return inline


def _bytes(contents: Packed) -> int:
    return sum(len(data) for data, _ in contents.values())


def _packed(track: Track, sha: Sha) -> tuple[bytes, int] | None:
    """None for what is in a blob since earlier."""
    if (known := track.packed.get(sha)) is not None:
        return known
    content = track.state.fresh.get(sha)
    if content is None:
        return None
    track.packed[sha] = found = (blobs.packed(content), len(content))
    return found


def _rows(tracks: Sequence[Track]) -> list[dict[str, Any]]:
    sealed = [(track, each) for track in tracks for each in track.sealed]
    if not sealed:
        return []
    before = _versions_before(tracks)
    pairs = [
        (track, each, each.before or before.get(track.project_id) or Before())
        for track, each in sealed
    ]
    wanted: set[Sha] = set()
    for _, each, earlier in pairs:
        if each.version.number > 1:
            wanted |= needed(earlier.files, each.files)
    contents = _contents(tracks, wanted)
    return [_row(track, each, earlier, contents) for track, each, earlier in pairs]


def _versions_before(tracks: Sequence[Track]) -> dict[str, Before]:
    """The last versions of those tracks that do not have them at hand."""
    wanted = [
        {"project_id": track.project_id, "number": track.sealed[0].version.number - 1}
        for track in tracks
        if track.sealed and track.sealed[0].before is None
    ]
    if not wanted:
        return {}
    found = versions().find({"$or": wanted}, {"project_id": 1, "files": 1, "metadata": 1})
    return {
        row["project_id"]: Before(
            tuple(manifests.from_stored(each) for each in row["files"]), row["metadata"]
        )
        for row in found
    }


def _contents(tracks: Sequence[Track], wanted: set[Sha]) -> dict[Sha, bytes]:
    found: dict[Sha, bytes] = {}
    for track in tracks:
        for sha in wanted - found.keys():
            if sha in track.state.fresh:
                found[sha] = track.state.fresh[sha]
            elif sha in track.packed:
                found[sha] = blobs.unpacked(track.packed[sha][0])
    return found | blobs.load(wanted - found.keys())


def _row(
    track: Track, sealed: Sealed, earlier: Before, contents: dict[Sha, bytes]
) -> dict[str, Any]:
    version = sealed.version
    changes: list[Change] = []
    if version.number > 1:
        changes = changes_between(earlier.files, sealed.files, contents)
    row: dict[str, Any] = {
        "project_id": track.project_id,
        "user_id": track.user_id,
        "number": version.number,
        "revision": sealed.revision,
        "author": version.author.stored(),
        "why": version.why,
        "opened_at": version.opened_at,
        "changed_at": version.changed_at,
        "sealed_at": sealed.sealed_at,
        "saves": version.saves,
        "turns": version.turns,
        "files": [entry.stored() for entry in sealed.files],
        "metadata": sealed.metadata,
        "refs": manifests.refs_of(sealed.files, sealed.metadata),
        "changes": [_change_row(change) for change in changes[:MOST_CHANGES]],
        "totals": {
            "files": len(changes),
            "added": sum(change.added for change in changes),
            "removed": sum(change.removed for change in changes),
            "metadata": sealed.metadata != earlier.metadata and version.number > 1,
        },
    }
    if version.origin is not None:
        row["origin"] = version.origin
    return row


def _change_row(change: Change) -> dict[str, Any]:
    row = {"p": change.path, "st": change.status, "a": change.added, "r": change.removed}
    if change.from_path:
        row["f"] = change.from_path
    return row
