"""Ten codes for the day the second factor is lost. Each opens the account once."""

import hashlib
import re
import secrets

from pymongo.client_session import ClientSession

from devora_admin.core import clock, mongo
from devora_admin.staff.documents import FACTORS

COUNT = 10
# Without the letters and digits that look like others.
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
_LENGTH = 16
"""79 bits: too many to search for the code of a digest."""


def _new_code() -> str:
    text = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    return "-".join(text[start : start + 4] for start in range(0, _LENGTH, 4))


def make(user_id: str, *, is_first: bool, session: ClientSession) -> list[str]:
    """Ten new codes in place of all old ones; only their digests are kept.

    is_first: makes none, and returns none, where there are some. Without a factor there are none.
    """
    codes = [_new_code() for _ in range(COUNT)]
    digests = [_digest(user_id, code) for code in codes]
    made = mongo.database()[FACTORS].update_one(
        {"_id": user_id, **({"recovery": {"$exists": False}} if is_first else {})},
        {"$set": {"recovery": {"codes": digests, "since": clock.now()}}},
        session=session,
    )
    return codes if made.matched_count else []


def accept(user_id: str, code: str) -> bool:
    """Uses a code up, and says whether it was one."""
    digest = _digest(user_id, code)
    # Named in the condition as well: of two requests with one code, the second matches nothing.
    used = mongo.database()[FACTORS].update_one(
        {"_id": user_id, "recovery.codes": digest},
        {"$pull": {"recovery.codes": digest}},
    )
    return used.matched_count > 0


def _digest(user_id: str, code: str) -> str:
    """However it is typed: with or without hyphens, in whatever case."""
    plain = re.sub(r"[\s-]", "", code).lower()
    return hashlib.sha256(f"{user_id}:{plain}".encode("utf-8", "replace")).hexdigest()
