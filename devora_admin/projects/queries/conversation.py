"""A project's conversation: a page of turns counted from its beginning, since the platform only
ever appends. A project without a history of its own is read from the deprecated collection.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.safestring import SafeString

from devora_admin.core import markup, raw_bson
from devora_admin.core.errors import InvalidInput, NotFound
from devora_admin.core.values import ejson
from devora_admin.projects.documents import conversations, projects
from devora_admin.projects.queries.detail import ProjectHeader, array, header_of, read_project

PAGE = 20
LONG_CHARS = 4000
HITS = 100
AROUND_CHARS = 90
_ROLES = {"user": "Customer", "human": "Customer", "assistant": "Devora AI", "ai": "Devora AI",
          "system": "System", "tool": "Tool", "function": "Tool"}  # fmt: skip
_MOST_TURNS = 16 * 1024 * 1024
"""No document holds more; the store's numbers for a place in a list end at 2**31."""
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
    is_old: bool
    """Whether it was read from the deprecated collection."""

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
    page = {"$slice": ["$$all", "$$start", _length({"$size": "$$all"}, before, turn)]}
    window = {
        "$let": {
            "vars": {"all": array("$conversation_history")},
            "in": {
                "$let": {
                    "vars": {"start": _start({"$size": "$$all"}, before, turn)},
                    "in": {"start": "$$start", "turns": page},
                }
            },
        }
    }
    found = read_project(project_id, window=window)
    header = header_of(found)
    if header.messages_count == 0:
        old = _old_page(project_id, header, before, turn)
        if old is not None:
            return old
    begin = found["window"]["start"]
    shown = tuple(_turn(begin + at, each) for at, each in enumerate(found["window"]["turns"]))
    return ConversationPage(header, shown, header.messages_count or 0, begin, is_old=False)


def whole_turn(project_id: str, number: int) -> Turn:
    """One turn with all of its text. Raises NotFound."""
    if number > _MOST_TURNS:
        raise NotFound("turn", str(number + 1))
    for at, message in _messages(project_id, first=number):
        return _turn(at, message, limit=None)
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
    for number, message in _messages(project_id) if text else ():
        content = message.get("content") if isinstance(message, dict) else None
        found = wanted.search(content) if isinstance(content, str) else None
        if found:
            total += 1
            if len(hits) < HITS:
                hits.append(_hit(number, message, found))
    return SearchResult(header, text, tuple(hits), total)


def _start(total: Any, before: int | None, turn: int | None) -> dict[str, Any]:
    if turn is not None:
        newest = {"$subtract": [total, 1]}
        wanted: Any = {"$subtract": [{"$min": [turn, newest]}, PAGE // 2]}
    else:
        end = total if before is None else {"$min": [before, total]}
        wanted = {"$subtract": [end, PAGE]}
    return {"$max": [0, wanted]}


def _length(total: Any, before: int | None, turn: int | None) -> Any:
    if turn is not None or before is None:
        return PAGE
    return {"$max": [1, {"$subtract": [{"$min": [before, total]}, "$$start"]}]}


def _messages(project_id: str, *, first: int = 0) -> Iterator[tuple[int, Any]]:
    """Messages from `first` on, with their numbers, from wherever the project keeps them."""
    collection = projects().with_options(codec_options=raw_bson.LENIENT)
    history = array("$conversation_history")
    if first:
        history = {"$slice": [history, first, {"$add": [{"$size": history}, 1]}]}
    total = {"$size": array("$conversation_history")}
    pipeline: list[dict[str, Any]] = [
        {"$match": {"id": project_id}},
        {"$project": {"_id": 0, "messages": history, "total": total}},
    ]
    found: dict[str, Any] = next(collection.aggregate(pipeline), {"messages": [], "total": 0})
    if found["total"]:
        yield from enumerate(found["messages"], start=first)
    else:
        yield from ((first + at, each) for at, each in enumerate(_old(project_id, skip=first)))


def _old_pipeline(project_id: str) -> list[dict[str, Any]]:
    return [
        {"$match": {"project_id": project_id}},
        {"$sort": {"_id": 1}},
        {"$project": {"messages": array("$messages")}},
    ]


def _old(project_id: str, *, skip: int = 0, limit: int | None = None) -> Iterator[Any]:
    collection = conversations().with_options(codec_options=raw_bson.LENIENT)
    pipeline = [*_old_pipeline(project_id), {"$unwind": "$messages"}, {"$skip": skip}]
    if limit:
        pipeline.append({"$limit": limit})
    for row in collection.aggregate(pipeline):
        yield row["messages"]


def _old_page(
    project_id: str, header: ProjectHeader, before: int | None, turn: int | None
) -> ConversationPage | None:
    count = [
        *_old_pipeline(project_id),
        {"$group": {"_id": None, "total": {"$sum": {"$size": "$messages"}}}},
    ]
    total = next(conversations().aggregate(count), {"total": 0})["total"]
    if not total:
        return None
    if turn is not None:
        start = max(0, min(turn, total - 1) - PAGE // 2)
    else:
        start = max(0, (total if before is None else min(before, total)) - PAGE)
    limit = PAGE if turn is not None or before is None else max(1, min(before, total) - start)
    found = enumerate(_old(project_id, skip=start, limit=limit), start=start)
    shown = tuple(_turn(number, each) for number, each in found)
    return ConversationPage(header, shown, total, start, is_old=True)


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
