"""A project's conversation: a page of turns counted from its beginning, since the platform only
ever appends."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.safestring import SafeString

from devora_admin.core import markup, mongo, raw_bson
from devora_admin.core.errors import InvalidInput, NotFound
from devora_admin.core.values import ejson
from devora_admin.projects.queries import thread
from devora_admin.projects.queries.detail import (
    ProjectHeader,
    header_of,
    layout_of,
    read_project,
)

PAGE = 20
LONG_CHARS = 4000
HITS = 100
AROUND_CHARS = 90
_ROLES = {"user": "Customer", "human": "Customer", "assistant": "Devora AI", "ai": "Devora AI",
          "system": "System", "tool": "Tool", "function": "Tool"}  # fmt: skip
_KNOWN = {"role", "content", "timestamp"}


@dataclass(frozen=True, slots=True)
class Turn:
    number: int
    """From 0, in the order of the whole conversation."""
    role: str
    speaker: str
    at: datetime | None
    html: SafeString | str
    raw: str
    """The message as JSON, when it has no text to show."""
    length: int
    is_cut: bool
    extras: tuple[tuple[str, str], ...]
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConversationPage:
    header: ProjectHeader
    turns: tuple[Turn, ...]
    total: int
    start: int
    old: int
    """Of the total, those that are in the deprecated collection still."""

    @property
    def end(self) -> int:
        return self.start + len(self.turns)

    @property
    def earlier(self) -> int | None:
        """The `before` of the page above."""
        return self.start or None

    @property
    def later(self) -> int | None:
        return min(self.total, self.end + PAGE) if self.end < self.total else None


@dataclass(frozen=True, slots=True)
class Hit:
    number: int
    speaker: str
    at: datetime | None
    before: str
    match: str
    after: str


@dataclass(frozen=True, slots=True)
class SearchResult:
    header: ProjectHeader
    text: str
    hits: tuple[Hit, ...]
    total: int


def conversation_page(
    project_id: str, *, before: int | None = None, turn: int | None = None
) -> ConversationPage:
    """The turns that end at `before`, or those around `turn`, else the newest ones."""
    with mongo.one_moment() as session:
        found = read_project(project_id, session=session)
        layout = layout_of(found)
        start, end = _window(layout.length, before, turn)
        messages = thread.window(project_id, layout, start, end, session=session)
    return ConversationPage(
        header=header_of(found),
        turns=tuple(_turn(number, each) for number, each in enumerate(messages, start)),
        total=layout.length,
        start=start,
        old=layout.old,
    )


def turns(project_id: str, start: int, count: int) -> tuple[Turn, ...]:
    """Up to `count` turns from number `start` on. Raises NotFound for an unknown project."""
    found = thread.messages(project_id, start, count)
    return tuple(_turn(number, each) for number, each in enumerate(found, start))


def whole_turn(project_id: str, number: int) -> Turn:
    """One turn with all of its text. Raises NotFound."""
    for message in thread.messages(project_id, number, 1):
        return _turn(number, message, limit=None)
    raise NotFound("turn", str(number + 1))


def search_conversation(project_id: str, text: str) -> SearchResult:
    """Turns that hold `text`, letter case aside, oldest first. Raises InvalidInput (field q)."""
    text = text.strip()
    if "\0" in text or len(text) > 200:
        raise InvalidInput("Search for up to 200 characters of text.", field="q")
    header = header_of(read_project(project_id))
    wanted = re.compile(re.escape(text), re.IGNORECASE)
    hits: list[Hit] = []
    total = 0
    for number, message in enumerate(thread.every(project_id)) if text else ():
        content = message.get("content") if isinstance(message, dict) else None
        found = wanted.search(content) if isinstance(content, str) else None
        if found:
            total += 1
            if len(hits) < HITS:
                hits.append(_hit(number, message, found))
    return SearchResult(header, text, tuple(hits), total)


def _window(total: int, before: int | None, turn: int | None) -> tuple[int, int]:
    if turn is not None:
        start = max(0, min(turn, total - 1) - PAGE // 2)
        return start, start + PAGE
    end = total if before is None else min(before, total)
    return max(0, end - PAGE), end


def _turn(number: int, message: Any, *, limit: int | None = LONG_CHARS) -> Turn:
    if not isinstance(message, dict):
        fault = "This message is not an object."
        return Turn(number, "", "Malformed", None, "", _as_json(message), 0, False, (), (fault,))
    role, content = message.get("role"), message.get("content")
    at, time_fault = _time(message.get("timestamp"))
    faults = [time_fault] if time_fault else []
    if not isinstance(role, str):
        faults.append("The role is missing." if role is None else "The role is not text.")
        role = ""
    if isinstance(content, str):
        text, raw = content if limit is None else content[:limit], ""
    else:
        faults.append("The content is missing." if content is None else "The content is not text.")
        content, text, raw = "", "", _as_json(message)
    extras = tuple((key[:80], _brief(value)) for key, value in message.items() if key not in _KNOWN)
    return Turn(
        number=number,
        role={"human": "user", "ai": "assistant"}.get(role.lower(), role.lower()),
        speaker=_speaker(role),
        at=at,
        html=markup.markdown(text),
        raw=raw,
        length=len(content),
        is_cut=len(content) > len(text),
        extras=extras[:20],
        faults=tuple(faults),
    )


def _speaker(role: object) -> str:
    if not isinstance(role, str) or not role:
        return "Unknown"
    return _ROLES.get(role.lower(), role[:40])


def _time(value: Any) -> tuple[datetime | None, str]:
    if value is None or isinstance(value, datetime):
        return value, ""
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return None, "The timestamp is text, and not a time."
        return moment if moment.tzinfo else moment.replace(
            tzinfo=UTC
        ), "The timestamp is text, not a date."
    return None, "The timestamp is not a date."


def _hit(number: int, message: dict[str, Any], found: re.Match[str]) -> Hit:
    content, (begin, end) = found.string, found.span()
    lead, tail = max(0, begin - AROUND_CHARS), min(len(content), end + AROUND_CHARS)
    return Hit(
        number=number,
        speaker=_speaker(message.get("role")),
        at=_time(message.get("timestamp"))[0],
        before=("…" if lead else "") + content[lead:begin],
        match=content[begin:end],
        after=content[end:tail] + ("…" if tail < len(content) else ""),
    )


def _brief(value: Any) -> str:
    text = value if isinstance(value, str) else _as_json(value)
    return text if len(text) <= 200 else text[:199] + "…"


def _as_json(value: Any) -> str:
    text = ejson.dumps(ejson.readable(raw_bson.element(value)))
    return text if len(text) <= LONG_CHARS else text[:LONG_CHARS] + "…"
