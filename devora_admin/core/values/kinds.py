"""The BSON types as a person sees and types them: one kind, one way to write a value."""

import base64
import binascii
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bson import Binary, Decimal128, ObjectId

from devora_admin.core.errors import InvalidInput
from devora_admin.core.raw_bson import Element, build, element

NAMES = {
    0x01: "double", 0x02: "string", 0x03: "object", 0x04: "array", 0x05: "binary",
    0x06: "undefined", 0x07: "ObjectId", 0x08: "bool", 0x09: "date", 0x0A: "null",
    0x0B: "regex", 0x0C: "dbPointer", 0x0D: "code", 0x0E: "symbol", 0x0F: "codeWithScope",
    0x10: "int32", 0x11: "timestamp", 0x12: "int64", 0x13: "decimal128",
    0x7F: "maxKey", 0xFF: "minKey",
}  # fmt: skip
CHOICES = (
    "string", "int32", "int64", "double", "decimal128", "bool", "date", "null", "ObjectId",
    "object", "array", "binary", "regex", "timestamp", "code", "symbol", "minKey", "maxKey",
)  # fmt: skip
"""Kinds a value may be given by hand."""
TEXTS = frozenset({"string", "code", "symbol"})
FIXED = frozenset({"null", "undefined", "minKey", "maxKey", "object", "array"})
"""Kinds without a value to type."""
HINTS = {
    "int32": "Write a whole number from -2,147,483,648 to 2,147,483,647.",
    "int64": "Write a whole number from -9,223,372,036,854,775,808 to 9,223,372,036,854,775,807.",
    "double": "Write a number such as 1.5 or 2e10, or NaN, Infinity, -Infinity.",
    "decimal128": "Write a decimal number of up to 34 digits; trailing zeros are kept.",
    "bool": "Write true or false.",
    "date": "Write it as 2026-01-31T18:30:00.000Z, or as milliseconds since 1970.",
    "ObjectId": "Write 24 hexadecimal digits.",
    "binary": "Write it in Base64. The subtype stays as it is.",
    "regex": "Write it as /pattern/flags; the flags are i, l, m, s, u and x.",
    "timestamp": "Write it as seconds:increment, for example 1767225600:1.",
}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INT = re.compile(r"[+-]?[0-9]{1,20}")
_DOUBLE = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,4})?|NaN|[+-]?Infinity")


@dataclass(frozen=True, slots=True)
class Value:
    """A value as text, in the one form `parsed` reads back."""

    kind: str
    text: str
    note: str = ""
    is_editable: bool = True


def kind_of(part: Element) -> str:
    return NAMES[part.kind]


def shown(part: Element) -> Value:
    kind = kind_of(part)
    show = _SHOWN.get(kind)
    if kind in FIXED:
        return Value(kind, "")
    if show is None:
        return Value(kind, repr(part.decoded()), is_editable=False)
    text = show(part.data)
    if kind == "binary":
        return Value(kind, text, note=f"subtype {part.data[4]}")
    return Value(kind, text, is_editable=kind not in TEXTS or _survives_a_text_box(part.data))


def parsed(kind: str, text: str, *, previous: Element | None = None) -> Element:
    """The value `text` stands for. Raises InvalidInput (field value, or kind).

    previous: the value it takes the place of, whose binary subtype and line ends are kept.
    """
    if kind not in CHOICES:
        raise InvalidInput("Choose one of the types.", field="kind")
    if kind in FIXED:
        return previous if previous and kind_of(previous) == kind else _fixed(kind)
    if "\0" in text:
        raise InvalidInput("A value typed here cannot contain a NUL character.", field="value")
    if previous is not None and kind_of(previous) == kind:
        before = shown(previous)
        if before.text == text:
            return previous
        if not before.is_editable:
            raise InvalidInput(
                "This holds characters that a text box would change. Edit it as JSON.",
                field="value",
            )
    try:
        return _PARSED[kind](text, previous)
    except (ValueError, ArithmeticError, struct.error) as error:
        raise InvalidInput(
            f"This is not a valid {kind}. {HINTS.get(kind, '')}".strip(), field="value"
        ) from error


def _survives_a_text_box(data: bytes) -> bool:
    """A browser normalises line ends, and no text box holds a NUL or broken UTF-8."""
    try:
        text = data[4:-1].decode()
    except UnicodeDecodeError:
        return False
    unix = text.replace("\r\n", "")
    return "\0" not in text and "\r" not in unix and not ("\r\n" in text and "\n" in unix)


def _fixed(kind: str) -> Element:
    code = next(code for code, name in NAMES.items() if name == kind)
    return Element(code, "", build([]) if kind in ("object", "array") else b"")


def _text_shown(data: bytes) -> str:
    return data[4:-1].decode("utf-8", "backslashreplace")


def _date_shown(data: bytes) -> str:
    (ms,) = struct.unpack("<q", data)
    try:
        moment = _EPOCH + timedelta(milliseconds=ms)
    except OverflowError:
        return str(ms)  # beyond the years Python knows
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _double_shown(data: bytes) -> str:
    (number,) = struct.unpack("<d", data)
    if number != number:
        return "NaN"
    if number in (float("inf"), float("-inf")):
        return "Infinity" if number > 0 else "-Infinity"
    return repr(number)


def _regex_shown(data: bytes) -> str:
    pattern, flags, _ = data.split(b"\0")
    return f"/{pattern.decode('utf-8', 'backslashreplace')}/{flags.decode('ascii', 'replace')}"


def _timestamp_shown(data: bytes) -> str:
    increment, seconds = struct.unpack("<II", data)
    return f"{seconds}:{increment}"


def _decimal_shown(data: bytes) -> str:
    return str(Decimal128.from_bid(data))


_SHOWN: dict[str, Callable[[bytes], str]] = {
    "double": _double_shown,
    "string": _text_shown,
    "symbol": _text_shown,
    "code": _text_shown,
    # The old binary subtype, 2, has its length a second time inside.
    "binary": lambda data: base64.b64encode(data[9:] if data[4] == 2 else data[5:]).decode(),
    "ObjectId": lambda data: data.hex(),
    "bool": lambda data: "true" if data == b"\1" else "false",
    "date": _date_shown,
    "regex": _regex_shown,
    "int32": lambda data: str(struct.unpack("<i", data)[0]),
    "int64": lambda data: str(struct.unpack("<q", data)[0]),
    "timestamp": _timestamp_shown,
    "decimal128": _decimal_shown,
}


def _string(kind: int) -> Callable[[str, Element | None], Element]:
    def parse(text: str, previous: Element | None) -> Element:
        # A browser sends every line end as CR LF, whatever the page held.
        text = text.replace("\r\n", "\n")
        if previous is not None and previous.kind == kind and b"\r\n" in previous.data:
            text = text.replace("\n", "\r\n")
        data = text.encode()
        return Element(kind, "", struct.pack("<i", len(data) + 1) + data + b"\0")

    return parse


def _integer(kind: int, layout: str) -> Callable[[str, Element | None], Element]:
    def parse(text: str, previous: Element | None) -> Element:
        if not _INT.fullmatch(text.strip()):
            raise ValueError(text)
        return Element(kind, "", struct.pack(layout, int(text)))

    return parse


def _double(text: str, previous: Element | None) -> Element:
    if not _DOUBLE.fullmatch(text.strip()):
        raise ValueError(text)
    number = float(text)
    if number in (float("inf"), float("-inf")) and "Infinity" not in text:
        raise InvalidInput("This number is too large to store.", field="value")
    return Element(0x01, "", struct.pack("<d", number))


def _decimal(text: str, previous: Element | None) -> Element:
    if not _DOUBLE.fullmatch(text.strip()):
        raise ValueError(text)
    return element(Decimal128(text.strip()))


def _bool(text: str, previous: Element | None) -> Element:
    if text not in ("true", "false"):
        raise ValueError(text)
    return Element(0x08, "", b"\1" if text == "true" else b"\0")


def _date(text: str, previous: Element | None) -> Element:
    text = text.strip()
    if _INT.fullmatch(text) and (len(text) > 8 or text[0] in "+-"):
        return Element(0x09, "", struct.pack("<q", int(text)))
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise InvalidInput("Add the time zone: Z, or an offset such as +02:00.", field="value")
    ms, rest = divmod(moment - _EPOCH, timedelta(milliseconds=1))
    if rest:
        raise InvalidInput("Dates are kept to the millisecond: three digits.", field="value")
    return Element(0x09, "", struct.pack("<q", ms))


def _object_id(text: str, previous: Element | None) -> Element:
    text = text.strip()
    if not re.fullmatch("[0-9a-fA-F]{24}", text):
        raise ValueError(text)
    return Element(0x07, "", ObjectId(text).binary)


def _binary(text: str, previous: Element | None) -> Element:
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error as error:
        raise ValueError(text) from error
    subtype = previous.data[4] if previous is not None and previous.kind == 0x05 else 0
    return element(Binary(data, subtype))


def _regex(text: str, previous: Element | None) -> Element:
    match = re.fullmatch(r"/(.*)/([ilmsux]*)", text, re.DOTALL)
    if not match:
        raise ValueError(text)
    flags = "".join(sorted(set(match[2])))
    return Element(0x0B, "", match[1].encode() + b"\0" + flags.encode() + b"\0")


def _timestamp(text: str, previous: Element | None) -> Element:
    match = re.fullmatch(r"([0-9]{1,10}):([0-9]{1,10})", text.strip())
    if not match:
        raise ValueError(text)
    return Element(0x11, "", struct.pack("<II", int(match[2]), int(match[1])))


_PARSED: dict[str, Callable[[str, Element | None], Element]] = {
    "string": _string(0x02),
    "symbol": _string(0x0E),
    "code": _string(0x0D),
    "int32": _integer(0x10, "<i"),
    "int64": _integer(0x12, "<q"),
    "double": _double,
    "decimal128": _decimal,
    "bool": _bool,
    "date": _date,
    "ObjectId": _object_id,
    "binary": _binary,
    "regex": _regex,
    "timestamp": _timestamp,
}
