"""BSON as bytes, cut into its elements and put together again.

Decoding to Python and back retypes what Python cannot tell apart (symbols, undefined, the bits of
a NaN). Whatever must come out as it went in is moved as bytes instead.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeGuard

import bson
from bson.codec_options import CodecOptions, DatetimeConversion
from bson.raw_bson import RawBSONDocument

DOCUMENT, ARRAY = 0x03, 0x04

# Reads whatever the platform stored: dates beyond Python's years, text that is not UTF-8.
LENIENT: CodecOptions[dict[str, Any]] = CodecOptions(
    tz_aware=True,
    datetime_conversion=DatetimeConversion.DATETIME_AUTO,
    unicode_decode_error_handler="backslashreplace",
)
RAW: CodecOptions[RawBSONDocument] = LENIENT.with_options(document_class=RawBSONDocument)

_FIXED = {
    0x01: 8, 0x06: 0, 0x07: 12, 0x08: 1, 0x09: 8, 0x0A: 0,
    0x10: 4, 0x11: 8, 0x12: 8, 0x13: 16, 0x7F: 0, 0xFF: 0,
}  # fmt: skip


def is_text(value: object) -> TypeGuard[str]:
    """Whether a decoded value was stored as text: PyMongo's Code is a str too, and unhashable."""
    return type(value) is str


def printable(text: str) -> str:
    """Without halves of characters: what stands for bytes that are no UTF-8 fits in no page."""
    return text.encode("utf-8", "replace").decode()


@dataclass(frozen=True, slots=True)
class Element:
    kind: int
    """The type byte."""
    name: str
    data: bytes
    """The value alone, without type byte and name."""

    @property
    def is_container(self) -> bool:
        return self.kind in (DOCUMENT, ARRAY)

    @property
    def value(self) -> bytes:
        """Type and value: equal for two elements exactly when the store holds the same."""
        return bytes([self.kind]) + self.data

    def named(self, name: str) -> "Element":
        return replace(self, name=name)

    def decoded(self) -> Any:
        """As Python has it, read leniently; ints and int64 stay apart (Int64)."""
        return bson.decode(build([self.named("v")]), LENIENT)["v"]


def elements(data: bytes) -> list[Element]:
    """The elements of a document or array, in order. Raises ValueError."""
    found, at, end = [], 4, len(data) - 1
    try:
        while at < end:
            kind, name_end = data[at], data.index(0, at + 1)
            name = data[at + 1 : name_end].decode("utf-8", "surrogateescape")
            start = name_end + 1
            at = start + _size(kind, data, start)
            found.append(Element(kind, name, data[start:at]))
    except (IndexError, ValueError, struct.error) as error:
        raise ValueError("The document is not whole.") from error
    return found


def documents(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The documents that a document is made of, by name; none is looked into. Raises ValueError
    where something else is among them."""
    at, end = 4, len(data) - 1
    while at < end:
        if data[at] != DOCUMENT:
            raise ValueError("The document holds more than documents.")
        start = data.index(0, at + 1) + 1
        size = int.from_bytes(data[start : start + 4], "little")
        yield data[at + 1 : start - 1].decode(), data[start : start + size]
        at = start + size


def build(parts: Iterable[Element]) -> bytes:
    """Raises ValueError for a name that would end early, its rest read as more elements."""
    parts = list(parts)
    if any("\0" in part.name for part in parts):
        raise ValueError("A name cannot contain a NUL character.")
    body = b"".join(
        bytes([part.kind]) + part.name.encode("utf-8", "surrogateescape") + b"\0" + part.data
        for part in parts
    )
    return struct.pack("<i", len(body) + 5) + body + b"\0"


def build_array(parts: Iterable[Element]) -> bytes:
    """Like `build`, the names being the positions."""
    body = b"".join(b"%c%d\0%b" % (part.kind, index, part.data) for index, part in enumerate(parts))
    return struct.pack("<i", len(body) + 5) + body + b"\0"


def element(value: Any, name: str = "") -> Element:
    """A Python value as an element. Raises what bson.encode raises."""
    return elements(bson.encode({"v": value}, codec_options=LENIENT))[0].named(name)


def document(**parts: Element) -> RawBSONDocument:
    """Its values are read as leniently as a store's, where PyMongo looks into it."""
    data = build(part.named(name) for name, part in parts.items())
    return RawBSONDocument(data, codec_options=RAW)


def _size(kind: int, data: bytes, at: int) -> int:
    if kind in _FIXED:
        return _FIXED[kind]
    if kind == 0x0B:  # two C strings: pattern, options
        return data.index(0, data.index(0, at) + 1) + 1 - at
    (length,) = struct.unpack_from("<i", data, at)
    if kind in (DOCUMENT, ARRAY, 0x0F):
        return int(length)
    if kind in (0x02, 0x0D, 0x0E):
        return int(length) + 4
    if kind == 0x05:
        return int(length) + 5
    if kind == 0x0C:
        return int(length) + 16
    raise ValueError(f"unknown type {kind:#x}")
