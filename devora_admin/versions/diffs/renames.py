"""Which files that are gone and which that are new are one file under another name."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import PurePosixPath

from devora_admin.versions.diffs import lines
from devora_admin.versions.manifest import Entry, Sha

ALIKE = 0.5
"""Of the distinct lines of the larger file, how many the other must have too."""
MOST_CANDIDATES = 100
"""On either side. With more of them, only files that are equal are found."""
_MOST_WORK = 2_000_000
"""Lines compared; about 0.1 s."""

Pair = tuple[Entry, Entry]


def pairs(
    gone: Sequence[Entry], come: Sequence[Entry], contents: Mapping[Sha, bytes]
) -> list[Pair]:
    """Each file at most once: those with equal contents first, then those with alike lines."""
    equal = list(_equal(gone, come))
    used = {id(entry) for entry in chain.from_iterable(equal)}
    left = [entry for entry in gone if id(entry) not in used]
    right = [entry for entry in come if id(entry) not in used]
    return equal + list(_alike(left, right, contents))


def _equal(gone: Sequence[Entry], come: Sequence[Entry]) -> Iterator[Pair]:
    by_content: defaultdict[tuple[Sha, str], list[Entry]] = defaultdict(list)
    for entry in sorted(gone, key=lambda entry: entry.path):
        if entry.size:  # empty files are equal without being one
            by_content[entry.sha, entry.kind].append(entry)
    for entry in sorted(come, key=lambda entry: entry.path):
        same = by_content.get((entry.sha, entry.kind))
        if same:
            # Of several, the one that only moved to another folder.
            best = min(same, key=lambda each: (_name(each) != _name(entry), each.path))
            same.remove(best)
            yield best, entry


def _alike(
    gone: Sequence[Entry], come: Sequence[Entry], contents: Mapping[Sha, bytes]
) -> Iterator[Pair]:
    if not gone or not come or max(len(gone), len(come)) > MOST_CANDIDATES:
        return
    left = {id(entry): _lines(entry, contents) for entry in gone}
    right = {id(entry): _lines(entry, contents) for entry in come}
    work, scored = 0, []
    for before, after in sorted(_possible(gone, come), key=_likely):
        ours, theirs = left[id(before)], right[id(after)]
        most, least = max(len(ours), len(theirs)), min(len(ours), len(theirs))
        if least < ALIKE * most or not least:
            continue
        work += least
        if work > _MOST_WORK:
            break
        share = len(ours & theirs) / most
        if share >= ALIKE:
            scored.append((-share, _likely((before, after)), before, after))
    used: set[int] = set()
    for _, _, before, after in sorted(scored, key=lambda each: each[:2]):
        if id(before) not in used and id(after) not in used:
            used |= {id(before), id(after)}
            yield before, after


def _possible(gone: Sequence[Entry], come: Sequence[Entry]) -> Iterator[Pair]:
    for before in gone:
        for after in come:
            if min(before.size, after.size) * 4 >= max(before.size, after.size):
                yield before, after


def _likely(pair: Pair) -> tuple[bool, bool, str, str]:
    """Sorts what is more likely to be the same file first."""
    before, after = pair
    is_other_kind = PurePosixPath(before.path).suffix != PurePosixPath(after.path).suffix
    return _name(before) != _name(after), is_other_kind, before.path, after.path


def _lines(entry: Entry, contents: Mapping[Sha, bytes]) -> frozenset[bytes]:
    """Distinct lines: that two files have many closing brackets does not make them alike."""
    if entry.kind != "text":
        return frozenset()
    content = contents[entry.sha]
    if lines.is_binary(content) or lines.is_large(content):
        return frozenset()
    return frozenset(line for each in content.split(b"\n") if (line := each.strip()))


def _name(entry: Entry) -> str:
    return entry.path.rpartition("/")[2]
