"""What is known of whom and what an issue is about, as far as texts and rules name it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from devora_admin.core import raw_bson
from devora_admin.core.raw_bson import LENIENT, printable
from devora_admin.projects.documents import projects
from devora_admin.support.queries.issue import Issue
from devora_admin.users.documents import customers


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
    person = _one(customers(), user_id, {"name": 1, "email": 1, "subscription.plan": 1})
    project = _one(projects(), project_id, {"name": 1, "project_type": 1}) if project_id else {}
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
    return {
        "customer.name": known.name,
        "customer.first_name": known.name.split()[0] if known.name.split() else "",
        "customer.email": known.email,
        "issue.number": str(issue.number),
        "issue.subject": issue.subject,
        "project.name": known.project_name,
        "staff.name": staff_name,
    }


def _one(collection: Any, key: str, fields: dict[str, int]) -> Mapping[str, Any]:
    found = collection.with_options(codec_options=LENIENT)
    return found.find_one({"id": {"$eq": key}}, fields) or {}


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key)
    return printable(value) if raw_bson.is_text(value) else ""
