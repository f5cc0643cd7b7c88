"""Keyset paging: a cursor names the row to go on from, so page 1,000 costs what page 1 does."""

from dataclasses import dataclass
from typing import Any, Literal

from bson import json_util
from bson.errors import BSONError
from django.core import signing

from devora_admin.core.errors import InvalidInput

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
    options = json_util.CANONICAL_JSON_OPTIONS
    key = json_util.dumps(list(cursor.key), json_options=options)
    return signing.dumps([cursor.direction, cursor.scope, key], salt=_SALT, compress=True)


def decode_cursor(text: str, *, scope: str) -> Cursor:
    """Raises InvalidInput when `text` was altered or belongs to another list."""
    try:
        direction, found_scope, key = signing.loads(text, salt=_SALT)
        options = json_util.CANONICAL_JSON_OPTIONS.with_options(tz_aware=True)
        values = tuple(json_util.loads(key, json_options=options))
    except (signing.BadSignature, BSONError, ValueError, TypeError) as error:
        raise InvalidInput(
            "This page link is damaged. Start again from the first page.", field="cursor"
        ) from error
    if found_scope != scope:
        raise InvalidInput(
            "This page link belongs to another sorting. Start again from the first page.",
            field="cursor",
        )
    return Cursor(direction=direction, scope=found_scope, key=values)
