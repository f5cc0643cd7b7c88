"""By whose word a version came about."""

from dataclasses import dataclass
from typing import Any, Literal

AuthorKind = Literal["staff", "customer", "ai", "platform"]
Basis = Literal["", "marked", "same write", "between"]


@dataclass(frozen=True, slots=True)
class Author:
    kind: AuthorKind
    """platform: the platform wrote it, and nothing tells for whom."""
    id: str = ""
    label: str = ""
    turn: int | None = None
    """Of an AI: the turn of the thread, from 0, that made the change."""
    basis: Basis = ""
    """How the turn is known: the platform said so; files and answer came in one write; or the
    files came after the customer's message and before the answer."""

    @property
    def key(self) -> tuple[str, str, int | None]:
        """Equal for changes that belong into one burst."""
        return self.kind, self.id, self.turn

    def stored(self) -> dict[str, Any]:
        row: dict[str, Any] = {"kind": self.kind}
        for name in ("id", "label", "basis"):
            if value := getattr(self, name):
                row[name] = value
        if self.turn is not None:
            row["turn"] = self.turn
        return row


PLATFORM = Author("platform")


def from_stored(row: dict[str, Any]) -> Author:
    return Author(
        row["kind"], row.get("id", ""), row.get("label", ""), row.get("turn"), row.get("basis", "")
    )
