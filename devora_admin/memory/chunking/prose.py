"""Texts of people as parts of a size that a model reads whole."""

import re
from collections.abc import Iterator
from typing import Any

from devora_admin.memory.chunking.piece import AIM_CHARACTERS, MOST_CHARACTERS, clean

_FENCED = re.compile(r"^[ \t]*```([\w+-]*)[^\n]*\n(.*?)^[ \t]*```[ \t]*$", re.DOTALL | re.MULTILINE)
_LONG_CODE_LINES = 6
MOST_OF_A_TEXT = 60


def text_of(content: Any) -> str:
    """What a message says: a text, or the texts among its parts. "" for anything else."""
    if isinstance(content, str):
        return clean(content)
    if isinstance(content, list):
        parts = (part.get("text") if isinstance(part, dict) else part for part in content)
        return clean("\n".join(part for part in parts if isinstance(part, str)))
    return ""


def without_long_code(text: str) -> str:
    """Fenced code of more than a few lines named instead: the project's files hold it."""

    def shortened(match: re.Match[str]) -> str:
        lines = match[2].count("\n")
        if lines <= _LONG_CODE_LINES:
            return match[0]
        return f"[{lines} lines of {match[1] or 'code'}]"

    return _FENCED.sub(shortened, text)


def parts(text: str) -> Iterator[str]:
    """Whole paragraphs together up to the size aimed at; at most `MOST_OF_A_TEXT` parts."""
    gathered, count = "", 0
    for paragraph in _paragraphs(text):
        if gathered and len(gathered) + len(paragraph) > AIM_CHARACTERS:
            yield gathered
            gathered, count = "", count + 1
            if count == MOST_OF_A_TEXT:
                return
        gathered = f"{gathered}\n\n{paragraph}" if gathered else paragraph
    if gathered:
        yield gathered


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in re.split(r"\n[ \t]*\n", text):
        rest = paragraph.strip()
        while len(rest) > MOST_CHARACTERS:
            # At a space or the end of a line, where there is one.
            at = max(rest.rfind(" ", 0, MOST_CHARACTERS), rest.rfind("\n", 0, MOST_CHARACTERS))
            at = at if at > MOST_CHARACTERS // 2 else MOST_CHARACTERS
            yield rest[:at].rstrip()
            rest = rest[at:].lstrip()
        if rest:
            yield rest
