"""What the page of an issue says of the suggestion it was opened from."""

from devora_admin.core.errors import NotFound
from devora_admin.support import page_parts
from devora_admin.support.documents import issues
from devora_admin.support.page_parts import Can, Part
from devora_admin.support.queries.issue import Issue
from devora_admin.support.suggestions import queries
from devora_admin.support.suggestions.queries import Suggestion

_PLACE = 15


def register() -> None:
    page_parts.register(
        Part(
            name="suggestion", title="Where it comes from", order=_PLACE, icon="binoculars",
            permission="issues.view", template="support/suggestions/part.html", load=_load,
        )
    )  # fmt: skip


def _load(issue: Issue, can: Can) -> Suggestion | None:
    """None for an issue that a customer or staff began. Three round trips for the others."""
    if issue.source not in ("scan", "spike"):
        return None
    row = issues().find_one({"number": issue.number}, {"source": 1})
    name = row["source"].get("fingerprint", "") if row else ""
    try:
        return queries.one(name.partition(":")[0])
    except NotFound:
        return None
