"""Whose a change is: what is written in it, else what the conversation around it shows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from devora_admin.core import raw_bson
from devora_admin.versions.authors import PLATFORM, Author

RESTORE = "project.version.restore"
AI, CUSTOMER = "assistant", "user"


@dataclass(frozen=True, slots=True)
class Known:
    """What has to be looked up."""

    staff_label: Callable[[str], str]
    """By a staff account's id."""
    offset: Callable[[str], int]
    """Messages of a project's thread that come before its own history."""


@dataclass(frozen=True, slots=True)
class Attribution:
    author: Author
    why: str = ""
    origin: int | None = None
    """Of a restore: the version that was put back."""

    @property
    def stands_alone(self) -> bool:
        """Whether it is a version of its own, whoever wrote before and after."""
        return self.why.startswith(RESTORE)


@dataclass(frozen=True, slots=True)
class Talk:
    """The conversation at the moment of a change."""

    offset: int
    """Messages before the project's own history."""
    turns: int
    """Length of the whole thread before the change."""
    last_role: str
    arrived: int
    """How many messages came in the same write."""
    arrived_role: str


def attribute(marked: dict[str, Any] | None, talk: Talk, known: Known) -> Attribution:
    """marked: what the write set `edited_by` to, None when it did not."""
    told = _marked(marked, talk, known) if marked else None
    if told:
        return told
    if talk.arrived and talk.arrived_role == AI:
        turn = talk.turns + talk.arrived - 1
        return Attribution(Author("ai", turn=turn, basis="same write"))
    if not talk.arrived and talk.last_role == CUSTOMER:
        return Attribution(Author("ai", turn=talk.turns, basis="between"))
    return Attribution(PLATFORM)


def _marked(marked: dict[str, Any], talk: Talk, known: Known) -> Attribution | None:
    kind, why = marked.get("kind"), marked.get("why")
    why = why[:100] if raw_bson.is_text(why) else ""
    staff_id, turn, version = marked.get("id"), marked.get("turn"), marked.get("version")
    if kind == "staff" and raw_bson.is_text(staff_id):
        author = Author("staff", id=staff_id[:100], label=known.staff_label(staff_id)[:200])
        return Attribution(author, why, version if isinstance(version, int) else None)
    if kind == "customer":
        return Attribution(Author("customer"), why)
    if kind == "ai":
        if isinstance(turn, int) and not isinstance(turn, bool) and 0 <= turn < 2**31:
            return Attribution(Author("ai", turn=turn + talk.offset, basis="marked"), why)
        return Attribution(Author("ai", basis="marked"), why)
    return None
