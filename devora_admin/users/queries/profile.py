"""One customer for their page. The hash of a password and the digest of a token are never read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from devora_admin.core import raw_bson
from devora_admin.core.errors import NotFound
from devora_admin.users.documents import Customer
from devora_admin.users.queries.subscription import Subscription, subscription_of
from devora_admin.users.readable import capped, details
from devora_admin.users.timeline import Detail

TEXTS = ("name", "email", "status")
DATES = ("created_at", "last_seen_at")
_SHOWN = (
    *TEXTS, *DATES, "subscription", "suspended", "sessions_revoked_at", "password_reset",
    "merged_into",
)  # fmt: skip
KNOWN = frozenset({*_SHOWN, "_id", "id", "password_hash"})
OTHERS = 100
_HIDDEN = ("password_hash", "password_reset.token_sha256")
_LABEL_CHARS = 300


Pair = dict[str, Any]


@dataclass(frozen=True, slots=True)
class CustomerProfile:
    id: str
    name: str
    email: str
    status: str
    subscription: Subscription
    joined_at: datetime | None
    last_seen_at: datetime | None
    suspended_at: datetime | None
    suspended_reason: str
    merged_into: str
    signed_out_at: datetime | None
    """When every session was ended by staff."""
    reset_expires_at: datetime | None
    """Of a link to reset the password that is on its way."""
    others: tuple[Detail, ...]
    """Fields the dashboard does not know."""
    faults: tuple[str, ...]
    """What is wrong with the document, in words."""

    @property
    def label(self) -> str:
        return self.name or self.email or self.id

    @property
    def plan(self) -> str:
        return self.subscription.plan


def customer_profile(user_id: str) -> CustomerProfile:
    """Raises NotFound."""
    collection = Customer._get_collection().with_options(codec_options=raw_bson.LENIENT)
    pipeline: list[dict[str, Any]] = [
        {"$match": {"id": user_id}},
        {"$limit": 1},
        {"$project": dict.fromkeys(_HIDDEN, 0)},
        {
            "$project": {
                "_id": 0,
                "known": capped({key: f"${key}" for key in _SHOWN}),
                "others": capped("$$ROOT", pairs=OTHERS, without=KNOWN),
            }
        },
    ]
    found = next(collection.aggregate(pipeline), None)
    if found is None:
        raise NotFound("customer", user_id)
    return _profile(user_id, found["known"], found["others"])


def _profile(user_id: str, known: list[Pair], others: list[Pair]) -> CustomerProfile:
    found = {pair["k"]: pair.get("v") for pair in known}
    suspended = _object(found, "suspended")
    return CustomerProfile(
        id=user_id,
        name=_text(found, "name"),
        email=_text(found, "email"),
        status=_text(found, "status") or "active",
        subscription=subscription_of(_object(found, "subscription")),
        joined_at=_date(found, "created_at"),
        last_seen_at=_date(found, "last_seen_at"),
        suspended_at=_date(suspended, "at"),
        suspended_reason=_text(suspended, "reason"),
        merged_into=_text(found, "merged_into"),
        signed_out_at=_date(found, "sessions_revoked_at"),
        reset_expires_at=_date(_object(found, "password_reset"), "expires_at"),
        others=details(others),
        faults=tuple(_faults(found, known)),
    )


def _text(found: dict[str, Any], key: str) -> str:
    value = found.get(key)
    return str(value)[:_LABEL_CHARS] if raw_bson.is_text(value) else ""


def _date(found: dict[str, Any], key: str) -> datetime | None:
    value = found.get(key)
    return value if isinstance(value, datetime) else None


def _object(found: dict[str, Any], key: str) -> dict[str, Any]:
    value = found.get(key)
    return value if isinstance(value, dict) else {}


def _faults(found: dict[str, Any], known: list[Pair]) -> Iterator[str]:
    yield from (f"{pair['k']} is too large to be shown" for pair in known if "size" in pair)
    for key in TEXTS:
        if found.get(key) is not None and not raw_bson.is_text(found[key]):
            yield f"{key} is not text"
    for key in (*DATES, "sessions_revoked_at"):
        if found.get(key) is not None and not isinstance(found[key], datetime):
            yield f"{key} is not a date"
    for key in ("subscription", "suspended", "password_reset"):
        if found.get(key) is not None and not isinstance(found[key], dict):
            yield f"{key} is not an object"
    if found.get("merged_into") is not None and not raw_bson.is_text(found["merged_into"]):
        yield "merged_into is not text"
    yield from subscription_of(_object(found, "subscription")).faults
