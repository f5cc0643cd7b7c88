"""What of this app goes along when two customers are merged."""

from devora_admin.analytics.documents import EVENTS
from devora_admin.analytics.rollups import recounting
from devora_admin.analytics.segments.documents import MEMBERS
from devora_admin.users import ownership


def register() -> None:
    """Called once, when the app is ready."""
    ownership.register(ownership.Owned("segments", "places in segments", MEMBERS))
    ownership.register(ownership.Owned("events", "events", EVENTS, moved=recounting.mark))
