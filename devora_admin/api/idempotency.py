"""The same request again is answered as before, without being done again.

The answer is kept in the transaction of what it tells of: there is never one without the other.
What was refused did nothing and is not kept, so that it may succeed once its reason is gone.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from pydantic import BaseModel
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from devora_admin.api.bodies import digest_of
from devora_admin.api.clients import ApiClient
from devora_admin.api.documents import CALLS
from devora_admin.api.errors import BadRequest, KeyReused
from devora_admin.api.operations import Answer, Call
from devora_admin.core import clock, mongo

HEADER = "Idempotency-Key"
KEPT = timedelta(hours=24)
_LONGEST = 255
_PATIENCE_S = 10.0
"""Many of the same request at once wait for each other."""


Work = Callable[[ClientSession], Answer]


@dataclass(frozen=True, slots=True)
class Keyed:
    """Handles an operation that is done once for each Idempotency-Key of a client."""

    begin: Callable[..., Work]
    """begin(call, asked, **parts of the route) → what is done within the transaction."""

    def __call__(self, call: Call, asked: BaseModel, **parts: Any) -> Answer:
        """Raises BadRequest without a key, KeyReused for one of another request."""
        return _once(call, self.begin(call, asked, **parts))


def _once(call: Call, work: Work) -> Answer:
    call_id = _call_id(call.client, _key_of(call.request))
    request_digest = digest_of(call.request)

    def inside(session: ClientSession) -> Answer:
        if found := _kept(call_id, request_digest, session):
            return found
        answer = work(session)
        kept = {
            "request": request_digest,
            "status": answer.status,
            "body": dict(answer.body),
            "expires_at": clock.now() + KEPT,
        }
        # One whose time is over may still be there.
        mongo.database()[CALLS].replace_one({"_id": call_id}, kept, upsert=True, session=session)
        return answer

    try:
        return mongo.run_in_transaction(inside, patience_s=_PATIENCE_S)
    except DuplicateKeyError:
        if found := _kept(call_id, request_digest, None):
            return found
        raise


def _key_of(request: HttpRequest) -> str:
    key = request.headers.get(HEADER, "").strip()
    if not key or len(key) > _LONGEST or not (key.isascii() and key.isprintable()):
        raise BadRequest(
            f"Send the header {HEADER}, up to {_LONGEST} printable characters, fresh for each "
            "request and the same when you send it again.",
            detail={"errors": [{"detail": "It is missing or cannot be used.", "header": HEADER}]},
        )
    return key


def _call_id(client: ApiClient, key: str) -> str:
    return hashlib.sha256(f"{client.id}\n{key}".encode()).hexdigest()


def _kept(call_id: str, request_digest: str, session: ClientSession | None) -> Answer | None:
    found = mongo.database()[CALLS].find_one({"_id": call_id}, session=session)
    if found is None or found["expires_at"] <= clock.now():
        return None
    if found["request"] != request_digest:
        raise KeyReused(
            f"This {HEADER} came with another request before. Send a fresh one.",
            detail={"errors": [{"detail": "It is used already.", "header": HEADER}]},
        )
    return Answer(found["status"], found["body"], is_replayed=True)
