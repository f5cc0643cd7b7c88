"""What of this app goes along when two customers are merged: messages and files follow the issue
they belong to, which alone names its customer."""

from devora_admin.support.documents import ISSUES
from devora_admin.users import ownership
from devora_admin.users.ownership import Owned


def register() -> None:
    """Called once, when the app is ready."""
    ownership.register(Owned("issues", "support issues", ISSUES, batch=200))
