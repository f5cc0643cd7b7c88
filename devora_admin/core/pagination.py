"""Keyset paging: a cursor names the row to go on from, so page 1,000 costs what page 1 does."""

import base64
from dataclasses import dataclass
from typing import Any, Literal

import bson
from bson.errors import BSONError
from django.core import signing

from devora_admin.core.errors import InvalidInput
from devora_admin.core.raw_bson import LENIENT

Direction = Literal["after", "before"]
_SALT = "devora.cursor"


@dataclass(frozen=True, slots=True)
class Cursor:
    direction: Direction
    scope: str
    """What was listed (sort and collection); a cursor of another list is refused."""
    key: tuple[Any, ...]
    """The values of the index at the row: any BSON types."""


def encode_cursor(cursor: Cursor) -> str:
    key = base64.b64encode(bson.encode({"key": list(cursor.key)}, codec_options=LENIENT))
    return signing.dumps([cursor.direction, cursor.scope, key.decode()], salt=_SALT, compress=True)


def decode_cursor(text: str, *, scope: str) -> Cursor:
    """Raises InvalidInput when `text` was altered or belongs to another list."""
    try:
        direction, found_scope, key = signing.loads(text, salt=_SALT)
        values = tuple(bson.decode(base64.b64decode(key), LENIENT)["key"])
    except (signing.BadSignature, BSONError, ValueError, TypeError, KeyError) as error:
        raise InvalidInput(
            "This page link is damaged. Start again from the first page.", field="cursor"
        ) from error
    if found_scope != scope:
        raise InvalidInput(
            "This page link belongs to another sorting. Start again from the first page.",
            field="cursor",
        )
    return Cursor(direction=direction, scope=found_scope, key=values)
