"""Fields of a customer's document: read, changed and put back within one snapshot each.

The platform owns the document. Only the paths that change are written, and what stood there is
kept in the audit row, so that it can be put back.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import bson
from bson.errors import BSONError
from bson.raw_bson import RawBSONDocument
from pymongo.client_session import ClientSession

from devora_admin.core import mongo, raw_bson
from devora_admin.core.errors import Conflict, InvalidInput, NotFound
from devora_admin.core.ids import new_id
from devora_admin.staff import audit
from devora_admin.staff.masking import masked
from devora_admin.users.documents import customers

KEPT_BYTES = 20_000
"""Of a value in the audit log; what is longer cannot be put back from it."""

# Names of values in the audit log, where they differ from the path in the document.
PATHS = {"plan": "subscription.plan", "period_end": "subscription.current_period_end"}
_READ = (
    "id", "name", "email", "status", "suspended", "subscription", "merged_into",
    "sessions_revoked_at", "password_reset", "erasure",
)  # fmt: skip
_MISSING = object()


@dataclass(frozen=True, slots=True)
class Done:
    label: str
    """The customer, for people."""
    row_id: str
    """Of the audit log: what an undo names. "" when there was nothing to change."""


@dataclass(frozen=True, slots=True)
class Change:
    """Values by their names in the audit log. A name in `drop` is removed from the document."""

    action: str
    put: dict[str, Any] = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    reason: str = ""
    hidden: tuple[str, ...] = ()
    """Names whose values the audit log must not show."""
    noted: dict[str, Any] = field(default_factory=dict)
    """What the audit row says beside them."""


Plan = Callable[[dict[str, Any]], Change | None]


def change(user_id: str, plan: Plan, *, actor: audit.Actor) -> Done:
    """Raises NotFound, and what `plan` raises. plan: sees the document; None leaves it alone."""
    row_id = new_id()
    return mongo.run_in_transaction(
        lambda session: _apply(user_id, plan, actor=actor, session=session, row_id=row_id)
    )


def _apply(
    user_id: str, plan: Plan, *, actor: audit.Actor, session: ClientSession, row_id: str
) -> Done:
    raw = read(user_id, session=session)
    found = decoded(raw)
    wanted = plan(found)
    if wanted is None:
        return Done(label_of(found, user_id), "")
    write(raw, put=wanted.put, drop=wanted.drop, session=session)
    names = [*wanted.put, *wanted.drop]
    shown = [name for name in names if name not in wanted.hidden]
    before = {name: kept(raw, name) for name in shown if value_at(found, name) is not _MISSING}
    audit.record(
        wanted.action,
        actor=actor,
        subject=subject_of(found, user_id),
        before=before,
        after={**{name: wanted.put[name] for name in shown if name in wanted.put}, **wanted.noted},
        reason=wanted.reason,
        session=session,
        row_id=row_id,
    )
    return Done(label_of({**found, **wanted.put}, user_id), row_id)


def read(user_id: str, *, session: ClientSession | None = None) -> RawBSONDocument:
    """What may be changed here, as bytes; never the password's hash. Raises NotFound."""
    if not raw_bson.is_text(user_id) or "\0" in user_id:
        raise NotFound("customer", str(user_id))
    collection = customers().with_options(codec_options=raw_bson.RAW)
    raw: Any = collection.find_one({"id": user_id}, dict.fromkeys(_READ, 1), session=session)
    if raw is None:
        raise NotFound("customer", user_id)
    found: RawBSONDocument = raw
    return found


def decoded(raw: RawBSONDocument) -> dict[str, Any]:
    return dict(bson.decode(bytes(raw.raw), raw_bson.LENIENT))


def write(
    raw: RawBSONDocument, *, put: Mapping[str, Any], drop: tuple[str, ...], session: ClientSession
) -> None:
    """Raises Conflict when the customer is gone meanwhile, DuplicateKeyError, WriteError."""
    update: dict[str, Any] = {}
    if put:
        update["$set"] = {PATHS.get(name, name): value for name, value in put.items()}
    if drop:
        update["$unset"] = {PATHS.get(name, name): "" for name in drop}
    found = decoded(raw)
    if "erasure" in found:
        raise Conflict("This customer is being erased. Nothing can be changed any more.")
    still = {"_id": found["_id"], "id": found["id"]}
    if not customers().update_one(still, update, session=session).matched_count:
        raise Conflict("This customer was changed by someone else meanwhile. Nothing was written.")


def value_at(found: dict[str, Any], name: str) -> Any:
    """The value of a name in the audit log, or a mark that there is none."""
    value: Any = found
    for step in PATHS.get(name, name).split("."):
        if not isinstance(value, dict) or step not in value:
            return _MISSING
        value = value[step]
    return value


def kept(raw: RawBSONDocument, name: str) -> Any:
    """A stored value for the audit log; only its beginning when it could not be put back."""
    element = raw_bson.Element(raw_bson.DOCUMENT, "", bytes(raw.raw))
    for step in PATHS.get(name, name).split("."):
        element = next(part for part in raw_bson.elements(element.data) if part.name == step)
    value = masked(element.decoded(), name=name)
    if len(element.data) <= KEPT_BYTES and _bytes(value) == element.value:
        return value
    return {"cut": raw_bson.printable(str(value))[:10_000], "bytes": len(element.data)}


def is_cut(value: object) -> bool:
    return isinstance(value, dict) and set(value) == {"cut", "bytes"}


def same(left: object, right: object) -> bool:
    """Whether the store would hold the same for both: 1, 1.0 and true are three values."""
    if left is _MISSING or right is _MISSING:
        return left is right
    return _bytes(left) is not None and _bytes(left) == _bytes(right)


def _bytes(value: object) -> bytes | None:
    try:
        return raw_bson.element(value).value
    except (BSONError, ValueError, OverflowError):
        return None


def label_of(found: Mapping[str, Any], user_id: str) -> str:
    texts = (found.get("name"), found.get("email"))
    return next((text[:80] for text in texts if isinstance(text, str) and text.strip()), user_id)


def subject_of(found: Mapping[str, Any], user_id: str) -> audit.Subject:
    return audit.Subject("customer", user_id, label_of(found, user_id), user_id)


def put_back(
    user_id: str, *, before: Mapping[str, Any], after: Mapping[str, Any], session: ClientSession
) -> None:
    """Undoes a change. Raises Conflict when one of its values has moved on since."""
    raw = read(user_id, session=session)
    found = decoded(raw)
    names = list(dict.fromkeys([*after, *before]))
    for name in names:
        if not same(value_at(found, name), after.get(name, _MISSING)):
            label = name.replace("_", " ")
            raise Conflict(f"The {label} has been changed since, so this cannot be undone.")
        if is_cut(before.get(name)):
            raise InvalidInput(f"The old {name} was too long or too odd to be kept for an undo.")
    drop = tuple(name for name in names if name not in before)
    write(raw, put=dict(before), drop=drop, session=session)
