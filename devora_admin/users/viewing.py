"""Seeing the platform as one customer does: kept in the session, over by itself."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest

from devora_admin.core import clock
from devora_admin.core.errors import InvalidInput
from devora_admin.staff import audit
from devora_admin.users.services import fields, texts

MOST_MINUTES = 60
_KEY = "view_as"


@dataclass(frozen=True, slots=True)
class ViewAs:
    user_id: str
    label: str
    reason: str
    began_at: datetime
    until: datetime


def current(request: HttpRequest) -> ViewAs | None:
    """What this session is limited to now. Reads the session alone, which is loaded by then."""
    kept: dict[str, Any] | None = request.session.get(_KEY)
    if kept is None:
        return None
    until = datetime.fromisoformat(kept["until"])
    if until <= clock.now():
        return None
    began_at = datetime.fromisoformat(kept["began_at"])
    return ViewAs(kept["user_id"], kept["label"], kept["reason"], began_at, until)


def start(request: HttpRequest, user_id: str, *, minutes: int, reason: str) -> ViewAs:
    """Writes the audit row first. Raises NotFound, InvalidInput (field minutes or reason)."""
    reason = texts.reason(reason)
    if not 1 <= minutes <= MOST_MINUTES:
        raise InvalidInput(f"Choose 1 to {MOST_MINUTES} minutes.", field="minutes")
    found = fields.decoded(fields.read(user_id))
    label = fields.label_of(found, user_id)
    now = clock.now()
    until = now + timedelta(minutes=minutes)
    audit.record(
        "users.view_as",
        actor=audit.actor_of(request),
        subject=fields.subject_of(found, user_id),
        after={"until": until, "minutes": minutes},
        reason=reason,
    )
    request.session[_KEY] = {
        "user_id": user_id,
        "label": label,
        "reason": reason,
        "began_at": now.isoformat(),
        "until": until.isoformat(),
    }
    return ViewAs(user_id, label, reason, now, until)


def stop(request: HttpRequest) -> None:
    """Harmless when it is over already."""
    viewing = current(request)
    if viewing is not None:
        audit.record(
            "users.view_as_end",
            actor=audit.actor_of(request),
            subject=audit.Subject("customer", viewing.user_id, viewing.label, viewing.user_id),
            after={"seconds": int((clock.now() - viewing.began_at).total_seconds())},
        )
    request.session.pop(_KEY, None)


OwnerOf = Callable[[str], str | None]
_owners: dict[str, OwnerOf] = {}


def register_owner(argument: str, owner_of: OwnerOf) -> None:
    """owner_of: the customer that what a route's `argument` names belongs to, None for nobody."""
    _owners[argument] = owner_of


def concerns(viewing: ViewAs, arguments: dict[str, Any]) -> bool:
    """Whether a route's arguments name this customer, or what is theirs."""
    if "user_id" in arguments:
        return bool(arguments["user_id"] == viewing.user_id)
    return any(
        owner_of(arguments[name]) == viewing.user_id
        for name, owner_of in _owners.items()
        if name in arguments
    )


@dataclass(frozen=True, slots=True)
class Section:
    """A part of what a customer sees, by the app that owns it."""

    title: str
    order: int
    template: str
    """Gets `section`, also as `panel`, which is what `load` returned, and `customer`."""
    load: Callable[[str], Any]


_sections: list[Section] = []


def register_section(section: Section) -> None:
    _sections.append(section)
    _sections.sort(key=lambda each: each.order)


def sections(user_id: str) -> list[tuple[Section, Any]]:
    return [(section, section.load(user_id)) for section in _sections]
