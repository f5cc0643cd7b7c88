"""What the tests of actions on customers share."""

from typing import Any

import bson
from bson import ObjectId
from bson.raw_bson import RawBSONDocument

from devora_admin.core import raw_bson
from tests.projects.test_lifecycle import EVERY_TYPE

HTMX = {"HX-Request": "true"}


def stored(mongo: Any, customer: Any) -> Any:
    user_id = customer["id"] if isinstance(customer, dict) else customer
    return mongo.users.find_one({"id": user_id})


def rows(mongo: Any) -> list[dict[str, Any]]:
    return list(mongo.audit_log.find().sort("at", 1))


def odd_customer(mongo: Any, **fields: Any) -> bytes:
    """A customer with every type there is, stored as bytes; returns those bytes. Its id: odd."""
    document = bson.encode(
        {"_id": ObjectId(), "id": "odd", "email": "odd@x.example", **fields, **EVERY_TYPE}
    )
    symbol = raw_bson.Element(0x0E, "symbol", b"\2\0\0\0x\0")
    whole = raw_bson.build([*raw_bson.elements(document), symbol])
    mongo.users.insert_one(RawBSONDocument(whole))
    return whole


def raw_parts(mongo: Any, user_id: str = "odd") -> dict[str, bytes]:
    """Name → type and value, as stored."""
    raw = mongo.users.with_options(codec_options=raw_bson.RAW).find_one({"id": user_id}).raw
    return parts_of(bytes(raw))


def parts_of(whole: bytes) -> dict[str, bytes]:
    return {part.name: part.value for part in raw_bson.elements(whole)}
