"""Codes of an authenticator app: SHA-1, six digits, 30 seconds, as every app has them."""

import base64
import hmac
import re
import secrets
from urllib.parse import quote, urlencode

import segno
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from pymongo.client_session import ClientSession

from devora_admin.core import clock, mongo, sealed
from devora_admin.staff.documents import FACTORS
from devora_admin.staff.factors.stored import row_of

STEP_S = 30
DIGITS = 6
ISSUER = "Devora Admin"
_FIELD, _OFFERED = "totp", "totp.offered"


def new_secret() -> str:
    """160 bits, in base32 as people type them."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def offer(secret: str, *, user_id: str) -> str:
    """The secret as a page may carry it to its own form and back."""
    return sealed.seal(secret, owner=user_id, field=_OFFERED)


def offered(text: str, *, user_id: str) -> str:
    """Raises sealed.Unreadable."""
    return sealed.unseal(text, owner=user_id, field=_OFFERED)


def address(secret: str, *, email: str) -> str:
    """What the QR code says."""
    query = urlencode({"secret": secret, "issuer": ISSUER, "digits": DIGITS, "period": STEP_S})
    return f"otpauth://totp/{quote(ISSUER)}:{quote(email)}?{query}"


def qr_code(secret: str, *, email: str) -> str:
    """SVG without styles, which the content policy would refuse."""
    return segno.make(address(secret, email=email), error="m").svg_inline(
        scale=4, border=4, omitsize=True, dark="#000", light="#fff", svgclass="qr"
    )


def code_at(secret: str, step: int) -> str:
    totp = TOTP(base64.b32decode(secret), DIGITS, SHA1(), STEP_S, enforce_key_length=False)  # noqa: S303  what apps can do
    return totp.generate(step * STEP_S).decode()


def steps_now() -> tuple[int, int, int]:
    """This step first, then its neighbours: clocks differ."""
    now = int(clock.now().timestamp()) // STEP_S
    return now, now - 1, now + 1


def steps_of(secret: str, code: str) -> list[int]:
    """The steps near now that this is the code of."""
    given = re.sub(r"\s", "", code).encode("utf-8", "replace")
    return [
        step for step in steps_now() if hmac.compare_digest(code_at(secret, step).encode(), given)
    ]


def accept(user_id: str, code: str) -> bool:
    """Whether this is the account's code, and no request has used it or a later one before."""
    stored = row_of(user_id).get("totp")
    if not stored or not looks_like_code(code):
        return False
    try:
        secret = sealed.unseal(stored["secret"], owner=user_id, field=_FIELD)
    except sealed.Unreadable:
        return False
    return any(
        mongo.database()[FACTORS]
        .update_one(
            {"_id": user_id, "totp.secret": stored["secret"], "totp.step": {"$lt": step}},
            {"$set": {"totp.step": step}},
        )
        .matched_count
        for step in steps_of(secret, code)
    )


def move_to_first_key(*, is_rehearsal: bool) -> int:
    """How many secrets were, or would be, sealed anew after a change of keys."""
    first, moved = sealed.keys()[0].id, 0
    factors = mongo.database()[FACTORS]
    for row in factors.find({"totp.secret": {"$exists": True}}, {"totp.secret": 1}):
        old = row["totp"]["secret"]
        if sealed.key_id_of(old) == first:
            continue
        try:
            secret = sealed.unseal(old, owner=row["_id"], field=_FIELD)
        except sealed.Unreadable:
            continue
        new = {"totp.secret": sealed.seal(secret, owner=row["_id"], field=_FIELD)}
        same = {"_id": row["_id"], "totp.secret": old}
        moved += is_rehearsal or factors.update_one(same, {"$set": new}).matched_count
    return moved


def looks_like_code(text: str) -> bool:
    return re.fullmatch(r"[0-9]{6}", re.sub(r"\s", "", text), re.ASCII) is not None


def turn_on(user_id: str, secret: str, *, step: int, session: ClientSession) -> None:
    """step: of the code that proved it, which is then used."""
    stored = sealed.seal(secret, owner=user_id, field=_FIELD)
    mongo.database()[FACTORS].update_one(
        {"_id": user_id},
        {"$set": {"totp": {"secret": stored, "step": step, "since": clock.now()}}},
        upsert=True,
        session=session,
    )


def turn_off(user_id: str, *, session: ClientSession) -> bool:
    found = mongo.database()[FACTORS].update_one(
        {"_id": user_id, "totp": {"$exists": True}}, {"$unset": {"totp": ""}}, session=session
    )
    return found.matched_count > 0
