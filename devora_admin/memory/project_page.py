"""What a project's page shows of memory; that page lies in an app below this one."""

from devora_admin.memory import gate
from devora_admin.projects.views import panels
from devora_admin.projects.views.panels import Panel


def register() -> None:
    panels.register(
        Panel(
            name="similar",
            title="Similar projects",
            icon="diagram-2",
            order=10,
            permission="memory.view",
            template="memory/project_panel.html",
            load=lambda project_id: {"is_on": gate.is_on()},
        )
    )
