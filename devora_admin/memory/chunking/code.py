"""Files of a project as pieces: by functions and classes where the language has a grammar."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from devora_admin.memory.chunking import plain, syntax, worth
from devora_admin.memory.chunking.blocks import Block, pack
from devora_admin.memory.chunking.piece import Piece, clean
from devora_admin.projects.languages import language_of

MOST_OF_A_FILE = 400
MOST_OF_A_PROJECT = 5000
_LINE_ENDS = re.compile(r"\r?\n")
"""As pages count lines: a lone \\r is within one."""
_LONGEST_PATH = 500


@dataclass(frozen=True, slots=True)
class Chunked:
    pieces: tuple[Piece, ...]
    left_out: Mapping[str, int]
    """How many files or pieces, by the reason."""


def pieces_of_files(files: Iterable[Any]) -> Chunked:
    """files: as stored in a project; what is no {name, content} of texts is left out."""
    found: list[Piece] = []
    left_out: Counter[str] = Counter()
    for file in files:
        name, content = (
            (file.get("name"), file.get("content")) if isinstance(file, Mapping) else (None, None)
        )
        if not isinstance(name, str) or not isinstance(content, str) or not name:
            left_out["malformed"] += 1
            continue
        text = clean(content)
        if reason := worth.why_not(name, text):
            left_out[reason] += 1
            continue
        pieces = pieces_of_file(clean(name)[:_LONGEST_PATH], text)
        kept = pieces[: min(MOST_OF_A_FILE, MOST_OF_A_PROJECT - len(found))]
        left_out["beyond the limit"] += len(pieces) - len(kept)
        found += kept
    return Chunked(tuple(found), +left_out)


def pieces_of_file(path: str, text: str) -> list[Piece]:
    """Every line that is not blank is in one piece, those of more than a piece's size in several.

    text: clean.
    """
    lines = _LINE_ENDS.split(text)
    language = language_of(path)
    return [
        Piece(
            "code",
            stretch.text,
            path=path,
            symbol=stretch.symbol,
            language=language,
            line_from=stretch.start + 1,
            line_to=stretch.end,
        )
        for stretch in pack(lines, _blocks(lines, language))
    ]


def _blocks(lines: list[str], language: str) -> list[Block]:
    if syntax.knows(language):
        text = "\n".join(lines)
        if len(text) < syntax.MOST_BYTES // 3:
            return syntax.blocks(text, language)
    return plain.blocks(lines, language)
