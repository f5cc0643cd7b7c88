"""Finding by meaning, by words and by identifiers at once."""

from devora_admin.memory.queries.answers import (
    Answer,
    Asked,
    Hit,
    LegReport,
    Reason,
    Recall,
    Recalled,
    Segment,
    Share,
)

__all__ = [
    "Answer",
    "Asked",
    "Hit",
    "LegReport",
    "Reason",
    "Recall",
    "Recalled",
    "Segment",
    "Share",
]
