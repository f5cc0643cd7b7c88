"""What is known of whom and what an issue is about, as far as texts and rules name it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from devora_admin.core import raw_bson
from devora_admin.core.raw_bson import LENIENT, printable
from devora_admin.projects.documents import projects
from devora_admin.support.queries.issue import Issue
from devora_admin.users.documents import customers

_OF_PERSON = {"name": 1, "email": 1, "subscription.plan": 1}
_OF_PROJECT = {"name": 1, "project_type": 1}


@dataclass(frozen=True, slots=True)
class Facts:
    """All "" where the platform stored nothing, or nothing of use."""

    name: str = ""
    email: str = ""
    plan: str = ""
    project_name: str = ""
    project_type: str = ""


def facts(user_id: str, project_id: str) -> Facts:
    """Two round trips, one where it is about no project."""
    person = _one(customers(), user_id, _OF_PERSON)
    project = _one(projects(), project_id, _OF_PROJECT) if project_id else {}
    return _facts(person, project)


def of_many(pairs: Collection[tuple[str, str]]) -> dict[tuple[str, str], Facts]:
    """By the ids of customer and project, "" for no project; two round trips."""
    people = _many(customers(), {each for each, _ in pairs}, _OF_PERSON)
    about = _many(projects(), {each for _, each in pairs if each}, _OF_PROJECT)
    return {pair: _facts(people.get(pair[0], {}), about.get(pair[1], {})) for pair in pairs}


def _facts(person: Mapping[str, Any], project: Mapping[str, Any]) -> Facts:
    paid = person.get("subscription")
    return Facts(
        name=_text(person, "name"),
        email=_text(person, "email"),
        plan=_text(paid, "plan") if isinstance(paid, Mapping) else "",
        project_name=_text(project, "name"),
        project_type=_text(project, "project_type"),
    )


def values_for(issue: Issue, staff_name: str) -> dict[str, str]:
    """What the variables of a text stand for."""
    known = facts(issue.user_id, issue.project_id)
    return values(known, issue.number, issue.subject, staff_name)


def values(known: Facts, number: int, subject: str, staff_name: str) -> dict[str, str]:
    """As `values_for`, of what was read before."""
    return {
        "customer.name": known.name,
        "customer.first_name": known.name.split()[0] if known.name.split() else "",
        "customer.email": known.email,
        "issue.number": str(number),
        "issue.subject": subject,
        "project.name": known.project_name,
        "staff.name": staff_name,
    }


def _one(collection: Any, key: str, fields: dict[str, int]) -> Mapping[str, Any]:
    found = collection.with_options(codec_options=LENIENT)
    return found.find_one({"id": {"$eq": key}}, fields) or {}


def _many(
    collection: Any, keys: Collection[str], fields: dict[str, int]
) -> dict[str, Mapping[str, Any]]:
    found = collection.with_options(codec_options=LENIENT)
    rows = found.find({"id": {"$in": sorted(keys)}}, {"id": 1, **fields})
    return {row["id"]: row for row in rows}


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key)
    return printable(value) if raw_bson.is_text(value) else ""
