"""What this app itself shows on a customer's page, registered as any other app's."""

from devora_admin.users import history, panels
from devora_admin.users.panels import Tab


def register() -> None:
    panels.register_tab(
        Tab("overview", "Overview", order=0, permission="users.view", url_name="users:detail",
            icon="person-vcard")
    )  # fmt: skip
    panels.register_tab(
        Tab("timeline", "Timeline", order=5, permission="users.view", url_name="users:timeline",
            icon="clock-history")
    )  # fmt: skip
    history.register()
