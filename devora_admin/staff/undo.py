"""Taking back what the audit log recorded, as long as nobody has changed it since.

An app registers a function for each action it can take back, in its AppConfig.ready().
"""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from devora_admin.core import mongo
from devora_admin.core.errors import Conflict, Forbidden
from devora_admin.staff import audit
from devora_admin.staff.audit import Actor, AuditRow
from devora_admin.staff.documents import AUDIT_LOG
from devora_admin.staff.masking import is_masked
from devora_admin.staff.permissions import PERMISSIONS, ROLES

Undo = Callable[..., None]
Then = Callable[[AuditRow], None]
ONCE = "This has been undone already."


@dataclass(frozen=True, slots=True)
class _Way:
    take_back: Undo
    permission: str
    then: Then | None


_WAYS: dict[str, _Way] = {}


def handles(
    action: str, *, permission: str = "", then: Then | None = None
) -> Callable[[Undo], Undo]:
    """Registers `fn(row: AuditRow, *, actor: Actor, session: ClientSession) -> None`.

    It puts back `row.before` where `row.after` still holds, raises Conflict with the reason where
    it does not, and records a row of its own, which is marked as undoing this one.
    permission: who may; the action's own name when that is a permission.
    then: called once it is stored, for what shows it sooner; it must not raise.
    """
    permission = permission or action
    if permission not in PERMISSIONS:
        raise ValueError(f"unknown permission {permission!r}")

    def register(take_back: Undo) -> Undo:
        _WAYS[action] = _Way(take_back, permission, then)
        return take_back

    return register


def is_undoable(action: str) -> bool:
    return action in _WAYS


def permission_for(action: str) -> str:
    """Who may undo such an action; "" when nobody can."""
    way = _WAYS.get(action)
    return way.permission if way else ""


def url(row_id: str, *, back: str = "") -> str:
    """Where to POST to undo the row: what a toast offers. "" without a row.

    back: the page that shows it undone; the subject's without one.
    """
    if not row_id:
        return ""
    address = reverse("staff:audit_undo", args=[row_id])
    return f"{address}?{urlencode({'next': back})}" if back else address


def undone_by(row_id: str, *, session: ClientSession | None = None) -> str:
    """The id of the row that undid this one, or ""."""
    found = mongo.database()[AUDIT_LOG].find_one({"undo_of": row_id}, {"_id": 1}, session=session)
    return str(found["_id"]) if found else ""


def why_not(row: AuditRow) -> str:
    """Why the record alone forbids an undo; "" when it does not."""
    if not is_undoable(row.action):
        return "An action of this kind cannot be undone."
    if row.is_forgotten:
        return "The customer was erased, and the earlier values with them."
    if is_masked(row.before):
        return "The earlier value was a secret, which the audit log does not hold."
    return ""


def check(row: AuditRow, *, actor: Actor) -> None:
    """Raises Conflict or Forbidden, before anybody is asked to confirm."""
    if reason := why_not(row):
        raise Conflict(reason)
    permission = permission_for(row.action)
    if permission not in ROLES.get(actor.role, frozenset()):
        raise Forbidden(f"Your role, {actor.role}, does not allow this.")


def perform(row_id: str, *, actor: Actor) -> AuditRow:
    """Takes one action back and returns its row. Raises NotFound, Conflict, Forbidden."""

    def work(session: ClientSession) -> AuditRow:
        row = audit.find(row_id, session=session)
        check(row, actor=actor)
        if undone_by(row_id, session=session):
            raise Conflict(ONCE)
        with audit.undoing(row_id, cause=row.cause):
            _WAYS[row.action].take_back(row, actor=actor, session=session)
            if audit.is_undoing():
                raise RuntimeError(f"undoing {row.action} left no row")
        return row

    try:
        row = mongo.run_in_transaction(work)
    except DuplicateKeyError as error:
        raise Conflict(ONCE) from error
    if then := _WAYS[row.action].then:
        then(row)
    return row
