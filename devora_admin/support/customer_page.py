"""What a customer's page shows of their issues; that page lies in an app below this one."""

from devora_admin.support.documents import ISSUES
from devora_admin.support.queries.latest import latest_of, latest_stages
from devora_admin.users import panels
from devora_admin.users.panels import Panel, Reads


def register() -> None:
    panels.register(
        Panel(
            name="issues",
            title="Support issues",
            icon="life-preserver",
            order=panels.ISSUES,
            permission="issues.view",
            template="support/customer_panel.html",
            reads=Reads(ISSUES, latest_stages, lambda rows, can: latest_of(rows)),
        )
    )
