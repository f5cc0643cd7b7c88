"""What an account has beside its password."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo.client_session import ClientSession

from devora_admin.core import mongo
from devora_admin.staff.documents import FACTORS


@dataclass(frozen=True, slots=True)
class Passkey:
    id: str
    """base64url, as the browser says it."""
    name: str
    created_at: datetime
    last_used_at: datetime | None
    is_synced: bool


@dataclass(frozen=True, slots=True)
class Factors:
    totp_since: datetime | None
    passkeys: tuple[Passkey, ...]
    recovery_codes_left: int
    recovery_since: datetime | None

    @property
    def has_totp(self) -> bool:
        return self.totp_since is not None

    @property
    def is_enough(self) -> bool:
        """Whether signing in takes a second step."""
        return self.has_totp or bool(self.passkeys)

    @property
    def count(self) -> int:
        return int(self.has_totp) + len(self.passkeys)


def factors_of(user_id: str, *, session: ClientSession | None = None) -> Factors:
    row = row_of(user_id, session=session)
    totp, recovery = row.get("totp") or {}, row.get("recovery") or {}
    return Factors(
        totp_since=totp.get("since"),
        passkeys=tuple(_passkey(each) for each in row.get("passkeys") or []),
        recovery_codes_left=len(recovery.get("codes") or []),
        recovery_since=recovery.get("since"),
    )


def _passkey(row: Mapping[str, Any]) -> Passkey:
    return Passkey(
        row["id"], row["name"], row["created_at"], row.get("last_used_at"), row["is_synced"]
    )


def row_of(user_id: str, *, session: ClientSession | None = None) -> dict[str, Any]:
    return mongo.database()[FACTORS].find_one({"_id": user_id}, session=session) or {}


def forget_all(user_id: str, *, session: ClientSession) -> bool:
    """Takes every second factor away and says whether there was one."""
    gone = mongo.database()[FACTORS].delete_one({"_id": user_id}, session=session)
    return gone.deleted_count > 0
