"""The few lines of a chunk that show why it was found. Pure."""

import re
from collections import Counter
from collections.abc import Container, Iterator
from dataclasses import dataclass
from itertools import pairwise

from devora_admin.memory.queries.answers import Segment

LINES = 6
_WIDE = 200
"""Characters of a line; of a longer one, such as minified code, the part with matches."""
_BEFORE = 60
_PART = re.compile(r"[^\W_]+")
_SEAM = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True, slots=True)
class Snippet:
    segments: tuple[Segment, ...]
    line: int
    """Of the text, from 0, at which it starts."""


def parts_of(text: str) -> set[str]:
    """The words that `snippet` may mark, as they stand."""
    return {text[start:end] for start, end in _parts(text)}


def snippet(text: str, matching: Container[str], names: Container[str], question: str) -> Snippet:
    """The best LINES lines that follow one another.

    matching: which parts of `text` match; names: which identifiers do, as wholes. Where nothing
    does, the lines that are most like the question, letter by letter.
    """
    lines = text.split("\n")
    spans = [list(_spans(line, matching, names)) for line in lines]
    found = [Counter(line[start:end].lower() for start, end in its)
             for line, its in zip(lines, spans, strict=True)]  # fmt: skip
    if not any(spans):
        found = [_shared(line, question) for line in lines]
    first = max(range(len(lines)), key=lambda start: (_worth(found[start : start + LINES]), -start))
    if first + LINES > len(lines):
        first = max(0, len(lines) - LINES)
    while first + 1 < len(lines) and not lines[first].strip():
        first += 1
    last = min(first + LINES, len(lines))
    segments: list[Segment] = []
    for number in range(first, last):
        segments += _marked(lines[number], spans[number])
        if number + 1 < last:
            segments.append(Segment("\n"))
    return Snippet(tuple(_joined(segments)), first)


def _worth(found: list[Counter[str]]) -> float:
    """Different words first, then how often, and rather in the middle than at the edge."""
    together = sum(found, Counter[str]())
    return (
        len(together)
        + 0.1 * sum(min(count, 5) for count in together.values())
        + (0.01 if found and found[0] else 0.0)
    )


def _shared(line: str, question: str) -> Counter[str]:
    return Counter(dict.fromkeys(_trigrams(line) & _trigrams(question), 1))


def _trigrams(text: str) -> set[str]:
    return {
        word[start : start + 3]
        for word in (text[first:last].lower() for first, last in _parts(text))
        for start in range(len(word) - 2)
    }


def _parts(text: str) -> Iterator[tuple[int, int]]:
    """Where the words are, as PostgreSQL takes them apart: camelCase in two, 漢字 each alone."""
    for found in _PART.finditer(text):
        edges = {0, len(found[0]), *(seam.start() for seam in _SEAM.finditer(found[0]))}
        for each in _UNSPACED.finditer(found[0]):
            edges |= {each.start(), each.end()}
        ordered = sorted(edges)
        for start, end in pairwise(ordered):
            yield found.start() + start, found.start() + end


def _spans(line: str, matching: Container[str], names: Container[str]) -> Iterator[tuple[int, int]]:
    until = 0
    for whole in re.finditer(r"[\w$]+", line):
        if whole[0] in names:
            yield whole.span()
            until = whole.end()
            continue
        for start, end in _parts(whole[0]):
            if whole[0][start:end] in matching:
                yield max(until, whole.start() + start), whole.start() + end


def _marked(line: str, spans: list[tuple[int, int]]) -> Iterator[Segment]:
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


def _joined(segments: list[Segment]) -> Iterator[Segment]:
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
