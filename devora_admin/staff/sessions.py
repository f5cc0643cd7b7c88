"""Session engine over StaffSession: idle and absolute limits, the device, and the account beside
the key so that it can be revoked."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId
from django.contrib.sessions.backends.base import CreateError, UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from devora_admin.core import clock, mongo
from devora_admin.staff import devices
from devora_admin.staff.documents import SESSIONS, STAFF

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=8)
HALF = timedelta(minutes=10)
"""Between the password and the second factor."""
STAMP_EVERY = timedelta(minutes=1)


class SessionStore(DatabaseStore):
    """began_at, address and user_agent stay with a session when its key changes."""

    began_at: datetime | None = None
    last_used_at: datetime | None = None
    address = ""
    user_agent = ""

    @classmethod
    def get_model_class(cls) -> Any:
        from devora_admin.staff.models import StaffSession

        return StaffSession

    def _get_session_from_db(self) -> Any:
        # Every page begins with this; the ORM would take longer than MongoDB does.
        found = mongo.database()[SESSIONS].find_one(
            {"_id": self.session_key, "expire_date": {"$gt": clock.now()}}
        )
        if found is None or not found.get("created_at"):
            self._session_key = None
            return None
        self.began_at, self.last_used_at = found["created_at"], found["last_used_at"]
        self.address, self.user_agent = found["address"], found["user_agent"]
        return self.model(
            session_key=found["_id"],
            session_data=found["session_data"],
            expire_date=found["expire_date"],
        )

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        now = clock.now()
        self.began_at = self.began_at or now
        self.last_used_at = self.last_used_at or now
        user = str(data.get("_auth_user_id", ""))
        model: Any = self.model
        return model(
            session_key=self._get_or_create_session_key(),  # type: ignore[attr-defined]
            session_data=self.encode(data),
            expire_date=_expires_at(self.began_at, self.last_used_at, is_full=bool(user)),
            user_ref=user,
            kind="full" if user else "half",
            created_at=self.began_at,
            last_used_at=self.last_used_at,
            address=self.address,
            user_agent=self.user_agent,
        )

    def save(self, must_create: bool = False) -> None:
        """Raises UpdateError when the session was ended meanwhile."""
        if self.session_key is None:
            return self.create()
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        row = self.create_model_instance(data)
        values = {field.column: getattr(row, field.attname) for field in row._meta.concrete_fields}
        if must_create:
            try:
                mongo.database()[SESSIONS].insert_one(values)
            except DuplicateKeyError as error:
                raise CreateError from error
            return None
        found = mongo.database()[SESSIONS].update_one(
            {"_id": values.pop("_id")},
            {
                "$set": {key: values[key] for key in ("session_data", "user_ref", "kind")},
                # The last use is stamped on its own and may have moved on.
                "$max": {"expire_date": values["expire_date"]},
            },
        )
        if not found.matched_count:
            raise UpdateError
        return None

    def flush(self) -> None:
        super().flush()
        self.began_at = self.last_used_at = None

    def stamp(self) -> None:
        """Notes that the session is in use, at most once a minute."""
        now = clock.now()
        if not self.began_at or not self.last_used_at or now - self.last_used_at < STAMP_EVERY:
            return
        mongo.database()[SESSIONS].update_one(
            {"_id": self.session_key, "kind": "full"},
            {
                "$max": {
                    "last_used_at": now,
                    "expire_date": _expires_at(self.began_at, now, is_full=True),
                }
            },
        )
        self.last_used_at = now


def _expires_at(began_at: datetime, last_used_at: datetime, *, is_full: bool) -> datetime:
    return min(last_used_at + IDLE, began_at + ABSOLUTE) if is_full else began_at + HALF


def end_all(user_id: str, *, session: ClientSession | None = None) -> None:
    """Ends every session of the account, also one that is being made just now.

    session: of the change that is the reason, so that both or neither hold.
    """
    db = mongo.database()
    db[STAFF].update_one({"_id": ObjectId(user_id)}, {"$inc": {"epoch": 1}}, session=session)
    db[SESSIONS].delete_many({"user_ref": user_id}, session=session)


def end_one(user_id: str, ref: str, *, session: ClientSession) -> bool:
    """Whether there was a session of the account under this `OpenSession.ref`."""
    for row in mongo.database()[SESSIONS].find({"user_ref": user_id}, {"_id": 1}, session=session):
        if _ref(row["_id"]) == ref:
            gone = mongo.database()[SESSIONS].delete_one({"_id": row["_id"]}, session=session)
            return gone.deleted_count > 0
    return False


def end_others(user_id: str, *, keep: str, session: ClientSession) -> int:
    """keep: the key of the session that goes on."""
    others = {"user_ref": user_id, "_id": {"$ne": keep}}
    return mongo.database()[SESSIONS].delete_many(others, session=session).deleted_count


@dataclass(frozen=True, slots=True)
class OpenSession:
    ref: str
    """Names it on a page; the key itself would open it."""
    device: str
    is_phone: bool
    address: str
    created_at: datetime
    last_used_at: datetime
    is_current: bool


def of_account(user_id: str, *, current: str = "") -> list[OpenSession]:
    """The latest used first. current: the key of the session that asks."""
    rows = (
        mongo.database()[SESSIONS]
        .find(
            {"user_ref": user_id, "expire_date": {"$gt": clock.now()}},
            {"session_data": 0},
        )
        .sort("last_used_at", -1)
        .limit(200)
    )
    return [
        OpenSession(
            ref=_ref(row["_id"]),
            device=devices.describe(row.get("user_agent") or ""),
            is_phone=devices.is_phone(row.get("user_agent") or ""),
            address=row.get("address") or "",
            created_at=row["created_at"],
            last_used_at=row["last_used_at"],
            is_current=row["_id"] == current,
        )
        for row in rows
        if row.get("created_at")
    ]


def _ref(key: str) -> str:
    return hashlib.sha256(f"session:{key}".encode()).hexdigest()[:32]
