"""What the audit log says of the worker's dead letters."""

from devora_admin.staff import wording


def register() -> None:
    """Called once, when the app is ready."""
    wording.say(
        {
            "dead_letter.discard": "Discarded changes that could not be handled",
            "dead_letter.retry": "Had changes tried again that could not be handled",
        }
    )
