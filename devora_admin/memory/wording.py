"""What is remembered, in words; and what the audit log says of acts on memory."""

from collections.abc import Mapping

from devora_admin.staff import wording

KINDS: Mapping[str, str] = {
    "code": "Code", "project": "Projects", "message": "Conversations",
    "note": "Told through the API", "issue": "Issues",
}  # fmt: skip
BASES: Mapping[str, str] = {
    "manifest": "built with", "chosen": "put there by the customer",
    "kept": "kept for a week or more", "reverted": "taken out again",
}  # fmt: skip
"""How a preference is known, where nobody said so."""
_COUNTED = {
    "code": ("piece of code", "pieces of code"), "project": ("project", "projects"),
    "message": ("message", "messages"), "note": ("note", "notes"), "issue": ("issue", "issues"),
}  # fmt: skip


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


def counted(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Of each kind there is any of, the noun and the number."""
    return [(nouns[counts[kind] != 1], counts[kind]) for kind, nouns in _COUNTED.items()
            if counts.get(kind)]  # fmt: skip
