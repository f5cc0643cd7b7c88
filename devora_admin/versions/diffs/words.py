"""Which words of a changed line changed, so that the eye finds them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from devora_admin.versions.diffs import lines
from devora_admin.versions.diffs.lines import Block

ALIKE = 0.4
"""The share of their letters two lines must have in common to be shown as one that changed."""
MOST_CHARS = 2_000
"""Of a line that is searched for words."""
_MOST_PAIRS = 2_500
"""Pairs of lines that are weighed for one block; in a larger one lines meet in order."""
_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")

Span = tuple[int, int]
"""Start and end in characters."""
Pair = tuple[int | None, int | None]
"""Numbers of an old and a new line; None where there is none on that side."""


@dataclass(frozen=True, slots=True)
class Marks:
    old: tuple[Span, ...]
    new: tuple[Span, ...]


NONE = Marks((), ())


def marks(old: str, new: str) -> Marks:
    """The parts of two lines in which they differ; none when they have little in common.

    The lines come without their ends.
    """
    if old == new or max(len(old), len(new)) > MOST_CHARS:
        return NONE
    left, right = _TOKEN.findall(old), _TOKEN.findall(new)
    changed = lines.blocks(_one_per_line(left), _one_per_line(right))
    old_spans = _spans(left, [(block.old, block.old_end) for block in changed])
    new_spans = _spans(right, [(block.new, block.new_end) for block in changed])
    total = max(_letters(old), _letters(new))
    common = _letters(old) - sum(_letters(old[start:end]) for start, end in old_spans)
    if total and common < ALIKE * total:
        return NONE
    return Marks(old_spans, new_spans)


def pairs(old: Sequence[str], new: Sequence[str]) -> list[Pair]:
    """Which removed line of a block became which added one, from top to bottom.

    Lines that became no other stand alone; each line stands once and in its order.
    """
    if not old or not new:
        return [(at, None) for at in range(len(old))] + [(None, at) for at in range(len(new))]
    left, right = [_words(line) for line in old], [_words(line) for line in new]
    if len(old) == len(new) and all(map(_are_alike, left, right)):
        return [(at, at) for at in range(len(old))]
    if len(old) * len(new) > _MOST_PAIRS:
        met = [(at, at) for at in range(min(len(old), len(new))) if _are_alike(left[at], right[at])]
    else:
        met = _best(left, right)
    return _with_those_alone(met, len(old), len(new))


def pairs_of(block: Block, old: Sequence[str], new: Sequence[str]) -> list[Pair]:
    """`pairs` of a block of two contents, as numbers of their lines."""
    found = pairs(old[block.old : block.old_end], new[block.new : block.new_end])
    return [
        (None if left is None else block.old + left, None if right is None else block.new + right)
        for left, right in found
    ]


def same_start(old: str, new: str) -> int:
    """How many characters two lines begin with alike."""
    low, high = 0, min(len(old), len(new))
    while low < high:
        middle = (low + high + 1) // 2
        if old[:middle] == new[:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _one_per_line(tokens: list[str]) -> bytes:
    # No token holds a line end. Halves of characters have bytes of their own here.
    return "\n".join([*tokens, ""]).encode("utf-8", "surrogatepass")


def _spans(tokens: list[str], runs: list[Span]) -> tuple[Span, ...]:
    """Where runs of tokens stand in the line; white space alone between two joins them."""
    ends = [0]
    for token in tokens:
        ends.append(ends[-1] + len(token))
    found: list[Span] = []
    last = -1
    for first, end in runs:
        if first == end:
            continue
        start = ends[first]
        if found and "".join(tokens[last:first]).isspace():
            start = found.pop()[0]
        found.append((start, ends[end]))
        last = end
    return tuple(found)


def _letters(text: str) -> int:
    return len("".join(text.split()))


def _words(line: str) -> frozenset[str]:
    return frozenset(token for token in _TOKEN.findall(line[:MOST_CHARS]) if not token.isspace())


def _likeness(left: frozenset[str], right: frozenset[str]) -> float:
    if not left or not right:
        return float(left == right)
    common = sum(map(len, left & right))
    return common / max(sum(map(len, left)), sum(map(len, right)))


def _are_alike(left: frozenset[str], right: frozenset[str]) -> bool:
    return _likeness(left, right) >= ALIKE


def _best(left: list[frozenset[str]], right: list[frozenset[str]]) -> list[tuple[int, int]]:
    """The pairs, in order on both sides, that are together most alike."""
    best = [[0.0] * (len(right) + 1) for _ in range(len(left) + 1)]
    share = [[_likeness(ours, theirs) for theirs in right] for ours in left]
    for i in range(len(left) - 1, -1, -1):
        for j in range(len(right) - 1, -1, -1):
            met = share[i][j] + best[i + 1][j + 1] if share[i][j] >= ALIKE else 0.0
            best[i][j] = max(met, best[i + 1][j], best[i][j + 1])
    found, i, j = [], 0, 0
    while i < len(left) and j < len(right):
        if share[i][j] >= ALIKE and best[i][j] == share[i][j] + best[i + 1][j + 1]:
            found.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return found


def _with_those_alone(met: list[tuple[int, int]], old_count: int, new_count: int) -> list[Pair]:
    found: list[Pair] = []
    i = j = 0
    for left, right in [*met, (old_count, new_count)]:
        found += [(at, None) for at in range(i, left)]
        found += [(None, at) for at in range(j, right)]
        if left < old_count:
            found.append((left, right))
        i, j = left + 1, right + 1
    return found
