"""What this app adds to a project's page, which lies in an app below."""

from devora_admin.projects.views import tabs
from devora_admin.projects.views.tabs import Tab


def register() -> None:
    """Called once, when the app is ready."""
    tabs.register(
        Tab("history", "History", tabs.HISTORY, icon="clock-history", url_name="versions:history")
    )
    tabs.register(Tab("replay", "Replay", tabs.REPLAY, icon="play-btn", url_name="versions:replay"))
