"""Stretches of lines that belong together, and packing them into pieces of one size."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from devora_admin.memory.chunking.piece import AIM_CHARACTERS, MOST_CHARACTERS

_NAMES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Block:
    """Lines `start` to before `end`, counted from 0."""

    start: int
    end: int
    symbol: str = ""


@dataclass(frozen=True, slots=True)
class Stretch:
    """What becomes a piece."""

    start: int
    end: int
    symbol: str
    text: str


def pack(lines: list[str], blocks: Iterable[Block]) -> Iterator[Stretch]:
    """Small neighbours together, large ones alone, and what is too large in parts.

    blocks: in order, covering every line that is not blank. What comes out covers each of those
    lines once.
    """
    gathered: list[Block] = []
    size = 0
    for block in blocks:
        its_size = _size(lines, block)
        is_large = its_size > AIM_CHARACTERS // 2
        if gathered and (is_large or size + its_size > AIM_CHARACTERS):
            yield from _joined(lines, gathered)
            gathered, size = [], 0
        if its_size > MOST_CHARACTERS:
            yield from _parts(lines, block)
        else:
            gathered.append(block)
            size += its_size
    yield from _joined(lines, gathered)


def _size(lines: list[str], block: Block) -> int:
    return sum(len(line) + 1 for line in lines[block.start : block.end])


def _joined(lines: list[str], blocks: list[Block]) -> Iterator[Stretch]:
    if blocks:
        names = list(dict.fromkeys(block.symbol for block in blocks if block.symbol))
        symbol = ", ".join(names[:_NAMES_SHOWN])
        yield from _stretch(lines, blocks[0].start, blocks[-1].end, symbol)


def _parts(lines: list[str], block: Block) -> Iterator[Stretch]:
    """At lines with the least indentation where there is a choice."""
    start, size = block.start, 0
    for number in range(block.start, block.end):
        its_size = len(lines[number]) + 1
        if number > start and size + its_size > MOST_CHARACTERS:
            border = _border(lines, start, number)
            yield from _stretch(lines, start, border, block.symbol)
            start = border
            size = sum(len(line) + 1 for line in lines[start:number])
        size += its_size
    yield from _stretch(lines, start, block.end, block.symbol)


def _border(lines: list[str], start: int, end: int) -> int:
    """The best line in the second half of these to begin a new part with."""
    candidates = range(max(start + 1, (start + end) // 2), end + 1)
    return min(candidates, key=lambda number: (_indentation(lines, number), -number))


def _indentation(lines: list[str], number: int) -> int:
    line = lines[number] if number < len(lines) else ""
    return len(line) - len(line.lstrip()) if line.strip() else 1_000


def _stretch(lines: list[str], start: int, end: int, symbol: str) -> Iterator[Stretch]:
    while start < end and not lines[start].strip():
        start += 1
    while start < end and not lines[end - 1].strip():
        end -= 1
    if start == end:
        return
    text = "\n".join(lines[start:end])
    if end - start == 1 and len(text) > MOST_CHARACTERS:
        for at in range(0, len(text), MOST_CHARACTERS):
            yield Stretch(start, end, symbol, text[at : at + MOST_CHARACTERS])
    else:
        yield Stretch(start, end, symbol, text)
