"""What projects and customers are called, for pages of apps above that know their ids alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from devora_admin.core import raw_bson
from devora_admin.projects.documents import projects, shown_name
from devora_admin.users.queries.owners import Owner, owner_of, owners_stage


@dataclass(frozen=True, slots=True)
class Names:
    """By id; who is not there any more is left out."""

    projects: Mapping[str, str] = field(default_factory=dict)
    customers: Mapping[str, Owner] = field(default_factory=dict)


def names(project_ids: Iterable[str], customer_ids: Iterable[str]) -> Names:
    """In one round trip."""
    wanted_projects, wanted_customers = set(filter(None, project_ids)), set(customer_ids) - {""}
    if not wanted_projects and not wanted_customers:
        return Names()
    stages: list[dict[str, Any]] = [
        {"$match": {"id": {"$in": sorted(wanted_projects)}}},
        {"$project": {"_id": 0, "id": 1, "name": 1, "is_project": {"$literal": True}}},
        owners_stage(wanted_customers),
    ]
    collection = projects().with_options(codec_options=raw_bson.LENIENT)
    found = [row for row in collection.aggregate(stages) if raw_bson.is_text(row.get("id"))]
    return Names(
        {row["id"]: shown_name(row.get("name")) for row in found if "is_project" in row},
        {row["id"]: owner_of(row) for row in found if "is_project" not in row},
    )
