"""What somebody who views as a customer sees of their usage."""

from devora_admin.analytics.documents import events
from devora_admin.analytics.queries.usage import Usage, usage_of, usage_stages
from devora_admin.core import raw_bson
from devora_admin.users import viewing


def register() -> None:
    """Called once, when the app is ready."""
    viewing.register_section(
        viewing.Section("Usage, last 30 days", 10, "analytics/customer_usage.html", _usage)
    )


def _usage(user_id: str) -> Usage:
    collection = events().with_options(codec_options=raw_bson.LENIENT)
    return usage_of(list(collection.aggregate(usage_stages(user_id))))
