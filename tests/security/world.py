"""A small world with something at every address, whose strings a test chooses."""

from collections.abc import Callable
from typing import Any

from pymongo.database import Database

from devora_admin.core import jobs
from devora_admin.staff import audit
from tests import factories

Text = Callable[[str], str]
"""The name of a field → what stands in it."""


def plain(field: str) -> str:
    return f"some {field}"


class World:
    """values: what to put into the varying parts of addresses, by their names."""

    def __init__(self, db: Database[dict[str, Any]], *, actor: Any, text: Text = plain) -> None:
        self.customer = factories.insert(
            db.users, factories.customer(email="owner@example.com", name=text("customer name"))
        )
        user_id = self.customer["id"]
        self.project = factories.insert(
            db.projects,
            factories.project(
                user_id=user_id,
                name=text("project name"),
                conversation_history=[
                    {"role": "user", "content": text("message"), "timestamp": factories.EPOCH}
                ],
            ),
        )
        self.job_id = jobs.enqueue(
            "projects.archive",
            title=text("job title"),
            actor={"id": actor.id, "email": actor.email, "name": actor.name, "role": actor.role},
            params={"ids": [self.project["id"]]},
            total=1,
        )
        audit.record(
            "project.rename",
            actor=actor,
            subject=audit.Subject("project", self.project["id"], text("project name"), user_id),
            before={"name": "before"},
            after={"name": text("project name")},
        )
        self.values = {
            "user_id": user_id,
            "other_id": user_id,
            "project_id": self.project["id"],
            "job_id": self.job_id,
            "staff_id": actor.id,
            "row_id": self._id(db.audit_log),
            "position": "1",
        }

    def _id(self, collection: Any) -> str:
        found = collection.find_one({}, {"_id": 1})
        return str(found["_id"]) if found else "x"

    def value(self, name: str) -> str:
        return self.values.get(name, "x")
