"""Memory as the platform uses it:

    memory = get_memory_instance()
    await memory.store_conversation(user_id=…, project_id=…, messages=conversation_history)
    found = await memory.search("how do we charge cards", user_id=…)

Each method has a twin for code without an event loop, named with `_now` at its end. With memory off
or away they answer with nothing, and the answer says why; what was to be stored while PostgreSQL is
away is kept in MongoDB, and remembered once it is back.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from devora_admin.core.errors import InvalidInput
from devora_admin.memory import gate
from devora_admin.memory.errors import MemoryTooSlow, MemoryUnavailable
from devora_admin.memory.words import is_whole

T = TypeVar("T")
OFF = "memory is off"
AWAY = "memory is not answering"


@dataclass(frozen=True, slots=True)
class Stored:
    messages: int
    """New ones; what is known already is not kept twice."""
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Remembered:
    text: str
    kind: str
    """code, project, message, issue or note."""
    project_id: str
    path: str
    line_from: int
    line_to: int
    turn: int | None
    """Counted from 0."""
    score: float
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    items: tuple[Remembered, ...] = ()
    """The best first."""
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Preferred:
    topic: str
    value: str
    score: float
    """-1 (avoid) to 1 (always)."""
    confidence: float


@dataclass(frozen=True, slots=True)
class Preferences:
    items: tuple[Preferred, ...] = ()
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Similar:
    project_id: str
    score: float
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SimilarProjects:
    items: tuple[Similar, ...] = ()
    why_not: str = ""


class Memory:
    """Safe to share between threads and tasks."""

    @property
    def is_on(self) -> bool:
        return gate.is_on()

    async def store_conversation(
        self, *, user_id: str, project_id: str, messages: Sequence[Mapping[str, Any]]
    ) -> Stored:
        """messages: {role, content, timestamp?}, as in `conversation_history`.

        Call it as often as you like: what is known is not stored again. Raises InvalidInput.
        """
        return await _aside(
            lambda: self.store_conversation_now(
                user_id=user_id, project_id=project_id, messages=messages
            )
        )

    def store_conversation_now(
        self, *, user_id: str, project_id: str, messages: Sequence[Mapping[str, Any]]
    ) -> Stored:
        if not self.is_on:
            return Stored(0, OFF)
        from devora_admin.memory.services.notes import store_conversation

        return Stored(store_conversation(user_id, project_id, messages))

    async def search(
        self, text: str, *, user_id: str, project_id: str = "", limit: int = 10
    ) -> Found:
        """What is remembered of this customer that fits `text`. Raises InvalidInput."""
        return await _aside(
            lambda: self.search_now(text, user_id=user_id, project_id=project_id, limit=limit)
        )

    def search_now(
        self, text: str, *, user_id: str, project_id: str = "", limit: int = 10
    ) -> Found:
        if not self.is_on:
            return Found(why_not=OFF)
        from devora_admin.memory.queries.search import Asked, search

        # Without an owner it would be everybody's.
        owner = _owner(user_id)
        asked = Asked(text, user_id=owner, project_id=project_id, limit=limit)
        try:
            answer = search(asked)
        except (MemoryUnavailable, MemoryTooSlow):
            return Found(why_not=AWAY)
        return Found(
            tuple(
                Remembered(
                    text=hit.text, kind=hit.kind, project_id=hit.project_id, path=hit.path,
                    line_from=hit.line_from, line_to=hit.line_to, turn=hit.turn, score=hit.score,
                    why=tuple(reason.detail for reason in hit.reasons),
                )
                for hit in answer.hits
            )
        )  # fmt: skip

    async def preferences(self, *, user_id: str, project_id: str = "") -> Preferences:
        """What the customer is taken to prefer, in this project where it is known."""
        return await _aside(lambda: self.preferences_now(user_id=user_id, project_id=project_id))

    def preferences_now(self, *, user_id: str, project_id: str = "") -> Preferences:
        if not self.is_on:
            return Preferences(why_not=OFF)
        from devora_admin.memory.preferences.queries import for_project

        try:
            found = for_project(_owner(user_id), project_id)
        except (MemoryUnavailable, MemoryTooSlow):
            return Preferences(why_not=AWAY)
        return Preferences(
            tuple(Preferred(row.topic, row.value, row.score, row.confidence) for row in found)
        )

    async def similar_projects(self, *, project_id: str, limit: int = 5) -> SimilarProjects:
        return await _aside(lambda: self.similar_projects_now(project_id=project_id, limit=limit))

    def similar_projects_now(self, *, project_id: str, limit: int = 5) -> SimilarProjects:
        if not self.is_on:
            return SimilarProjects(why_not=OFF)
        from devora_admin.memory.queries.similar import similar_projects

        try:
            found = similar_projects(project_id, limit=limit)
        except (MemoryUnavailable, MemoryTooSlow):
            return SimilarProjects(why_not=AWAY)
        return SimilarProjects(
            tuple(Similar(each.project_id, each.score, each.reasons) for each in found)
        )


@cache
def get_memory_instance() -> Memory:
    return Memory()


async def _aside(work: Callable[[], T]) -> T:
    """In a thread of its own, whose connection goes back when it is done."""
    return await asyncio.to_thread(_with_connection, work)


def _with_connection(work: Callable[[], T]) -> T:
    try:
        return work()
    finally:
        if gate.is_on():
            from django.db import connections

            connections["memory"].close()


def _owner(user_id: str) -> str:
    if not isinstance(user_id, str) or not user_id:
        raise InvalidInput("user_id is missing: memory belongs to somebody.")
    if not is_whole(user_id):
        raise InvalidInput("user_id holds half a character.")
    return user_id
