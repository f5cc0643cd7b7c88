"""What a project's page shows of its issues; that page lies in an app below this one."""

from devora_admin.projects.views import panels
from devora_admin.projects.views.panels import Panel


def register() -> None:
    panels.register(
        Panel(
            name="issues",
            title="Support issues",
            icon="life-preserver",
            order=5,
            permission="issues.view",
            template="support/project_panel.html",
            load=lambda project_id: None,
        )
    )
