"""What of this app goes along when two customers are merged."""

from devora_admin.projects.documents import ARCHIVE
from devora_admin.users import ownership
from devora_admin.users.ownership import Owned


def register() -> None:
    """Called once, when the app is ready."""
    # A project may have 16 MB, and is written anew as a whole.
    ownership.register(Owned("projects", "projects", "projects", batch=10))
    ownership.register(Owned("conversations", "old conversations", "conversations", batch=10))
    ownership.register(Owned("archive", "parts of long conversations", ARCHIVE, batch=4))
