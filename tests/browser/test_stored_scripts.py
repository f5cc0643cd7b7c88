"""Whatever is stored, in every string of every collection, no page of ours ever runs it."""

from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from devora_admin.core import clock, jobs
from devora_admin.core.ids import new_id
from devora_admin.staff import approvals, audit
from devora_admin.staff.permissions import PUBLIC
from devora_admin.users.services import notes
from tests import factories
from tests.security.payloads import PAYLOADS
from tests.security.routes import routes
from tests.security.world import World

KEYS = [payload.replace("\0", "").replace(".", "·") for payload in PAYLOADS]
"""As keys of objects, where MongoDB takes no NUL."""

# No attribute that runs, no link that runs, and no element a payload would have made.
INJECTED = """() => {
  const found = [];
  for (const element of document.querySelectorAll("*")) {
    for (const { name, value } of element.attributes) {
      if (/^on/.test(name)) found.push(`${element.tagName} ${name}`);
      if (["href", "src", "action", "formaction", "data"].includes(name)
          && /^\\s*(javascript|vbscript|data:text)/i.test(value.replace(/[\\u0000-\\u0020]/g, "")))
        found.push(`${element.tagName} ${name}=${value}`);
    }
    if (["IFRAME", "OBJECT", "EMBED", "BASE", "MARQUEE", "ISINDEX"].includes(element.tagName))
      found.push(element.outerHTML.slice(0, 200));
    if (element.tagName === "SCRIPT" && !element.src && element.type !== "application/json")
      found.push(element.outerHTML.slice(0, 200));
  }
  return found;
}"""


class Hostile(World):
    """A world in which every string is an attack."""

    def __init__(self, db: Any, *, actor: Any) -> None:
        super().__init__(db, actor=actor, text=lambda field: PAYLOADS[len(field) % len(PAYLOADS)])
        self.db, self.user_id = db, self.customer["id"]
        self._customers()
        self._projects()
        self._settings()
        self._events()
        self._audit(actor)
        self._jobs(actor)
        self._written_by_staff(actor)

    def _customers(self) -> None:
        self.db.users.insert_many(
            [
                factories.customer(
                    name=payload, email=f"{payload}{at}@x", status=payload, locale=payload,
                    subscription={"plan": payload, "status": payload},
                )
                for at, payload in enumerate(PAYLOADS)
            ]
        )  # fmt: skip
        extra = {f"extra {key}": payload for key, payload in zip(KEYS, PAYLOADS, strict=True)}
        self.db.users.update_one(
            {"id": self.user_id},
            {"$set": {"subscription": {"plan": PAYLOADS[0], "status": PAYLOADS[1]}, "more": extra}},
        )

    def _projects(self) -> None:
        self.db.projects.insert_many(
            [
                factories.project(
                    name=payload, description=payload, project_type=payload, user_id=self.user_id
                )
                for payload in PAYLOADS
            ]
        )
        self.db.projects.update_one(
            {"id": self.project["id"]},
            {
                "$set": {
                    "project_type": PAYLOADS[2],
                    "description": PAYLOADS[3],
                    "files": [
                        {"name": key, "content": payload, "language": payload}
                        for key, payload in zip(KEYS, PAYLOADS, strict=True)
                    ],
                    "metadata": {"all": dict(zip(KEYS, PAYLOADS, strict=True)), "list": PAYLOADS},
                    "conversation_history": [
                        {"role": ("user", payload)[at % 2], "content": payload, "model": payload,
                         "timestamp": factories.EPOCH + timedelta(minutes=at)}
                        for at, payload in enumerate(PAYLOADS)
                    ],
                }
            },
        )  # fmt: skip

    def _settings(self) -> None:
        by_key = dict(zip(KEYS, PAYLOADS, strict=True))
        self.db.settings.insert_one(
            {
                "user_id": self.user_id,
                "preferences": {"theme": PAYLOADS[0], "model": PAYLOADS[1], **by_key},
                "api_keys": by_key,
                "integrations": {
                    key: {"token": payload, key: payload} for key, payload in by_key.items()
                },
            }
        )

    def _events(self) -> None:
        now = clock.now()
        self.db.analytics_events.insert_many(
            [
                {
                    "_id": ObjectId(),
                    "event_type": ("error", "generation_failed", payload)[at % 3],
                    "user_id": self.user_id,
                    "timestamp": now - timedelta(minutes=at),
                    "properties": {"message": payload, "code": payload, "model": payload,
                                   KEYS[at]: payload},
                }
                for at, payload in enumerate(PAYLOADS)
            ]
        )  # fmt: skip

    def _audit(self, actor: Any) -> None:
        for payload in PAYLOADS:
            audit.record(
                ("project.rename", payload)[len(payload) % 2],
                actor=actor,
                subject=audit.Subject("project", self.project["id"], payload, self.user_id),
                before={"name": payload},
                after={"name": payload},
                reason=payload,
            )

    def _jobs(self, actor: Any) -> None:
        who = {"id": actor.id, "email": actor.email, "name": actor.name, "role": actor.role}
        for payload in PAYLOADS[:100]:
            jobs.enqueue("projects.archive", title=payload, actor=who, params={"ids": []}, total=1)
        self.db.job_items.insert_many(
            [
                {"_id": f"{self.job_id}:{at}", "job_id": self.job_id, "item_id": payload,
                 "label": payload, "outcome": "failed", "detail": payload}
                for at, payload in enumerate(PAYLOADS)
            ]
        )  # fmt: skip

    def _written_by_staff(self, actor: Any) -> None:
        for payload in PAYLOADS[::4]:
            notes.add_note(self.user_id, text=payload.replace("\0", ""), actor=actor)
            approvals.ask(
                "projects.delete",
                subject=audit.Subject("project", new_id(), payload, self.user_id),
                params={"ids": [self.project["id"]], "total": 1},
                reason=payload,
                actor=actor,
            )
        self.db.staff_staffuser.insert_many(
            [
                {"email": f"{at}{payload}", "name": payload, "role": payload, "is_active": True,
                 "password": "!", "epoch": 0, "created_at": factories.EPOCH, "last_login": None}
                for at, payload in enumerate(PAYLOADS[:100])
            ]
        )  # fmt: skip


def pages(world: World) -> list[str]:
    """Every address that answers GET, with what is there; what is no page is a download."""
    return [world.address(route) for route in routes() if route.permission != PUBLIC]


@pytest.mark.timeout(600)
def test_nothing_that_is_stored_runs(page_as: Any, client_for: Any, mongo: Any, actor: Any):
    world = Hostile(mongo, actor=actor)
    reader = client_for("admin")
    page = page_as("admin", expect=("favicon.ico",))  # fragments opened as pages name none
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    first = pages(world)
    seen, waiting = set(), list(first)
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        answer = reader.get(address)
        is_page = answer.get("Content-Type", "").startswith("text/html")
        if answer.status_code != 200 or not is_page or "attachment" in str(answer.headers):
            continue
        page.goto(address, wait_until="load")
        assert page.evaluate(INJECTED) == [], address
        assert not dialogs, (address, dialogs)
        more = page.eval_on_selector_all(
            "a[rel=next], .pager a, .thread-more a",
            "links => links.map(link => link.getAttribute('href'))",
        )
        waiting += [_joined(address, href) for href in more if href and address in first]
    assert len(seen) > 30


def _joined(address: str, href: str) -> str:
    return href if href.startswith("/") else address.partition("?")[0] + href
