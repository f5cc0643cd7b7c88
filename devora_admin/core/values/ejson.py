"""MongoDB Extended JSON, to and from BSON bytes, without losing a type.

`readable` writes int32 and most doubles as plain numbers and dates as dates, which read back as the
same; everything else, and everything in `canonical`, is written as {"$type": …}.
"""

import base64
import json
import re
import struct
from collections.abc import Callable
from typing import Any

from bson import Binary, json_util
from bson.errors import BSONError

from devora_admin.core.errors import InvalidInput
from devora_admin.core.raw_bson import (
    ARRAY,
    DOCUMENT,
    Element,
    build,
    build_array,
    element,
    elements,
    printable,
)
from devora_admin.core.values import kinds

Json = Any
MAX_DEPTH = 90

_INT32, _INT64 = range(-(2**31), 2**31), range(-(2**63), 2**63)
_TEXT_WRAPPERS = {
    "$numberInt": "int32", "$numberLong": "int64", "$numberDouble": "double",
    "$numberDecimal": "decimal128", "$oid": "ObjectId",
}  # fmt: skip
_WRAPPERS = {
    *_TEXT_WRAPPERS, "$date", "$binary", "$uuid", "$regularExpression", "$timestamp", "$code",
    "$symbol", "$undefined", "$minKey", "$maxKey", "$dbPointer",
}  # fmt: skip


def canonical(part: Element) -> Json:
    return _json(part, is_readable=False)


def readable(part: Element) -> Json:
    return _json(part, is_readable=True)


def dumps(tree: Json, indent: str = "") -> str:
    """Two spaces a level, with each {"$type": …} on one line."""
    inner = indent + "  "
    if isinstance(tree, list) and tree:
        items = (inner + dumps(each, inner) for each in tree)
        return "[\n" + ",\n".join(items) + f"\n{indent}]"
    if isinstance(tree, dict) and tree and not is_wrapper(tree):
        items = (f"{inner}{_text(key)}: {dumps(value, inner)}" for key, value in tree.items())
        return "{\n" + ",\n".join(items) + f"\n{indent}}}"
    return _text(tree)


def _text(tree: Json) -> str:
    return json.dumps(tree, ensure_ascii=not _has_utf_8(tree))


def _has_utf_8(tree: Json) -> bool:
    return not isinstance(tree, str) or printable(tree) == tree


def loads(text: str) -> Json:
    """Extended JSON as a JSON tree. Raises InvalidInput (field text) with line and column."""
    try:
        return json.loads(
            text, object_pairs_hook=_no_twins, parse_constant=_no_constant, parse_float=_finite
        )
    except json.JSONDecodeError as error:
        message = (
            f"This is not valid JSON: {error.msg} at line {error.lineno}, column {error.colno}."
        )
        raise InvalidInput(message, field="text", detail={"line": error.lineno}) from error
    except ValueError as error:  # Python refuses to read a number of thousands of digits
        raise InvalidInput("A number in this is too long.", field="text") from error
    except RecursionError as error:
        raise InvalidInput("This is nested too deeply.", field="text") from error


def is_wrapper(tree: Json) -> bool:
    """Whether a JSON object stands for one value, such as {"$oid": …}."""
    return isinstance(tree, dict) and any(key in _WRAPPERS for key in tree)


def to_element(tree: Json, *, where: str = "", depth: int = 0) -> Element:
    """A JSON tree as BSON. Raises InvalidInput (field text) that names the place."""
    if depth > MAX_DEPTH:
        raise InvalidInput(f"{where} is nested too deeply.", field="text")
    if isinstance(tree, dict) and not is_wrapper(tree):
        parts = [
            to_element(
                value, where=f"{where}.{checked_key(key)}".lstrip("."), depth=depth + 1
            ).named(key)
            for key, value in tree.items()
        ]
        return Element(DOCUMENT, "", build(parts))
    if isinstance(tree, list):
        found = (
            to_element(value, where=f"{where}[{index}]", depth=depth + 1)
            for index, value in enumerate(tree)
        )
        return Element(ARRAY, "", build_array(found))
    try:
        return _leaf(tree)
    except (InvalidInput, BSONError, ValueError, TypeError, ArithmeticError, KeyError) as error:
        shown = printable(json.dumps(tree, ensure_ascii=False)[:120])
        reason = error.message if isinstance(error, InvalidInput) else "Not a value of that type."
        raise InvalidInput(f"{where or 'The value'}: {shown}. {reason}", field="text") from error


def _leaf(tree: Json) -> Element:
    if isinstance(tree, str):
        # Not through a text box: JSON says exactly which characters are meant.
        data = tree.encode()
        return Element(0x02, "", struct.pack("<i", len(data) + 1) + data + b"\0")
    if isinstance(tree, bool) or tree is None:
        return element(tree)
    if isinstance(tree, int):
        kind = "int32" if tree in _INT32 else "int64"
        return kinds.parsed(kind, str(tree))
    if isinstance(tree, float):
        return Element(0x01, "", struct.pack("<d", tree))
    return _wrapped(tree)


def _wrapped(tree: dict[str, Json]) -> Element:
    [first, *others] = tree
    if first in _TEXT_WRAPPERS and not others:
        return kinds.parsed(_TEXT_WRAPPERS[first], _string(tree[first]))
    if first in _READ and not others:
        return _READ[first](tree[first])
    if set(tree) == {"$code", "$scope"}:
        return _scoped_code(tree["$code"], tree["$scope"])
    raise InvalidInput("Not a type of Extended JSON: check the key and what stands beside it.")


def _string(value: Json) -> str:
    if not isinstance(value, str):
        raise InvalidInput("The value must be in quotes.")
    return value


def _date(value: Json) -> Element:
    if isinstance(value, dict) and set(value) == {"$numberLong"}:
        return Element(0x09, "", kinds.parsed("int64", _string(value["$numberLong"])).data)
    return kinds.parsed("date", _string(value))


def _binary(value: Json) -> Element:
    if not isinstance(value, dict) or set(value) != {"base64", "subType"}:
        raise InvalidInput("A binary has base64 and subType.")
    data = base64.b64decode(_string(value["base64"]), validate=True)
    subtype = int(_string(value["subType"]), 16)
    return element(Binary(data, subtype))


def _regex(value: Json) -> Element:
    if not isinstance(value, dict) or set(value) != {"pattern", "options"}:
        raise InvalidInput("A regular expression has pattern and options.")
    pattern, options = _string(value["pattern"]), _string(value["options"])
    if "\0" in pattern or not re.fullmatch("[ilmsux]*", options):
        raise InvalidInput("The options are i, l, m, s, u and x.")
    return kinds.parsed("regex", f"/{pattern}/{options}")


def _timestamp(value: Json) -> Element:
    if not isinstance(value, dict) or set(value) != {"t", "i"}:
        raise InvalidInput("A timestamp has t and i.")
    return kinds.parsed("timestamp", f"{value['t']}:{value['i']}")


def _text_of(kind: int) -> Callable[[Json], Element]:
    def read(value: Json) -> Element:
        return Element(kind, "", _leaf(_string(value)).data)

    return read


def _scoped_code(code: Json, scope: Json) -> Element:
    text, inner = _leaf(_string(code)).data, to_element(scope, where="$scope")
    if inner.kind != DOCUMENT:
        raise InvalidInput("$scope is an object.")
    body = text + inner.data
    return Element(0x0F, "", struct.pack("<i", len(body) + 4) + body)


def _db_pointer(value: Json) -> Element:
    if not isinstance(value, dict) or set(value) != {"$ref", "$id"}:
        raise InvalidInput("A dbPointer has $ref and $id.")
    key = _leaf(value["$id"])
    if kinds.kind_of(key) != "ObjectId":
        raise InvalidInput("The $id of a dbPointer is an ObjectId.")
    return Element(0x0C, "", _leaf(_string(value["$ref"])).data + key.data)


_READ: dict[str, Callable[[Json], Element]] = {
    "$date": _date,
    "$binary": _binary,
    "$uuid": lambda value: element(json_util.object_hook({"$uuid": value})),
    "$regularExpression": _regex,
    "$timestamp": _timestamp,
    "$code": _text_of(0x0D),
    "$symbol": _text_of(0x0E),
    "$undefined": lambda value: Element(0x06, "", b""),
    "$minKey": lambda value: Element(0xFF, "", b""),
    "$maxKey": lambda value: Element(0x7F, "", b""),
    "$dbPointer": _db_pointer,
}


def _json(part: Element, *, is_readable: bool) -> Json:
    if part.kind == DOCUMENT:
        return {inner.name: _json(inner, is_readable=is_readable) for inner in elements(part.data)}
    if part.kind == ARRAY:
        return [_json(inner, is_readable=is_readable) for inner in elements(part.data)]
    kind = kinds.kind_of(part)
    text = kinds.shown(part).text
    if is_readable and kind == "date" and text.endswith("Z"):
        return {"$date": text}
    if kind in _RAW:
        return _RAW[kind](part.data)
    if is_readable and kind == "int32":
        return int(text)
    if is_readable and kind == "double" and text[-1] not in "Ny":
        return float(text)
    return {_BY_KIND[kind]: text}


def _date_json(data: bytes) -> Json:
    return {"$date": {"$numberLong": str(struct.unpack("<q", data)[0])}}


def _regex_json(data: bytes) -> Json:
    pattern, flags, _ = data.split(b"\0")
    return {"$regularExpression": {"pattern": pattern.decode("utf-8", "backslashreplace"),
                                   "options": flags.decode("ascii", "replace")}}  # fmt: skip


def _binary_json(data: bytes) -> Json:
    text = kinds.shown(Element(0x05, "", data)).text
    return {"$binary": {"base64": text, "subType": f"{data[4]:02x}"}}


def _timestamp_json(data: bytes) -> Json:
    increment, seconds = struct.unpack("<II", data)
    return {"$timestamp": {"t": seconds, "i": increment}}


def _scoped_code_json(data: bytes) -> Json:
    (length,) = struct.unpack_from("<i", data, 4)
    code, scope = data[4 : 8 + length], data[8 + length :]
    return {"$code": _plain(code), "$scope": canonical(Element(DOCUMENT, "", scope))}


def _db_pointer_json(data: bytes) -> Json:
    return {"$dbPointer": {"$ref": _plain(data[:-12]), "$id": {"$oid": data[-12:].hex()}}}


def _plain(data: bytes) -> str:
    return data[4:-1].decode("utf-8", "backslashreplace")


_RAW: dict[str, Callable[[bytes], Json]] = {
    "string": _plain,
    "bool": lambda data: data == b"\1",
    "null": lambda data: None,
    "undefined": lambda data: {"$undefined": True},
    "minKey": lambda data: {"$minKey": 1},
    "maxKey": lambda data: {"$maxKey": 1},
    "date": _date_json,
    "regex": _regex_json,
    "binary": _binary_json,
    "timestamp": _timestamp_json,
    "code": lambda data: {"$code": _plain(data)},
    "symbol": lambda data: {"$symbol": _plain(data)},
    "codeWithScope": _scoped_code_json,
    "dbPointer": _db_pointer_json,
}
_BY_KIND = {kind: wrapper for wrapper, kind in _TEXT_WRAPPERS.items()}


def checked_key(key: str) -> str:
    """Raises InvalidInput (field text) for a key that BSON has no bytes for."""
    if "\0" in key:
        raise InvalidInput("A key cannot contain a NUL character.", field="text")
    if printable(key) != key:
        raise InvalidInput(
            f"The key “{printable(key)[:80]}” has half of a character.", field="text"
        )
    return key


def _no_twins(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twin = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise InvalidInput(f"The key “{twin[:80]}” stands twice in one object.", field="text")
    return found


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise InvalidInput(f"The number {text[:40]} is too large to store.", field="text")
    return number


def _no_constant(name: str) -> Json:
    raise InvalidInput(f'{name} is not JSON; write {{"$numberDouble": "{name}"}}.', field="text")
