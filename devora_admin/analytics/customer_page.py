"""What analytics shows on a customer's page."""

from devora_admin.analytics import timeline
from devora_admin.analytics.documents import EVENTS
from devora_admin.analytics.queries.usage import usage_of, usage_stages
from devora_admin.users import panels
from devora_admin.users.panels import Panel, Reads


def register() -> None:
    timeline.register()
    panels.register(
        Panel(
            name="usage",
            title="Usage, last 30 days",
            icon="graph-up",
            order=panels.USAGE,
            permission="users.view",
            template="analytics/customer_usage.html",
            reads=Reads(EVENTS, usage_stages, lambda rows, can: usage_of(rows)),
        )
    )
