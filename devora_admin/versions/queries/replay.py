"""What each turn of the conversation did to the files.

All versions of a project are read at a glance, from an index alone: their numbers, the turn that
made each, how long the thread was then, and how much changed. What a turn without a version did is
told from the numbers around it, and never guessed.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from devora_admin.versions.documents import HEADS, heads, versions
from devora_admin.versions.queries.history import OPEN
from devora_admin.versions.queries.versions import VersionHead, head_from

Kind = Literal["changed", "nothing", "early", "removed", "unseen", "unknown"]
BARS = 200
AT_A_GLANCE = {
    "_id": 0, "number": 1, "turns": 1, "author.turn": 1, "totals.files": 1, "totals.added": 1,
    "totals.removed": 1,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Glance:
    number: int
    turns: int
    """Length of the thread when the version last changed."""
    turn: int | None
    """Of the AI that made it."""
    files: int = 0
    lines: int = 0
    """Added and removed."""


@dataclass(frozen=True, slots=True)
class Story:
    """What is known of one turn."""

    kind: Kind
    """nothing: it changed no file. early: before tracking began. removed: its version, if it had
    one, is among those that retention removed. unseen: the worker is not so far. unknown: the
    worker has not seen the project."""
    numbers: tuple[int, ...] = ()
    """Versions the turn made."""
    before: int = 0
    """The version kept before those, 0 when there is none."""
    gap: tuple[int, int] | None = None
    """Numbers of the first and last version that were removed just before those, or in whose
    place the turn's own would have been."""
    after: int = 0
    """The version with the files as they were after the turn; 0 when none is known."""
    others: tuple[int, ...] = ()
    """Versions that people or the platform made after this turn and before the next."""


@dataclass(frozen=True, slots=True)
class Bar:
    """Some turns in a row on the strip. x, width, y and height in thousandths."""

    x: float
    width: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Tracked:
    """What the worker knows of a project."""

    is_known: bool
    first_turn: int = 0
    """Length of the thread when tracking began."""
    turns: int = 0
    """Length of the thread as far as it was followed."""
    versions: tuple[Glance, ...] = ()
    """Oldest first, the open one too."""
    changed: dict[int, list[Glance]] = field(default_factory=dict)
    """By turn."""

    def story(self, turn: int) -> Story:
        """turn: from 0."""
        own = self.changed.get(turn, [])
        if own:
            return self._changed(turn, own)
        if not self.is_known:
            return Story("unknown")
        if turn >= self.turns:
            return Story("unseen", after=self._files_after(turn))
        others = self._others(turn)
        if turn < self.first_turn:
            return Story("early", others=others)
        gap = self._gap_around(turn)
        if gap:
            return Story("removed", gap=gap, others=others)
        return Story("nothing", after=self._files_after(turn), others=others)

    def next_changed(self, turn: int) -> int | None:
        return min((each for each in self.changed if each > turn), default=None)

    def previous_changed(self, turn: int) -> int | None:
        return max((each for each in self.changed if each < turn), default=None)

    def _changed(self, turn: int, own: Sequence[Glance]) -> Story:
        numbers = tuple(each.number for each in own)
        before = max((each.number for each in self.versions if each.number < numbers[0]), default=0)
        gap = (before + 1, numbers[0] - 1) if before < numbers[0] - 1 else None
        return Story("changed", numbers, before, gap, numbers[-1], self._others(turn))

    def _others(self, turn: int) -> tuple[int, ...]:
        return tuple(
            each.number
            for each in self.versions
            if each.turn is None and each.turns == turn + 1 and each.number > 1
        )

    def _gap_around(self, turn: int) -> tuple[int, int] | None:
        """Where a version of the turn would be if it were there: after every version of a thread
        that did not have the message yet, and before all of one that had the next answer."""
        low = max((each.number for each in self.versions if each.turns < turn), default=0)
        later = [each.number for each in self.versions if each.turns > turn + 1]
        newest = max((each.number for each in self.versions), default=0)
        high = min(later, default=newest + 1)
        there = {each.number for each in self.versions}
        missing = [number for number in range(low + 1, high) if number not in there]
        return (missing[0], missing[-1]) if missing else None

    def _files_after(self, turn: int) -> int:
        """Of a turn that changed nothing: what was there before it."""
        earlier = [each.number for each in self.versions if each.turns <= turn]
        return max(earlier, default=0)

    def bars(self, total: int) -> list[Bar]:
        """The turns that changed files, as high as they changed lines. total: of all turns."""
        count = min(max(total, 1), BARS)
        amounts = [0] * count
        for turn, made in self.changed.items():
            if turn < total:
                amounts[turn * count // total] += sum(each.lines for each in made) + 1
        most = math.log(max(amounts) + 1) or 1
        width = 1000 / count
        return [
            Bar(round(at * width, 2), round(max(width - 0.6, 2), 2), round(1000 - height), height)
            for at, amount in enumerate(amounts)
            if amount and (height := round(200 + 800 * math.log(amount + 1) / most))
        ]


def tracked(project_id: str) -> Tracked:
    """Two round trips."""
    found = heads().find_one(
        {"project_id": project_id},
        {"_id": 0, "first_turn": 1, "turns": 1, "open.number": 1, "open.turns": 1,
         "open.author.turn": 1},
    )  # fmt: skip
    sealed = versions().find({"project_id": project_id}, AT_A_GLANCE).sort("number", -1)
    rows = [*sealed][::-1]
    if found and "open" in found:
        rows.append(found["open"])
    glances = tuple(_glance(row) for row in rows)
    changed: dict[int, list[Glance]] = {}
    for each in glances:
        if each.turn is not None:
            changed.setdefault(each.turn, []).append(each)
    if found is None:
        return Tracked(False, versions=glances, changed=changed)
    return Tracked(True, found["first_turn"], found["turns"], glances, changed)


def _glance(row: dict[str, Any]) -> Glance:
    totals = row.get("totals") or {}
    lines = totals.get("added", 0) + totals.get("removed", 0)
    turn = (row.get("author") or {}).get("turn")
    return Glance(row["number"], row.get("turns", 0), turn, totals.get("files", 0), lines)


def heads_of(project_id: str, numbers: Sequence[int]) -> list[VersionHead]:
    """Versions without their manifests, oldest first. One round trip."""
    wanted = {"$in": list(numbers)}
    pipeline: list[dict[str, Any]] = [
        {"$match": {"project_id": project_id, "number": wanted}},
        {"$project": {"files": 0, "refs": 0, "metadata": 0}},
        {
            "$unionWith": {
                "coll": HEADS,
                "pipeline": [{"$match": {"project_id": project_id, "open.number": wanted}}, OPEN],
            }
        },
        {"$sort": {"number": 1}},
    ]
    return [head_from(row) for row in versions().aggregate(pipeline)]
