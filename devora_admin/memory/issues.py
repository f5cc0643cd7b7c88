"""What an issue's page shows of memory: issues like it that were solved, what its customer prefers.

That page lies in an app below this one, and works without PostgreSQL.
"""

from dataclasses import replace

from devora_admin.memory import gate
from devora_admin.memory.errors import MemoryTooSlow, MemoryUnavailable
from devora_admin.support import meaning, page_parts
from devora_admin.support.meaning import Found
from devora_admin.support.page_parts import Can, Part
from devora_admin.support.queries.issue import Issue


def register() -> None:
    """Called once, when the app is ready."""
    meaning.register(by_meaning)
    preferences = Part(
        name="preferences", title="What they prefer", icon="lightbulb",
        order=page_parts.CUSTOMER + 1, permission="memory.view",
        url_name="memory:issue_preferences",
    )  # fmt: skip
    if not gate.is_on():
        preferences = replace(
            preferences, url_name="", template="memory/off_notice.html", load=_is_off
        )
    page_parts.register(preferences)


def _is_off(issue: Issue, can: Can) -> bool:
    return True


def by_meaning(issue_id: str, text: str, limit: int) -> Found:
    if not gate.is_on():
        return Found(why_not="memory is off")
    from devora_admin.memory.embedding import EmbedderUnavailable
    from devora_admin.memory.queries.solved import solved_like

    try:
        return Found(solved_like(issue_id, text, limit))
    except MemoryUnavailable:
        return Found(why_not="memory is not answering")
    except MemoryTooSlow:
        return Found(why_not="memory took too long")
    except EmbedderUnavailable as error:
        return Found(why_not=str(error).rstrip("."))
