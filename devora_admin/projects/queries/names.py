"""What projects and customers are called, for pages of apps above that know their ids alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pymongo.collection import Collection

from devora_admin.core import raw_bson
from devora_admin.core.listing.beginnings import beginning
from devora_admin.core.listing.indexes import ANY_CASE, name_of
from devora_admin.projects.documents import projects, shown_name
from devora_admin.users.queries.owners import Owner, owner_of, owners_stage

_FIELDS = {"_id": 0, "id": 1, "name": 1, "user_id": 1}


@dataclass(frozen=True, slots=True)
class Names:
    """By id; who is not there any more is left out."""

    projects: Mapping[str, str] = field(default_factory=dict)
    customers: Mapping[str, Owner] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Named:
    id: str
    name: str
    user_id: str


def suggest_projects(text: str, *, limit: int = 10) -> list[Named]:
    """Projects for an autocomplete box: by id, then by the beginning of their name in any case."""
    text = text.strip()
    if not text:
        return []
    rows = [
        *_projects().find({"id": text}, _FIELDS).limit(1),
        *beginning(_projects(), "name", text, _FIELDS).limit(limit),
    ]
    found = {each.id: each for each in _named(rows)}
    return list(found.values())[:limit]


def projects_called(name: str, *, user_id: str = "", limit: int) -> list[Named]:
    """Projects with exactly this name, in any case. user_id: of one customer; "" of everyone."""
    theirs = {"user_id": user_id} if user_id else {}
    found = _projects().find({"name": name, **theirs}, _FIELDS).collation(ANY_CASE)
    return _named(found.hint(name_of("name")).limit(limit))


def _named(rows: Iterable[Mapping[str, Any]]) -> list[Named]:
    return [
        Named(row["id"], shown_name(row.get("name")), str(row.get("user_id") or ""))
        for row in rows
        if raw_bson.is_text(row.get("id"))
    ]


def _projects() -> Collection[dict[str, Any]]:
    return projects().with_options(codec_options=raw_bson.LENIENT)


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
    found = [row for row in _projects().aggregate(stages) if raw_bson.is_text(row.get("id"))]
    return Names(
        {row["id"]: shown_name(row.get("name")) for row in found if "is_project" in row},
        {row["id"]: owner_of(row) for row in found if "is_project" not in row},
    )


def projects_of(user_id: str, *, limit: int = 200) -> list[Named]:
    """Those of a customer that they have not deleted, the latest first."""
    theirs = {"user_id": user_id, "archived_at": None}
    return _named(_projects().find(theirs, _FIELDS).sort("created_at", -1).limit(limit))
