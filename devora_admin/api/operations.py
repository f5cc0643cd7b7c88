"""What programs can ask for. Each app registers its own operations; together they are the routes
below /api/ and one description of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from pydantic import BaseModel

from devora_admin.api.bodies import MAX_BYTES
from devora_admin.api.clients import ApiClient
from devora_admin.staff.audit import Actor


@dataclass(frozen=True, slots=True)
class Call:
    request: HttpRequest
    client: ApiClient
    actor: Actor
    """The program, as the audit log names it."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: Mapping[str, Any]
    is_replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    name: str
    url_name: str
    route: str
    """As Django has it: "api/issues/<number:number>/replies/"."""
    summary: str
    scope: str
    takes: type[BaseModel]
    gives: type[BaseModel]
    handle: Callable[..., Answer]
    """handle(call, asked, **parts of the route); `idempotency.Keyed` for what is done once for
    each Idempotency-Key."""
    done: Mapping[str, str]
    """What a good answer means, by status."""
    refused: Mapping[str, str] = field(default_factory=dict)
    """Beside what every operation refuses."""
    most_bytes: int = MAX_BYTES


_OPERATIONS: dict[str, Operation] = {}
_SCOPES: dict[str, str] = {}


def register_scope(name: str, words: str) -> None:
    """words: what a token with it may do."""
    _SCOPES[name] = words


def register(operation: Operation) -> None:
    """Called when the app is ready, after its scope is registered."""
    if operation.scope not in _SCOPES:
        raise ValueError(f"unknown scope {operation.scope!r}")
    _OPERATIONS[operation.name] = operation


def every_operation() -> tuple[Operation, ...]:
    return tuple(_OPERATIONS.values())


def every_scope() -> dict[str, str]:
    return dict(_SCOPES)
