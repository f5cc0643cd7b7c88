"""What staff did to a customer, for the timeline: rows of the audit log."""

from typing import Any, NamedTuple

from devora_admin.shell.templatetags.shell import address
from devora_admin.staff.documents import AUDIT_LOG
from devora_admin.staff.wording import told
from devora_admin.users import timeline
from devora_admin.users.panels import Can
from devora_admin.users.readable import capped, readable, short_text
from devora_admin.users.timeline import Detail, Entry, Kind, Row, Source


class _Look(NamedTuple):
    icon: str
    tone: str = ""


_LOOKS = {
    "users.suspend": _Look(icon="slash-circle", tone="warning"),
    "users.reactivate": _Look(icon="play-circle"),
    "users.merge": _Look(icon="union", tone="warning"),
    "users.sign_out": _Look(icon="box-arrow-right"),
    "users.reset_link": _Look(icon="key"),
    "users.view_as": _Look(icon="eye", tone="warning"),
    "users.plan": _Look(icon="box-seam"),
    "users.extend": _Look(icon="calendar-plus"),
    "secrets.reveal": _Look(icon="key", tone="warning"),
}
_PLAIN = _Look(icon="person-badge")


def register() -> None:
    timeline.register(
        Source(
            name="audit",
            collection=AUDIT_LOG,
            customer_field="customer_id",
            time_field="at",
            order=timeline.STAFF,
            kinds=(Kind("staff", "Staff actions", icon="person-badge"),),
            condition={"action": {"$ne": "users.note.add"}},  # the note itself is shown
            fields={
                "id": "$_id",
                "action": short_text("$action"),
                "who": short_text("$actor.email"),
                "kind": short_text("$subject.kind"),
                "label": short_text("$subject.label", limit=1000),
                "reason": short_text("$reason", limit=8000),
                "before": capped("$before"),
                "after": capped("$after"),
                "project_id": _project(),
            },
            entry=_entry,
        )
    )


def _project() -> dict[str, Any]:
    is_project = {"$eq": ["$subject.kind", "project"]}
    return {"$cond": [is_project, short_text("$subject.id"), None]}


def _entry(row: Row, can: Can) -> Entry:
    action = row["action"] or ""
    look = _LOOKS.get(action, _PLAIN)
    area, _, _ = action.partition(".")
    shows_values = can("audit.view") or (can("settings.view") if area in ("settings", "secrets")
                                         else area in ("users", "project"))  # fmt: skip
    return Entry(
        kind="staff",
        label=told(action, _read(row["before"]), _read(row["after"]), can=can)[:300]
        or "Something without a name",
        icon=look.icon,
        tone=look.tone,
        text=row["reason"] or "",
        who=row["who"] or "the system",
        project_id=row["project_id"] or "",
        url=address("staff:audit_entry", str(row["id"])) if can("audit.view") else "",
        url_label="Audit log",
        details=_changes(row["before"], row["after"]) if shows_values else (),
    )


def _read(pairs: list[Row]) -> dict[str, Any]:
    """Without what is too large, or no text."""
    return {pair["k"]: pair["v"] for pair in pairs if isinstance(pair.get("v"), str)}


def _changes(before: list[Row], after: list[Row]) -> tuple[Detail, ...]:
    was, now = ({pair["k"]: pair for pair in side} for side in (before, after))
    return tuple(
        Detail(key[:100], f"{_side(was.get(key), key)} → {_side(now.get(key), key)}")
        for key in dict.fromkeys([*was, *now])
    )


def _side(pair: Row | None, key: str) -> str:
    if pair is None:
        return "—"
    if "size" in pair:
        return f"({pair['size']:,} bytes)"
    return readable(pair.get("v"), name=key)[:200] or "empty"
