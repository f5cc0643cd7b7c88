"""Saved views of the inbox."""

from dataclasses import dataclass

from devora_admin.support.documents import saved_views

MOST = 60


@dataclass(frozen=True, slots=True)
class SavedView:
    id: str
    name: str
    query: str
    is_shared: bool
    is_own: bool
    revision: int

    @property
    def href(self) -> str:
        """The list's address, saying that it is this view."""
        return f"?{self.query}&saved={self.id}" if self.query else f"?saved={self.id}"


def views_of(staff_id: str) -> list[SavedView]:
    """One's own and the team's, by name; one round trip."""
    kept = {"deleted_at": None}
    wanted = {"$or": [{"owner_id": staff_id, **kept}, {"is_shared": True, **kept}]}
    found = saved_views().find(wanted).sort("name", 1).limit(MOST)
    return [
        SavedView(
            id=row["_id"], name=row["name"], query=row["query"], is_shared=row["is_shared"],
            is_own=row["owner_id"] == staff_id, revision=row["revision"],
        )
        for row in found
    ]  # fmt: skip
