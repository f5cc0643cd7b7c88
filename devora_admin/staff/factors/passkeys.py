"""Passkeys: WebAuthn through fido2. A challenge is good once, for five minutes."""

import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.http.request import split_domain_port
from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from pymongo.client_session import ClientSession

from devora_admin.core import clock, mongo
from devora_admin.core.errors import Conflict, InvalidInput
from devora_admin.staff import throttle
from devora_admin.staff.documents import FACTORS
from devora_admin.staff.factors.stored import row_of
from devora_admin.staff.models import StaffUser

MOST = 20
CHALLENGE_S = 300
_KEY = "passkey_challenge"
NOT_ACCEPTED = "This passkey was not accepted. Try again, or use another way."
EXPIRED = "That took too long. Try again."


@dataclass(frozen=True, slots=True)
class NewPasskey:
    row: Mapping[str, Any]


def rp_id(request: HttpRequest) -> str:
    """The host passkeys are bound to; "" where the address is one they cannot be bound to."""
    host = split_domain_port(request.get_host())[0]
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return host
    return ""


def better_address(request: HttpRequest) -> str:
    """This page under the name localhost, where passkeys work and 127.0.0.1 is no name."""
    host, port = split_domain_port(request.get_host())
    if host not in ("127.0.0.1", "[::1]"):
        return ""
    return f"http://localhost{port and ':'}{port}{request.path}"


def _server(request: HttpRequest) -> Fido2Server:
    host = rp_id(request)
    if not host:
        raise InvalidInput("Passkeys need a host name; this address is a number.")
    origin = f"{request.scheme}://{request.get_host()}"
    rp = PublicKeyCredentialRpEntity(id=host, name="Devora Admin")
    return Fido2Server(rp, verify_origin=lambda given: given == origin)


def _keep(request: HttpRequest, state: Mapping[str, Any], purpose: str) -> None:
    at = clock.now().timestamp()
    request.session[_KEY] = {"state": dict(state), "purpose": purpose, "at": at}


def _take(request: HttpRequest, purpose: str) -> dict[str, Any]:
    """The challenge of this session, once. Raises InvalidInput."""
    kept = request.session.pop(_KEY, None)
    if not kept or kept["purpose"] != purpose:
        raise InvalidInput(EXPIRED)
    if clock.now().timestamp() - kept["at"] > CHALLENGE_S:
        raise InvalidInput(EXPIRED)
    # The session of a request beside this one may still hold it.
    if not throttle.use_once(f"challenge:{kept['state']['challenge']}"):
        raise InvalidInput(EXPIRED)
    state: dict[str, Any] = kept["state"]
    return state


def begin_registration(request: HttpRequest, user: StaffUser) -> dict[str, Any]:
    options, state = _server(request).register_begin(
        PublicKeyCredentialUserEntity(
            id=str(user.pk).encode(), name=user.email, display_name=user.label
        ),
        credentials=_descriptors(str(user.pk)),
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    _keep(request, state, f"register:{user.pk}")
    return dict(options)


def finish_registration(request: HttpRequest, user: StaffUser, answer: str) -> NewPasskey:
    """Raises InvalidInput."""
    state = _take(request, f"register:{user.pk}")
    try:
        found = _server(request).register_complete(state, json.loads(answer))
    except Exception as error:  # fido2 lets what its parsers raise pass, of any class
        raise InvalidInput(NOT_ACCEPTED) from error
    credential = found.credential_data
    if credential is None:
        raise InvalidInput(NOT_ACCEPTED)
    return NewPasskey(
        {
            "id": websafe_encode(credential.credential_id),
            "credential": bytes(credential),
            "sign_count": found.counter,
            "is_synced": found.is_backed_up(),
            "created_at": clock.now(),
            "last_used_at": None,
        }
    )


def add(user_id: str, passkey: NewPasskey, *, name: str, session: ClientSession) -> None:
    """Raises Conflict when it is there already, or there are too many."""
    matching = {
        "_id": user_id,
        "passkeys.id": {"$ne": passkey.row["id"]},
        f"passkeys.{MOST - 1}": {"$exists": False},
    }
    factors = mongo.database()[FACTORS]
    factors.update_one(
        {"_id": user_id}, {"$setOnInsert": {"passkeys": []}}, upsert=True, session=session
    )
    change = {"$push": {"passkeys": {**passkey.row, "name": name}}}
    if not factors.update_one(matching, change, session=session).matched_count:
        raise Conflict(f"This passkey is registered already, or you have {MOST} of them.")


def rename(user_id: str, passkey_id: str, *, name: str, session: ClientSession) -> bool:
    found = mongo.database()[FACTORS].update_one(
        {"_id": user_id, "passkeys.id": passkey_id},
        {"$set": {"passkeys.$.name": name}},
        session=session,
    )
    return found.matched_count > 0


def remove(user_id: str, passkey_id: str, *, session: ClientSession) -> bool:
    found = mongo.database()[FACTORS].update_one(
        {"_id": user_id, "passkeys.id": passkey_id},
        {"$pull": {"passkeys": {"id": passkey_id}}},
        session=session,
    )
    return found.matched_count > 0


def begin_sign_in(request: HttpRequest, user_id: str = "") -> dict[str, Any]:
    """user_id: whose password was right already; without, the passkey says who it is."""
    needs = UserVerificationRequirement
    options, state = _server(request).authenticate_begin(
        credentials=_descriptors(user_id) if user_id else None,
        user_verification=needs.PREFERRED if user_id else needs.REQUIRED,
    )
    _keep(request, state, f"second:{user_id}" if user_id else "first")
    return dict(options)


def finish_sign_in(request: HttpRequest, answer: str, user_id: str = "") -> str:
    """The id of the account the passkey belongs to. Raises InvalidInput."""
    state = _take(request, f"second:{user_id}" if user_id else "first")
    try:
        given = AuthenticationResponse.from_dict(json.loads(answer))
        handle = (given.response.user_handle or b"").decode()
        owner = user_id or handle
        stored = row_of(owner).get("passkeys") or [] if owner else []
        known = [AttestedCredentialData(each["credential"]) for each in stored]
        used = _server(request).authenticate_complete(state, known, given)
    except Exception as error:  # fido2 lets what its parsers raise pass, of any class
        raise InvalidInput(NOT_ACCEPTED) from error
    count = given.response.authenticator_data.counter
    if handle not in ("", owner) or not _count_use(owner, used.credential_id, count):
        raise InvalidInput(NOT_ACCEPTED)
    return owner


def _count_use(user_id: str, credential_id: bytes, count: int) -> bool:
    """Whether the count went up, as it does not with a copy; most synced passkeys do not count."""
    older: Any = {"$lt": count} if count else 0
    this = {"id": websafe_encode(credential_id), "sign_count": older}
    found = mongo.database()[FACTORS].update_one(
        {"_id": user_id, "passkeys": {"$elemMatch": this}},
        {"$set": {"passkeys.$.sign_count": count, "passkeys.$.last_used_at": clock.now()}},
    )
    return found.matched_count > 0


def _descriptors(user_id: str) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            type=PublicKeyCredentialType.PUBLIC_KEY, id=websafe_decode(each["id"])
        )
        for each in row_of(user_id).get("passkeys") or []
    ]
