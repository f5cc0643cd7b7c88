"""What analytics shows on a customer's page."""

from devora_admin.analytics import timeline
from devora_admin.analytics.queries.usage import Usage, customer_usage
from devora_admin.users import panels
from devora_admin.users.panels import Can, Panel


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
            load=_usage,
        )
    )


def _usage(customer_id: str, can: Can) -> Usage:
    return customer_usage(customer_id)
