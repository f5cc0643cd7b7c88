"""What this app itself shows of a customer through the registries of the page."""

from devora_admin.users import panels, timeline
from devora_admin.users.documents import NOTES
from devora_admin.users.services import notes

_SHOWN_CHARS = 400


def register() -> None:
    panels.register(
        panels.Panel(
            name="notes",
            title="Internal notes",
            icon="sticky",
            order=panels.USAGE + 5,
            permission="users.view",
            template="users/notes_panel.html",
            reads=panels.Reads(NOTES, notes.latest_stages, lambda rows, can: notes.notes_of(rows)),
        )
    )
    timeline.register(
        timeline.Source(
            name="notes",
            collection=NOTES,
            customer_field="user_id",
            time_field="created_at",
            kinds=(timeline.Kind("note", "Notes", icon="sticky"),),
            fields={"text": {"$substrCP": ["$text", 0, _SHOWN_CHARS]}, "who": "$author.name"},
            entry=_entry,
        )
    )


def _entry(row: timeline.Row, can: panels.Can) -> timeline.Entry:
    return timeline.Entry(
        kind="note", label="Internal note", icon="sticky", text=row["text"], who=row["who"]
    )
