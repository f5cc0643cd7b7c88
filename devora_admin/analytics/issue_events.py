"""What analytics shows beside an issue; that page lies in an app below this one."""

from devora_admin.support import page_parts
from devora_admin.support.page_parts import Part


def register() -> None:
    """Called once, when the app is ready."""
    page_parts.register(
        Part(
            name="events", title="Events around the report", icon="activity",
            order=page_parts.EVENTS, permission="users.view", url_name="analytics:issue_events",
        )
    )  # fmt: skip
