"""Blocks of text without a grammar: by headings, by the parts of a component, by blank lines."""

import re

from devora_admin.memory.chunking.blocks import Block

_HEADING = re.compile(r"#{1,6} +(\S.{0,119})")
_FENCE = re.compile(r"\s*(```|~~~)")
_PART = re.compile(r"<(script|template|style)\b")


def blocks(lines: list[str], language: str) -> list[Block]:
    if language in ("markdown", "mdx"):
        return _by_headings(lines)
    return _by_blank_lines(lines)


def _by_headings(lines: list[str]) -> list[Block]:
    found: list[Block] = []
    start, heading, is_code = 0, "", False
    for number, line in enumerate(lines):
        if _FENCE.match(line):
            is_code = not is_code
        elif not is_code and (match := _HEADING.match(line)):
            found.append(Block(start, number, heading))
            start, heading = number, match[1].strip()
    found.append(Block(start, len(lines), heading))
    return [part for block in found for part in _paragraphs(lines, block)]


def _by_blank_lines(lines: list[str]) -> list[Block]:
    return _paragraphs(lines, Block(0, len(lines)))


def _paragraphs(lines: list[str], block: Block) -> list[Block]:
    """Each begins after a blank line or, in a component, with one of its parts."""
    found: list[Block] = []
    start, symbol = block.start, block.symbol
    for number in range(block.start + 1, block.end):
        part = _PART.match(lines[number])
        if part or (lines[number].strip() and not lines[number - 1].strip()):
            found.append(Block(start, number, symbol))
            start = number
            symbol = part[1] if part else symbol
    found.append(Block(start, block.end, symbol))
    return [each for each in found if each.start < each.end]
