"""One reason to believe that a customer prefers something, or does not."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Kind = Literal["statement", "manifest", "chosen", "kept", "reverted"]
"""Said; built with; put in by the customer; of the AI's choice and still there, or taken out."""


@dataclass(frozen=True, slots=True)
class Evidence:
    topic: str
    value: str
    weight: float
    """-1 (never) to 1 (always)."""
    kind: Kind
    quote: str
    """Verbatim, from the message or the manifest."""
    path: str = ""
    turn: int | None = None
    span_from: int = 0
    """In the text of the message as memory keeps it, in characters."""
    span_to: int = 0
    at: datetime | None = None
    """None: as old as its source, which `indexing.reading` tells."""
