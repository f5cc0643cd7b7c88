"""What the audit log says of acts on memory."""

from devora_admin.staff import wording


def register() -> None:
    """Called once, when the app is ready."""
    wording.say(
        {
            "memory.correct": "Decided about what is remembered",
            "memory.discard": "Gave up a document that could not be remembered",
            "memory.rebuild": "Had memory made anew",
            "memory.reembed": "Had vectors made anew",
            "memory.retry": "Had a document tried again",
        }
    )
