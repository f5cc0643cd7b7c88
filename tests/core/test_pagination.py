"""Cursors carry any BSON value there and back, and cannot be altered."""

import math
from datetime import UTC, datetime
from typing import Any

import pytest
from bson import Binary, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp
from bson.datetime_ms import DatetimeMS

from devora_admin.core.errors import InvalidInput
from devora_admin.core.pagination import Cursor, decode_cursor, encode_cursor

VALUES = [
    None, "", "Ünï", "a\x00b", 1, Int64(2), 1.5, True, datetime(2026, 1, 2, tzinfo=UTC),
    DatetimeMS(2**60), ObjectId(), Decimal128("1.10"), Binary(b"\x00", 4), Regex("^a", "i"),
    Timestamp(1, 2), MinKey(), MaxKey(), {"$oid": "not one", "$date": 1}, ["a", None],
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_cursor_carries_any_value(value: Any):
    cursor = Cursor("after", "things", (value, ObjectId()))
    again = decode_cursor(encode_cursor(cursor), scope="things")
    assert again == cursor
    assert type(again.key[0]) is type(value)


def test_a_cursor_carries_nan():
    text = encode_cursor(Cursor("after", "things", (math.nan,)))
    assert math.isnan(decode_cursor(text, scope="things").key[0])


@pytest.mark.parametrize("damage", [lambda t: t[:-1], lambda t: "x" + t, lambda t: "", str.upper])
def test_an_altered_cursor_is_refused(damage: Any):
    text = damage(encode_cursor(Cursor("after", "things", (1,))))
    with pytest.raises(InvalidInput, match="damaged"):
        decode_cursor(text, scope="things")


@pytest.mark.parametrize("text", ["99999999", "\0", "a:b:c", "é" * 5000, "[1]"])
def test_what_is_no_cursor_is_refused(text: str):
    with pytest.raises(InvalidInput):
        decode_cursor(text, scope="things")


def test_a_cursor_of_another_list_is_refused():
    text = encode_cursor(Cursor("after", "things", (1,)))
    with pytest.raises(InvalidInput, match="another sorting"):
        decode_cursor(text, scope="others")
