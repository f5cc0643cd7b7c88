"""A small world with something at every address, whose strings a test chooses."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bson import Timestamp
from pymongo.database import Database

from devora_admin.analytics.alerts import setup as alerts
from devora_admin.analytics.boards import setup as boards
from devora_admin.analytics.notes import setup as chart_notes
from devora_admin.core import clock, jobs, mongo
from devora_admin.core.consumers import Change
from devora_admin.staff import approvals, audit
from devora_admin.support.mail import outbox
from devora_admin.support.services import (
    attaching,
    canned,
    macro_setup,
    opening,
    rule_setup,
    views,
    writing,
)
from devora_admin.support.suggestions import spiking
from devora_admin.support.suggestions.spiking import Fault, Rise
from devora_admin.users.services import notes
from devora_admin.worker.following import letters
from tests import factories
from tests.security.routes import Route
from tests.versions.factory import make_version

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
        make_version(self.project, 1, {text("file name"): text("file content")})
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
        notes.add_note(user_id, text=text("note"), actor=actor)
        self.values = {
            "user_id": user_id,
            "other_id": user_id,
            "project_id": self.project["id"],
            "job_id": self.job_id,
            "staff_id": actor.id,
            "row_id": self._id(db.audit_log),
            "approval_id": self._approval(actor, text),
            "note_id": self._id(db.customer_notes),
            "position": "1",
            "number": "1",
            "other": "2",
            "table": "people",
            "page": "explore",
            "chart": "explored",
            "letter_id": self._letter(text),
            "attachment_id": self._issue(user_id, actor, text),
            **self._quick_work(actor, text),
            "chart_note_id": self._chart_note(actor, text),
            "alert_id": self._alert(actor, text),
            **self._board(actor, text),
            "view_id": views.save(text("view"), "view=all", is_shared=True, actor=actor),
        }
        self.values["suggestion_id"] = self._suggestion(user_id, text)
        self.values["message_id"] = self._failed_mail(actor, text)

    def _issue(self, user_id: str, actor: Any, text: Text) -> str:
        """The first one, so its number is 1; returns the id of what is attached."""
        file = attaching.keep_file("log.txt", "text/plain", text("attached").encode(), actor=actor)
        new = opening.NewIssue(user_id, text("subject"), text("issue"), attachment_ids=[file.id])
        assert opening.open_issue(new, actor=actor).number == 1
        return file.id

    def _suggestion(self, user_id: str, text: Text) -> str:
        """A rise of errors that hit the customer."""
        now = clock.now()
        fault = Fault("f" * 40, "error", text("code"), text("fault"), text("model"))
        hit = {user_id: (now, now)}
        spiking.note(Rise(fault, True, "likely", 1, ((now, 12),), now, now, hit))
        return fault.fingerprint

    def _failed_mail(self, actor: Any, text: Text) -> str:
        """A reply in that issue, which could not be sent."""
        written = writing.reply(1, text("reply"), seen=1, actor=actor)
        claimed = outbox.claim()
        assert claimed
        outbox.mark_failed(claimed, text("answer of a mail server"))
        return written.message_id

    def _quick_work(self, actor: Any, text: Text) -> dict[str, str]:
        """Of what the role that sets support up has made: by the names in addresses."""
        values = {"title": text("title"), "word": "", "text": text("canned"), "tags": ["some"]}
        canned_reply = canned.create(replace(actor, role="admin"), **values, is_shared=True)
        steps = {"status": "on_hold", "text": text("macro"), "is_note": True}
        macro = macro_setup.create(replace(actor, role="admin"), name=text("name"), **steps)
        when = {"plan": text("plan"), "words": [text("word")], "tags": ["some"]}
        rule = rule_setup.create(replace(actor, role="admin"), name=text("rule"), **when)
        return {"canned_id": canned_reply.id, "macro_id": macro.id, "rule_id": rule.id}

    def _chart_note(self, actor: Any, text: Text) -> str:
        editor = replace(actor, role="admin")
        return chart_notes.add(editor, at=clock.now(), text=text("chart note"), url="/").id

    def _alert(self, actor: Any, text: Text) -> str:
        asked = {"metric": "logins", "lasting": "day", "condition": "above", "number": 5.0}
        return alerts.create(replace(actor, role="admin"), name=text("alert"), **asked).id

    def _board(self, actor: Any, text: Text) -> dict[str, str]:
        chart = boards.a_chart(text("chart"), "metric=signups&days=30")
        editor = replace(actor, role="admin")
        made = boards.create(editor, name=text("board"), is_shared=True, charts=[chart])
        return {"board_id": made.id, "part_id": chart["id"]}

    def _approval(self, actor: Any, text: Text) -> str:
        """Asked for by someone else, so that `actor` may decide."""
        subject = audit.Subject("project", self.project["id"], text("project name"))
        params = {"ids": [self.project["id"]], "total": 1}
        asker = replace(actor, id="0" * 24)
        return approvals.ask(
            "projects.delete", subject=subject, params=params, reason=text("reason"), actor=asker
        )

    def _letter(self, text: Text) -> str:
        at = factories.EPOCH
        change = Change(
            "projects", self.project["_id"], "update", at, Timestamp(at, 1),
            set=((text("path"), text("value")),),
        )  # fmt: skip
        mongo.run_in_transaction(
            letters.setting_aside("versions", change, ValueError(text("error")), tries=5)
        )
        return letters.id_of("versions", change)

    def _id(self, collection: Any) -> str:
        found = collection.find_one({}, {"_id": 1})
        return str(found["_id"]) if found else "x"

    def value(self, name: str) -> str:
        return self.values.get(name, "x")

    def address(self, route: Route) -> str:
        """Of something that is there, where the world has one."""
        values = {name: self.value(name) for name in route.names}
        if route.path.startswith("staff/"):
            values["user_id"] = self.values["staff_id"]
        return route.address(values)
