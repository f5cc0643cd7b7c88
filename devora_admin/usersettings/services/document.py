"""The one way a settings document is changed: on bytes, a few paths, in one snapshot.

Each write reads the document, runs its plan on what is stored at that moment, writes the changed
paths alone and adds the audit row. A write of the platform's in between makes MongoDB start over,
so that the plan sees it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bson.raw_bson import RawBSONDocument
from pymongo.client_session import ClientSession
from pymongo.errors import DocumentTooLarge, DuplicateKeyError, PyMongoError

from devora_admin.core import mongo, raw_bson
from devora_admin.core.errors import Conflict, NotFound, TooLarge
from devora_admin.core.raw_bson import DOCUMENT, Element
from devora_admin.core.values import edits, paths
from devora_admin.core.values.paths import EMPTY, Change, Path
from devora_admin.staff import audit
from devora_admin.users import queries as users
from devora_admin.usersettings import stored
from devora_admin.usersettings.documents import settings
from devora_admin.usersettings.secret_paths import API_KEYS, INTEGRATIONS

TRIES = 5


@dataclass(frozen=True, slots=True)
class Written:
    """before, after: the field of the document that was changed."""

    before: Element
    after: Element
    places: tuple[Path, ...]


Plan = Callable[[Element], Sequence[Change]]
Told = Callable[[Written], tuple[dict[str, Any], dict[str, Any]]]
"""What the audit log keeps: before and after."""


def change(
    user_id: str,
    field: str,
    plan: Plan,
    told: Told,
    *,
    action: str,
    actor: audit.Actor,
    reason: str = "",
    session: ClientSession | None = None,
) -> str:
    """Runs the plan on one field of the document and returns the audit row's id, "" for no change.

    A document that is missing is made. Raises NotFound without such a customer, TooLarge, and what
    the plan raises.
    """

    def work(session: ClientSession) -> str:
        found = stored.read(user_id, session=session)
        root = found.part(field)
        changes = list(plan(root))
        if not changes:
            return ""
        if not root.is_container and changes[0].path:
            raise Conflict(f"The {field} are no object any more. Nothing was written.")
        after = edits.changed(root, changes)
        places = paths.write_paths(root, changes)
        label = _label(user_id, session)
        _update(found, field, after, places, session)
        before, now = told(Written(root, after, tuple(places)))
        return audit.record(
            action,
            actor=actor,
            subject=audit.Subject("customer", user_id, label, user_id),
            before=before,
            after=now,
            reason=reason,
            session=session,
        )

    if session is not None:
        return work(session)
    try:
        return _in_transaction(work)
    except (PyMongoError, DocumentTooLarge) as error:
        if mongo.is_too_large(error):
            raise TooLarge(
                "With this change the settings would pass MongoDB's limit of 16 MB. "
                "Nothing was written."
            ) from error
        raise


def _in_transaction(work: Callable[[ClientSession], str]) -> str:
    for _ in range(TRIES):
        try:
            return mongo.run_in_transaction(work)
        except DuplicateKeyError:
            continue  # somebody made the document at the same moment: now it is there to change
    raise Conflict("These settings are being changed right now. Try again in a moment.")


def _label(user_id: str, session: ClientSession) -> str:
    if users.standing(user_id, session=session) is None:
        raise NotFound("customer", user_id)
    return users.owners([user_id])[user_id].label


def _update(
    found: stored.Stored, field: str, after: Element, places: list[Path], session: ClientSession
) -> None:
    put, drop = edits.written(after, places, name=field)
    operators = []
    if put:
        operators.append(Element(DOCUMENT, "$set", raw_bson.build(put)))
    if drop:
        operators.append(Element(DOCUMENT, "$unset", raw_bson.build(drop)))
    if found.exists:
        still = {"_id": found.part("_id").decoded(), "user_id": found.user_id}
    else:
        still = {"user_id": found.user_id}
        empty = [EMPTY.named(name) for name in (API_KEYS, INTEGRATIONS) if name != field]
        operators.append(Element(DOCUMENT, "$setOnInsert", raw_bson.build(empty)))
    done = settings().update_one(
        still,
        RawBSONDocument(raw_bson.build(operators)),
        upsert=not found.exists,
        session=session,
    )
    if found.exists and not done.matched_count:
        raise Conflict("Someone else changed these settings meanwhile. Nothing was written.")
