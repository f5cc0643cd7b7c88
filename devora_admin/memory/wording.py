"""What is remembered, in words; and what the audit log says of acts on memory."""

from collections.abc import Mapping

from devora_admin.staff import wording
from devora_admin.staff.wording import Values

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


_ITEMS = {
    "code": "remembered code", "project": "a remembered project",
    "message": "a remembered message", "note": "a remembered note", "issue": "a remembered issue",
}  # fmt: skip
_DECIDED = {"pinned": "Pinned", "rejected": "Rejected", "corrected": "Corrected",
            "forgotten": "Forgot"}  # fmt: skip


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
    wording.tell("memory.correct", permission="memory.view", how=_decision)


def item_called(kind: str, path: str) -> str:
    """An item that is told from others by no text. kind: "" where that is not known either."""
    called = _ITEMS.get(kind, "a remembered item")
    return f"{called} of {path}" if kind == "code" and path else called


def _decision(before: Values, after: Values) -> str:
    """What was decided about which preference or item."""
    told = {key: value for key, value in after.items() if isinstance(value, str)}
    if told.get("about") == "preference":
        subject = f"{told.get('topic', '')}: {told.get('value', '')}"
    else:
        subject = item_called(told.get("kind", ""), told.get("path", ""))
    if verb := _DECIDED.get(told.get("standing", "")):
        instead = told.get("correction", "")
        return f"{verb} {subject}" + (f", to {instead}" if instead else "")
    earlier = _DECIDED.get(str(before.get("standing", "")), "decided about").lower()
    return f"Took back: {earlier} {subject}"


def counted(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Of each kind there is any of, the noun and the number."""
    return [(nouns[counts[kind] != 1], counts[kind]) for kind, nouns in _COUNTED.items()
            if counts.get(kind)]  # fmt: skip
