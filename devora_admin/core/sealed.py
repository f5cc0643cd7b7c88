"""Secrets at rest: AES-256-GCM, each bound to its owner and field.

Stored form: `enc:v1:<key id>:<base64url of nonce (12 bytes), ciphertext and tag (16 bytes)>`.
The associated data is the compact JSON array `["enc:v1", owner, field]` as UTF-8, so a value copied
to another customer or another field does not decrypt. PLATFORM.md shows how to read it elsewhere.
"""

import base64
import binascii
import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_VERSION = "enc:v1"
_NONCE_BYTES = 12
_TAG_BYTES = 16


class Unreadable(Exception):
    """No key of ours opens it: it was altered, moved, or sealed with a key that is gone."""


@dataclass(frozen=True, slots=True)
class Key:
    id: str
    """The start of its SHA-256; tells keys apart and nothing about them."""
    value: bytes = field(repr=False)


@lru_cache(maxsize=8)
def _named(values: tuple[bytes, ...]) -> tuple[Key, ...]:
    return tuple(Key(hashlib.sha256(value).hexdigest()[:8], value) for value in values)


def keys() -> tuple[Key, ...]:
    """The keys of the deployment; the first one encrypts."""
    return _named(tuple(settings.SECRETS_KEYS))


def is_sealed(value: object) -> bool:
    return isinstance(value, str) and value.startswith(f"{_VERSION}:")


def key_id_of(stored: str) -> str:
    """The id of the key that sealed `stored`; "" when it does not say."""
    parts = stored.split(":")
    return parts[2] if is_sealed(stored) and len(parts) == 4 else ""


def seal(text: str, *, owner: str, field: str) -> str:
    """owner: a customer's or staff member's id. field: its path, such as "api_keys.openai"."""
    key = keys()[0]
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = AESGCM(key.value).encrypt(nonce, text.encode(), _bound_to(owner, field))
    return f"{_VERSION}:{key.id}:{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def unseal(stored: str, *, owner: str, field: str) -> str:
    """Raises Unreadable."""
    key_id = key_id_of(stored)
    key = next((key for key in keys() if key.id == key_id), None)
    if key is None:
        raise Unreadable("sealed with a key this deployment does not have")
    try:
        data = base64.b64decode(stored.rpartition(":")[2], altchars=b"-_", validate=True)
        if len(data) < _NONCE_BYTES + _TAG_BYTES:
            raise Unreadable("cut short")
        opened = AESGCM(key.value).decrypt(
            data[:_NONCE_BYTES], data[_NONCE_BYTES:], _bound_to(owner, field)
        )
        return opened.decode()
    except (binascii.Error, InvalidTag, UnicodeDecodeError, ValueError) as error:
        raise Unreadable("altered, or moved from another owner or field") from error


def _bound_to(owner: str, field: str) -> bytes:
    bound: Sequence[str] = (_VERSION, owner, field)
    return json.dumps(bound, ensure_ascii=False, separators=(",", ":")).encode()


def derived_keys(purpose: str) -> tuple[Key, ...]:
    """A key for another purpose from each key of the deployment, under the same ids."""
    return _derived(keys(), purpose)


@lru_cache(maxsize=32)
def _derived(of: tuple[Key, ...], purpose: str) -> tuple[Key, ...]:
    return tuple(
        Key(key.id, HKDF(SHA256(), 32, salt=None, info=purpose.encode()).derive(key.value))
        for key in of
    )
