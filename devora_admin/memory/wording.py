"""What the audit log says of acts on memory."""

from devora_admin.staff import wording


def register() -> None:
    """Called once, when the app is ready."""
    wording.say({"memory.correct": "Decided about what is remembered"})
