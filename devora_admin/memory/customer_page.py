"""What a customer's page shows of memory; that page lies in an app below this one."""

from devora_admin.memory import gate
from devora_admin.users import panels
from devora_admin.users.panels import Panel, Tab


def register() -> None:
    panels.register(
        Panel(
            name="memory",
            title="What the AI remembers",
            icon="lightbulb",
            order=panels.MEMORY,
            permission="memory.view",
            template="memory/customer_panel.html",
            load=lambda user_id, can: {"is_on": gate.is_on()},
        )
    )
    if gate.is_on():
        panels.register_tab(
            Tab("memory", "Memory", order=panels.MEMORY, permission="memory.view",
                url_name="memory:customer", icon="lightbulb")
        )  # fmt: skip
