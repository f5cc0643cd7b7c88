"""The lines in which two contents differ, by Git's own algorithm (libgit2).

A content is bytes, and a line ends at `\\n` and nowhere else: `\\r`, form feeds and U+2028 are
characters within a line here, and a last line without `\\n` differs from the same one with it.
Lines count from 0. All of this is pure; nothing reads a store.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pygit2
from pygit2.enums import DiffOption

MOST_BYTES = 1_000_000
MOST_LINES = 20_000
"""Beyond them two contents are only counted: showing a difference of that size helps nobody."""
_AS_TEXT = DiffOption.FORCE_TEXT | DiffOption.INDENT_HEURISTIC


@dataclass(frozen=True, slots=True)
class Block:
    """A run of old lines in whose place stands a run of new ones; either may be empty."""

    old: int
    old_count: int
    new: int
    new_count: int

    @property
    def old_end(self) -> int:
        return self.old + self.old_count

    @property
    def new_end(self) -> int:
        return self.new + self.new_count


@dataclass(frozen=True, slots=True)
class Kept:
    """A run of lines that both sides have."""

    old: int
    new: int
    count: int


@dataclass(frozen=True, slots=True)
class Hunk:
    """Changes that stand close together, with the lines around them."""

    old: int
    old_count: int
    new: int
    new_count: int
    blocks: tuple[Block, ...]


def split(content: bytes) -> list[bytes]:
    """Its lines, each with its end; joined they are the content again."""
    lines = content.split(b"\n")
    last = lines.pop()
    ended = [line + b"\n" for line in lines]
    return [*ended, last] if last else ended


def count(content: bytes) -> int:
    return content.count(b"\n") + (not content.endswith(b"\n") if content else 0)


def is_binary(content: bytes) -> bool:
    return b"\0" in content


def is_large(content: bytes) -> bool:
    return len(content) > MOST_BYTES or content.count(b"\n") > MOST_LINES


def blocks(old: bytes, new: bytes, *, ignore_space: bool = False) -> list[Block]:
    """What changed, from top to bottom. For contents that are neither binary nor large.

    ignore_space: lines that differ in white space alone count as the same.
    """
    if old == new:
        return []
    how = _AS_TEXT | DiffOption.IGNORE_WHITESPACE if ignore_space else _AS_TEXT
    patch = pygit2.Patch.create_from(old, new, context_lines=0, flag=how)
    # Of an empty run Git names the line before it, counted from 1.
    return [
        Block(
            hunk.old_start - (hunk.old_lines > 0), hunk.old_lines,
            hunk.new_start - (hunk.new_lines > 0), hunk.new_lines,
        )
        for hunk in patch.hunks
    ]  # fmt: skip


def counts(old: bytes, new: bytes) -> tuple[int, int]:
    """How many lines were added and removed, whatever the contents are.

    Binary contents have no lines. In large ones lines are counted whatever their order, so that
    moved lines count as kept.
    """
    if old == new or is_binary(old) or is_binary(new):
        return 0, 0
    if not old or not new:
        return count(new), count(old)
    if is_large(old) or is_large(new):
        before, after = Counter(split(old)), Counter(split(new))
        return (after - before).total(), (before - after).total()
    patch = pygit2.Patch.create_from(old, new, context_lines=0, flag=_AS_TEXT)
    _, added, removed = patch.line_stats
    return added, removed


def kept(changed: Sequence[Block], old_count: int) -> Iterator[Kept]:
    """The runs between the changes. old_count: lines of the old content."""
    old = new = 0
    for block in changed:
        if block.old > old:
            yield Kept(old, new, block.old - old)
        old, new = block.old_end, block.new_end
    if old_count > old:
        yield Kept(old, new, old_count - old)


def origins(old: bytes, new: bytes) -> list[int | None]:
    """For each new line the old one it is, or None where it was written anew.

    Only equal lines are mapped, and in order. Nothing in binary or large contents is.
    """
    total = count(new)
    if old == new:
        return list(range(total))
    found: list[int | None] = [None] * total
    if any(is_binary(each) or is_large(each) for each in (old, new)):
        return found
    for run in kept(blocks(old, new), count(old)):
        found[run.new : run.new + run.count] = range(run.old, run.old + run.count)
    return found


def hunks(changed: Sequence[Block], old_count: int, *, context: int = 3) -> list[Hunk]:
    """Changes with `context` lines around them; those whose lines would meet are one hunk."""
    found: list[Hunk] = []
    near: list[Block] = []
    for block in changed:
        if near and block.old - near[-1].old_end > 2 * context:
            found.append(_hunk(near, old_count, context))
            near = []
        near.append(block)
    if near:
        found.append(_hunk(near, old_count, context))
    return found


def _hunk(near: list[Block], old_count: int, context: int) -> Hunk:
    first, last = near[0], near[-1]
    before = min(context, first.old)
    after = min(context, old_count - last.old_end)
    old, new = first.old - before, first.new - before
    return Hunk(old, last.old_end + after - old, new, last.new_end + after - new, tuple(near))
