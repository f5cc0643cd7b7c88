"""What this app holds: nothing of a customer."""

from devora_admin.api.documents import CALLS, CLIENTS
from devora_admin.users import holdings


def register() -> None:
    """Called once, when the app is ready."""
    holdings.nothing_in(CLIENTS, "programs of the platform, and digests of their tokens")
    holdings.nothing_in(CALLS, "digests of requests, and numbers of issues, for a day")
