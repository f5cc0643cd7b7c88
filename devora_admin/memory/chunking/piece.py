"""What is remembered, found and shown as one."""

import hashlib
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Literal

from devora_admin.memory.words import storable

Kind = Literal["code", "project", "message", "issue", "note"]

AIM_CHARACTERS = 1000
MOST_CHARACTERS = 1500
"""A model of 256 tokens reads about a thousand characters of code."""


@dataclass(frozen=True)
class Piece:
    kind: Kind
    text: str
    """NFC; without what PostgreSQL cannot hold."""
    path: str = ""
    symbol: str = ""
    language: str = ""
    line_from: int = 0
    """Of the file, counted from 1; 0 where there are no lines."""
    line_to: int = 0
    turn: int | None = None
    """Counted from 0 over the whole thread."""
    role: str = ""
    at: datetime | None = None

    @property
    def embedded_text(self) -> str:
        return embedded_text(self.path, self.symbol, self.text)

    @cached_property
    def sha256(self) -> bytes:
        """Of what is embedded: the same for the same words at the same path."""
        return hash_of(self.embedded_text)


def hash_of(embedded: str) -> bytes:
    return hashlib.sha256(embedded.encode()).digest()


def embedded_text(path: str, symbol: str, text: str) -> str:
    """Path and symbol stand in front, as they say what the code is for."""
    heading = " ".join(filter(None, (path, symbol)))
    return f"{heading}\n{text}" if heading else text


def clean(text: str) -> str:
    """NFC, without what no store holds."""
    return storable(text if text.isascii() else unicodedata.normalize("NFC", text))
