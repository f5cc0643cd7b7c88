"""What the page of an issue says of the suggestion it was opened from."""

from dataclasses import dataclass

from devora_admin.core.errors import NotFound
from devora_admin.support import page_parts
from devora_admin.support.documents import issues
from devora_admin.support.page_parts import Can, Part
from devora_admin.support.queries.issue import Issue
from devora_admin.support.suggestions import queries
from devora_admin.support.suggestions.queries import Suggestion

_PLACE = 15


@dataclass(frozen=True, slots=True)
class Origin:
    found: Suggestion
    is_past: bool
    """It has begun anew since: its numbers and places are no longer this issue's."""


def register() -> None:
    page_parts.register(
        Part(
            name="suggestion", title="Where it comes from", order=_PLACE, icon="binoculars",
            permission="issues.view", template="support/suggestions/part.html", load=_load,
        )
    )  # fmt: skip


def _load(issue: Issue, can: Can) -> Origin | None:
    """None for an issue that a customer or staff began. Three round trips for the others."""
    if issue.source not in ("scan", "spike"):
        return None
    row = issues().find_one({"number": issue.number}, {"source": 1})
    name = row["source"].get("fingerprint", "") if row else ""
    suggestion_id, _, rest = name.partition(":")
    try:
        found = queries.one(suggestion_id)
    except NotFound:
        return None
    return Origin(found, is_past=(rest.partition(":")[0] or "1") != str(found.episode))
