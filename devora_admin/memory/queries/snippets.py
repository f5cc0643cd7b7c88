"""The few lines of a chunk that show why it was found. Pure."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from devora_admin.memory.queries.answers import Segment

LINES = 6
_WIDE = 200
"""Characters of a line; of a longer one, such as minified code, the part with matches."""
_BEFORE = 60
_WORD = re.compile(r"[^\W_]+")
_NAME = re.compile(r"[\w$]+")
_SEAM = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_ALONE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
_UNSPACED = re.compile(f"[{_ALONE}]")
_REST = re.compile(rf"[^\W_{_ALONE}]{{1,100}}|.", re.DOTALL)
_START = re.compile(
    r"(?:(?<![^\W_])|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])"
    rf"|(?<=[{_ALONE}])|(?=[{_ALONE}]))(?=[^\W_])"
)
_SHOWN_OFTEN = 5
_BEGINNING = 4

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Snippet:
    segments: tuple[Segment, ...]
    line: int
    """Of the text, from 0, at which it starts."""


def parts_like(text: str, beginnings: Collection[str]) -> list[Span]:
    """Where words are that begin so, whatever their case, as PostgreSQL takes them apart: camelCase
    in two, 漢字 each alone.

    beginnings: one or two characters each, in lower case.
    """
    starts = _ascii_starts(text, beginnings) if text.isascii() else _starts(text, beginnings)
    return [(start, _end_of_part(text, start)) for start in starts]


def _starts(text: str, beginnings: Collection[str]) -> Iterator[int]:
    for start in (found.start() for found in _START.finditer(text)):
        if text[start : start + 2].lower() in beginnings or text[start].lower() in beginnings:
            yield start


def _ascii_starts(text: str, beginnings: Collection[str]) -> Iterator[int]:
    """The same where a character is one in lower case too, which most code is: few places begin
    so, and only these are looked at."""
    for start in (found.start() for found in _anywhere(frozenset(beginnings))(text.lower())):
        before = text[start - 1 : start]
        if not before.isalnum() or (
            text[start].isupper()
            and (not before.isupper() or text[start + 1 : start + 2].islower())
        ):
            yield start


@lru_cache(maxsize=64)
def _anywhere(beginnings: frozenset[str]) -> Callable[[str], Iterator[re.Match[str]]]:
    seconds: dict[str, set[str]] = {}
    for each in sorted(beginnings):
        if each.isascii() and each[0].isalnum():
            seconds.setdefault(each[0], set()).add(re.escape(each[1:]))
    wanted = [
        first if "" in rest else f"{first}(?=[{''.join(sorted(rest))}])"
        for first, rest in seconds.items()
    ]
    return re.compile("|".join(wanted) or "(?!)").finditer


def _end_of_part(text: str, start: int) -> int:
    if _UNSPACED.match(text, start):
        return start + 1
    end = _REST.match(text, start).end()  # type: ignore[union-attr]
    seam = _SEAM.search(text, start + 1, end)
    return seam.start() if seam else end


def snippet(
    text: str,
    parts: Sequence[Span],
    matching: Collection[str],
    names: Collection[str],
    question: str,
) -> Snippet:
    """The best LINES lines that follow one another.

    parts: words that may match, as `parts_like` finds them. matching: which do; names: which
    identifiers do, as wholes. Where nothing does, the lines where most words begin as some of the
    question do.
    """
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    spans = _spans(text, parts, matching, names)
    words: dict[int, list[str]] = {}
    for start, end in spans:
        words.setdefault(bisect_right(starts, start) - 1, []).append(text[start:end].lower())
    if not words and (beginnings := _beginnings(question)):
        for found in beginnings.finditer(text):
            words.setdefault(bisect_right(starts, found.start()) - 1, []).append(found[0].lower())
    first = min(_best(words), max(0, len(lines) - LINES))
    while first + 1 < len(lines) and not lines[first].strip():
        first += 1
    last = min(first + LINES, len(lines))
    segments: list[Segment] = []
    for number in range(first, last):
        within = [
            (start - starts[number], end - starts[number])
            for start, end in spans
            if starts[number] <= start and end < starts[number + 1]
        ]
        segments += _marked(lines[number], within)
        if number + 1 < last:
            segments.append(Segment("\n"))
    return Snippet(tuple(_joined(segments)), first)


def _best(words: dict[int, list[str]]) -> int:
    """The line with matches from which on there are most: different ones first, then often."""

    def worth(start: int) -> float:
        counts = Counter(
            word for number in range(start, start + LINES) for word in words.get(number, ())
        )
        return len(counts) + 0.1 * sum(min(count, _SHOWN_OFTEN) for count in counts.values())

    return max(words, key=lambda start: (worth(start), -start), default=0)


def _spans(
    text: str, parts: Sequence[Span], matching: Collection[str], names: Collection[str]
) -> list[Span]:
    wholes = [found.span() for found in _NAME.finditer(text) if found[0] in names] if names else []
    alone = [(start, end) for start, end in parts if text[start:end] in matching]
    if not wholes:
        return alone
    covered = [start for start, _ in wholes]
    outside = [
        (start, end)
        for start, end in alone
        if not ((place := bisect_right(covered, start)) and end <= wholes[place - 1][1])
    ]
    return sorted([*wholes, *outside])


def _beginnings(question: str) -> re.Pattern[str] | None:
    """Of its longer words: “authentication” leads to lines with auth and authenticated."""
    begin = {word[:_BEGINNING] for word in _WORD.findall(question) if len(word) >= _BEGINNING}
    return re.compile("|".join(map(re.escape, sorted(begin))), re.IGNORECASE) if begin else None


def _marked(line: str, spans: Sequence[Span]) -> Iterator[Segment]:
    start, end = 0, len(line)
    if end > _WIDE:
        start = max(0, spans[0][0] - _BEFORE) if spans else 0
        end = min(end, start + _WIDE)
    if start:
        yield Segment("…")
    place = start
    for first, last in spans:
        if first < place or last > end:
            continue
        yield Segment(line[place:first])
        yield Segment(line[first:last], is_match=True)
        place = last
    yield Segment(line[place:end])
    if end < len(line):
        yield Segment("…")


def _joined(segments: Sequence[Segment]) -> Iterator[Segment]:
    """Neighbours of one sort as one, and none that is empty."""
    text, is_match = "", False
    for each in segments:
        if each.is_match != is_match and text:
            yield Segment(text, is_match)
            text = ""
        if not text:
            is_match = each.is_match
        text += each.text
    if text:
        yield Segment(text, is_match)
