"""Programs with a token of their own: made, looked up and revoked."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.write_concern import WriteConcern

from devora_admin.api import operations, rates
from devora_admin.api.documents import CLIENTS
from devora_admin.core import clock, mongo
from devora_admin.core.errors import Conflict, InvalidInput, NotFound
from devora_admin.core.ids import new_id, new_token
from devora_admin.staff import audit
from devora_admin.users.services.texts import checked

_PREFIX = "dvk_"
_LONGEST_TOKEN = 200


@dataclass(frozen=True, slots=True)
class ApiClient:
    id: str
    name: str
    scopes: frozenset[str]
    created_at: datetime
    created_by: str
    revoked_at: datetime | None
    per_minute: int
    """Requests."""


def create_client(
    name: str,
    *,
    scopes: Collection[str],
    actor: audit.Actor,
    per_minute: int = rates.PER_MINUTE,
) -> tuple[ApiClient, str]:
    """The client and its token, which nobody can look up later. Raises InvalidInput."""
    name = checked(" ".join(name.split()), field="name", label="The name", limit=80)
    if not name:
        raise InvalidInput("Give a name.", field="name")
    known = operations.every_scope()
    if not scopes or set(scopes) - set(known):
        raise InvalidInput(f"Choose scopes from {', '.join(known)}.", field="scope")
    _check_rate(per_minute)
    token = _PREFIX + new_token()
    row: dict[str, Any] = {
        "_id": new_id(),
        "name": name,
        "token_sha256": _digest(token),
        "scopes": sorted(set(scopes)),
        "created_at": clock.now(),
        "created_by": actor.label,
        "revoked_at": None,
        "per_minute": per_minute,
    }

    def work(session: ClientSession) -> ApiClient:
        mongo.database()[CLIENTS].insert_one(row, session=session)
        _record(
            "create", row, actor, session, after={"scopes": row["scopes"], "per_minute": per_minute}
        )
        return _client(row)

    return mongo.run_in_transaction(work), token


def set_rate(client_id: str, per_minute: int, *, actor: audit.Actor) -> None:
    """From the next request on. Raises NotFound, InvalidInput."""
    _check_rate(per_minute)

    def work(session: ClientSession) -> None:
        row = mongo.database()[CLIENTS].find_one_and_update(
            {"_id": {"$eq": client_id}}, {"$set": {"per_minute": per_minute}}, session=session
        )
        if row is None:
            raise NotFound("program", client_id)
        before = {"per_minute": _client(row).per_minute}
        after = {"per_minute": per_minute}
        _record("rate", row, actor, session, before=before, after=after)

    mongo.run_in_transaction(work)


def revoke_client(client_id: str, *, actor: audit.Actor) -> None:
    """From the next request on. Raises NotFound, Conflict."""

    def work(session: ClientSession) -> None:
        clients = mongo.database()[CLIENTS]
        which, now = {"_id": {"$eq": client_id}}, clock.now()
        # Written before anything is read: a busy program's document changes all the time.
        still, change = {**which, "revoked_at": None}, {"$set": {"revoked_at": now}}
        row = clients.find_one_and_update(still, change, session=session)
        if row is None:
            if clients.find_one(which, {"_id": 1}, session=session) is None:
                raise NotFound("program", client_id)
            raise Conflict("Its token was revoked already.")
        _record("revoke", row, actor, session, after={"revoked_at": now})

    mongo.run_in_transaction(work)


def every_client() -> list[ApiClient]:
    """The latest first."""
    return [_client(row) for row in mongo.database()[CLIENTS].find().sort("created_at", -1)]


def asked_by(token: str) -> tuple[ApiClient, int] | None:
    """Whose token it is, and how often they asked within this minute, this time included. None for
    a token that is unknown or revoked."""
    if not token.startswith(_PREFIX) or len(token) > _LONGEST_TOKEN:
        return None
    wanted = {"token_sha256": _digest(token), "revoked_at": None}
    # A count that is lost with a server harms nobody.
    counted = mongo.database()[CLIENTS].with_options(write_concern=WriteConcern(w=1, j=False))
    row: dict[str, Any] | None = counted.find_one_and_update(
        wanted, rates.counting(), return_document=ReturnDocument.AFTER
    )
    return (_client(row), row["asked"]["count"]) if row else None


def _check_rate(per_minute: int) -> None:
    if not 1 <= per_minute <= rates.MOST_PER_MINUTE:
        raise InvalidInput(
            f"A program may ask from 1 to {rates.MOST_PER_MINUTE:,} times a minute.",
            field="per_minute",
        )


def _digest(token: str) -> str:
    """256 random bits need no slow hash."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def _client(row: dict[str, Any]) -> ApiClient:
    return ApiClient(
        id=row["_id"],
        name=row["name"],
        scopes=frozenset(row["scopes"]),
        created_at=row["created_at"],
        created_by=row["created_by"],
        revoked_at=row["revoked_at"],
        per_minute=row.get("per_minute", rates.PER_MINUTE),
    )


def _record(
    verb: str,
    row: dict[str, Any],
    actor: audit.Actor,
    session: ClientSession,
    *,
    after: dict[str, Any],
    before: dict[str, Any] | None = None,
) -> None:
    audit.record(
        f"api_client.{verb}",
        actor=actor,
        subject=audit.Subject("api_client", row["_id"], row["name"]),
        before=before,
        after=after,
        session=session,
    )
