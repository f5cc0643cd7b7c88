"""One project, followed: its head, moved on change by change, and the versions that come of it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bson import Timestamp

from devora_admin.core import clock
from devora_admin.core.consumers import Change
from devora_admin.projects.queries.editor import revision_of
from devora_admin.versions import authors
from devora_admin.versions.authors import Author
from devora_admin.versions.manifest import Entry, Sha
from devora_admin.versions.manifest import from_stored as entry_from
from devora_admin.versions.recording import reading
from devora_admin.versions.recording.attribution import Attribution, Known, Talk, attribute
from devora_admin.versions.recording.reading import Seen
from devora_admin.versions.recording.state import State
from devora_admin.versions.recording.told import HISTORY, Told, mark_of, spoken_by, told_by

IDLE = timedelta(minutes=5)
"""A burst is over when nothing came for so long."""


@dataclass(slots=True)
class Open:
    """A version that may still grow."""

    number: int
    author: Author
    opened_at: datetime
    changed_at: datetime
    why: str = ""
    origin: int | None = None
    saves: int = 0
    turns: int = 0
    stands_alone: bool = False


@dataclass(frozen=True, slots=True)
class Before:
    """What the version before had; nothing when there is none."""

    files: tuple[Entry, ...] = ()
    metadata: Sha | None = None


@dataclass(frozen=True, slots=True)
class Sealed:
    """A version as it will be stored, but for the counts of its changes."""

    version: Open
    revision: int
    files: tuple[Entry, ...]
    metadata: Sha | None
    before: Before | None
    """None when it has to be read."""
    sealed_at: datetime


@dataclass(slots=True)
class Track:
    key: Any
    project_id: str = ""
    user_id: str | None = None
    seq: int | None = None
    """Counts the writes of the head; None while there is none."""
    as_of: Timestamp | None = None
    """Changes up to here are in the state already."""
    number: int = 0
    """Of the last sealed version."""
    state: State = field(default_factory=State)
    revision: int = 0
    offset: int = 0
    turns: int = 0
    first_turn: int = 0
    last_role: str = ""
    marked: dict[str, Any] | None = None
    """`edited_by` as last seen: a document that is read whole shows it though it is old."""
    open: Open | None = None
    packed: dict[Sha, tuple[bytes, int]] = field(default_factory=dict)
    """Contents of the open version that are in no blob yet."""
    deleted_at: datetime | None = None
    before: Before | None = None
    sealed: list[Sealed] = field(default_factory=list)
    owner_changed: bool = False
    has_moved: bool = False
    """Whether there is anything to be written."""

    @property
    def is_known(self) -> bool:
        return bool(self.project_id)

    def take(self, change: Change, known: Known) -> None:
        if change.kind == "delete":
            self.delete(change.at)
            return
        if self.as_of and change.cluster_time <= self.as_of and not change.is_retry:
            return
        if change.is_retry:
            self._read(None, change.at, known)
        elif change.document is not None:
            # What is new may have messages elsewhere too: a copy brings its archive.
            self.meet(reading.seen(change.document), at=change.at, known=known)
        elif not self.is_known:
            self._read(None, change.at, known)
        else:
            told = told_by(change)
            self._place(told, known)
            if told.touches_content and not self._applied(told, known):
                self._read(change.cluster_time, change.at, known)
            elif not told.touches_content:
                self._note(told)

    def _applied(self, told: Told, known: Known) -> bool:
        earlier, metadata = self.state.files, self.state.metadata
        if not self.state.move(told):
            return False
        marked = told.edited_by
        if marked is None and told.revision is not None and not told.has_time:
            marked = self.marked  # written again within a millisecond, with nothing to tell apart
        arrived = self._arrived(told)
        if self.state.files != earlier or self.state.metadata != metadata:
            now, now_metadata = self.state.files, self.state.metadata
            # A version that ends here ends with what was there before.
            self.state.files, self.state.metadata = earlier, metadata
            attribution = attribute(marked, self._talk(arrived, told.role), known)
            self._change_hands(attribution, told.at)
            self.state.files, self.state.metadata = now, now_metadata
            self._grow(attribution, told.at, turns=self.turns + arrived)
        self._note(told, seals=False)
        return True

    def _note(self, told: Told, *, seals: bool = True) -> None:
        """What changes beside the contents. A turn that arrives ends the burst before it."""
        if told.messages is not None:
            arrived = self._arrived(told)
            if arrived and seals:
                self.seal(told.at)
            if arrived:
                self.last_role = told.role
            self._set(turns=self.offset + told.messages)
        if told.revision is not None:
            self._set(revision=revision_of(told.revision) or 0)
        if told.edited_by is not None:
            self._set(marked=told.edited_by)
        if told.user_id is not None and told.user_id != self.user_id:
            self._set(user_id=told.user_id, owner_changed=True)

    def _set(self, **values: Any) -> None:
        for name, value in values.items():
            if getattr(self, name) != value:
                setattr(self, name, value)
                self.has_moved = True

    def _place(self, told: Told, known: Known) -> None:
        """Where the project's own history stands in the thread: moving old messages into it makes
        it longer, and not the thread."""
        own = self.turns - self.offset
        if told.messages is None or told.messages == own:
            return
        if told.messages != own + 1 and told.first_touched < max(own, 1):
            self._set(offset=known.offset(self.project_id))

    def _arrived(self, told: Told) -> int:
        if told.messages is None:
            return 0
        return max(0, self.offset + told.messages - self.turns)

    def _talk(self, arrived: int, role: str) -> Talk:
        return Talk(self.offset, self.turns, self.last_role, arrived, role)

    def meet(
        self,
        found: Seen,
        *,
        at: datetime,
        known: Known,
        offset: int | None = None,
        why: str = "",
    ) -> None:
        """The project as a whole, read or come with the stream. offset: where it is known."""
        is_new = not self.is_known
        self.as_of = found.as_of or self.as_of
        self.has_moved = True
        self.deleted_at = None
        after = State(fresh=self.state.fresh)
        after.read_document(found.parts)
        earlier = self.state
        marked = mark_of(found.value("edited_by"))
        told = _whole(found, at)
        if is_new:
            self.project_id = found.text("id")
            self.offset = known.offset(self.project_id) if offset is None else offset
            self.turns = self.first_turn = self.offset + (told.messages or 0)
            self.last_role = told.role
        else:
            self._place(told, known)
        mark = marked if marked != self.marked else None
        differs = after.files != earlier.files or after.metadata != earlier.metadata
        if is_new or differs:
            attribution = attribute(mark, self._talk(self._arrived(told), told.role), known)
            if is_new and not mark:
                attribution = Attribution(authors.PLATFORM)
            if why and not attribution.why:
                attribution = Attribution(attribution.author, why)
            self._change_hands(attribution, at)
            self.state = after
            self._grow(attribution, at, turns=self.offset + (told.messages or 0))
        self._note(told, seals=not differs)
        self._set(marked=mark or self.marked)

    def _read(self, moment: Timestamp | None, at: datetime, known: Known) -> None:
        found = reading.project_at(self.key, moment)
        if found is not None and (self.is_known or found.text("id")):
            self.meet(found, at=at, known=known)

    def _change_hands(self, attribution: Attribution, at: datetime) -> None:
        """Ends the open version unless this change goes on with it."""
        if self.open is None:
            return
        goes_on = (
            self.open.author.key == attribution.author.key
            and at - self.open.changed_at < IDLE
            and not self.open.stands_alone
            and not attribution.stands_alone
        )
        if not goes_on:
            self.seal(at)

    def _grow(self, attribution: Attribution, at: datetime, *, turns: int) -> None:
        if self.open is None:
            self.open = Open(
                self.number + 1, attribution.author, at, at, attribution.why, attribution.origin,
                stands_alone=attribution.stands_alone,
            )  # fmt: skip
        self.open.changed_at = at
        self.open.turns = turns
        self.open.saves += 1
        self.has_moved = True

    def seal(self, at: datetime | None = None) -> None:
        """Ends the open version, if there is one."""
        if self.open is None:
            return
        self.sealed.append(
            Sealed(
                self.open, self.revision, tuple(self.state.files), self.state.metadata,
                self.before if self.number else Before(), at or clock.now(),
            )
        )  # fmt: skip
        self.number = self.open.number
        self.open = None
        self.before = Before(tuple(self.state.files), self.state.metadata)
        self.has_moved = True

    def delete(self, at: datetime) -> None:
        """The project is gone. Its versions stay for as long as others do."""
        if self.is_known and self.deleted_at is None:
            self.seal(at)
            self._set(deleted_at=at)


def _whole(found: Seen, at: datetime) -> Told:
    told = Told(at)
    talk = reading.parts_of(found.parts[HISTORY].data) if HISTORY in found.parts else {}
    told.messages = int(talk["n"].decoded()) if "n" in talk else 0
    role = talk.get("role")
    told.role = spoken_by(role.decoded()) if role else ""
    told.revision = found.value("revision") or 0
    told.user_id = found.text("user_id")
    return told


def from_head(row: dict[str, Any]) -> Track:
    state, opened = row["state"], row.get("open")
    return Track(
        key=row["_id"],
        project_id=row["project_id"],
        user_id=row.get("user_id"),
        seq=row["seq"],
        as_of=row.get("as_of"),
        number=row["number"],
        state=State([entry_from(each) for each in state["files"]], state.get("metadata")),
        revision=state["revision"],
        offset=row["offset"],
        turns=row["turns"],
        first_turn=row["first_turn"],
        last_role=row["last_role"],
        marked=row.get("marked"),
        open=_open_from(opened) if opened else None,
        packed={each["h"]: (each["d"], each["s"]) for each in row.get("contents") or ()},
        deleted_at=row.get("deleted_at"),
    )


def _open_from(row: dict[str, Any]) -> Open:
    return Open(
        row["number"], authors.from_stored(row["author"]), row["opened_at"], row["changed_at"],
        row["why"], row.get("origin"), row["saves"], row["turns"], row.get("stands_alone", False),
    )  # fmt: skip


def as_head(track: Track, contents: dict[Sha, tuple[bytes, int]]) -> dict[str, Any]:
    """contents: packed ones of the open version that are in no blob."""
    row: dict[str, Any] = {
        "_id": track.key,
        "project_id": track.project_id,
        "user_id": track.user_id,
        "seq": (track.seq or 0) + 1,
        "as_of": track.as_of,
        "number": track.number,
        "state": {
            "files": [entry.stored() for entry in track.state.files],
            "metadata": track.state.metadata,
            "revision": track.revision,
        },
        "offset": track.offset,
        "turns": track.turns,
        "first_turn": track.first_turn,
        "last_role": track.last_role,
        "marked": track.marked,
        "refs": track.state.refs,
    }
    if track.deleted_at:
        row["deleted_at"] = track.deleted_at
    if track.open:
        row["open"] = _open_row(track.open)
        row["contents"] = [
            {"h": sha, "d": data, "s": size} for sha, (data, size) in contents.items()
        ]
    return row


def _open_row(version: Open) -> dict[str, Any]:
    row = {
        "number": version.number, "author": version.author.stored(), "why": version.why,
        "opened_at": version.opened_at, "changed_at": version.changed_at,
        "saves": version.saves, "turns": version.turns,
    }  # fmt: skip
    if version.origin is not None:
        row["origin"] = version.origin
    if version.stands_alone:
        row["stands_alone"] = True
    return row
