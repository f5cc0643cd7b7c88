"""Which types of events there are, for a form to offer."""

from devora_admin.analytics.documents import TYPES
from devora_admin.analytics.queries.reading import rollups

MOST_OFFERED = 500


def type_names() -> list[str]:
    """One round trip."""
    found = rollups(TYPES).find({}, {"_id": 1}).sort("_id", 1).limit(MOST_OFFERED)
    return [row["_id"] for row in found]
