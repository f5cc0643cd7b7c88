"""Every BSON type as bytes, those included that Python reads as something else.

A value is (type byte, data): see bsonspec.org, to which the test holds the dashboard, not PyMongo.
"""

import struct
from typing import Any

from bson import ObjectId
from hypothesis import strategies as st

from devora_admin.core.raw_bson import ARRAY, DOCUMENT, Element, build, build_array

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
WORD = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
KEY = WORD | st.sampled_from(["a.b", "$set", "$ref", "0", "id", "_id", "name", "content"])


def string(text: str) -> bytes:
    data = text.encode() + b"\0"
    return struct.pack("<i", len(data)) + data


def of(kind: int, data: st.SearchStrategy[bytes]) -> st.SearchStrategy[Element]:
    return data.map(lambda each: Element(kind, "", each))


def int64s(low: int = -(2**63), high: int = 2**63 - 1) -> st.SearchStrategy[bytes]:
    return st.integers(low, high).map(lambda number: struct.pack("<q", number))


def binary(subtype: int, content: bytes) -> bytes:
    if subtype == 2:  # the old one, with its length twice
        content = struct.pack("<i", len(content)) + content
    return struct.pack("<iB", len(content), subtype) + content


def scoped_code(code: str, scope: bytes) -> bytes:
    body = string(code) + scope
    return struct.pack("<i", len(body) + 4) + body


def document(parts: dict[str, Element]) -> bytes:
    return build(part.named(name) for name, part in parts.items())


ids = st.binary(min_size=12, max_size=12)
nothing = st.just(b"")
LEAVES: dict[str, st.SearchStrategy[Element]] = {
    "double": of(0x01, st.binary(min_size=8, max_size=8)),
    "string": of(0x02, TEXT.map(string)),
    "binary": of(
        0x05,
        st.builds(binary, st.sampled_from([0, 1, 2, 3, 5, 9, 128, 255]), st.binary(max_size=9)),
    ),
    "uuid": of(0x05, st.builds(binary, st.just(4), st.binary(min_size=16, max_size=16))),
    "undefined": of(0x06, nothing),
    "ObjectId": of(0x07, ids),
    "bool": of(0x08, st.sampled_from([b"\0", b"\1"])),
    "date": of(0x09, int64s()),
    "date before 1970": of(0x09, int64s(-(10**13), -1)),
    "date after 9999": of(0x09, int64s(253_402_300_800_000)),
    "null": of(0x0A, nothing),
    "regex": of(
        0x0B,
        st.tuples(WORD, st.sampled_from(["", "i", "imx", "s"])).map(
            lambda pair: "".join(f"{each}\0" for each in pair).encode()
        ),
    ),
    "DBPointer": of(0x0C, st.builds(lambda name, key: string(name) + key, WORD, ids)),
    "code": of(0x0D, TEXT.map(string)),
    "symbol": of(0x0E, TEXT.map(string)),
    "code with scope": of(
        0x0F,
        st.builds(scoped_code, TEXT, st.just(document({"x": Element(0x10, "", b"\1\0\0\0")}))),
    ),
    "int32": of(0x10, st.binary(min_size=4, max_size=4)),
    "timestamp": of(0x11, st.integers(1, 2**64 - 1).map(lambda n: struct.pack("<Q", n))),
    "int64": of(0x12, int64s()),
    "decimal128": of(0x13, st.binary(min_size=16, max_size=16)),
    "MaxKey": of(0x7F, nothing),
    "MinKey": of(0xFF, nothing),
    "DBRef": st.builds(
        lambda key: Element(
            DOCUMENT,
            "",
            document({"$ref": Element(0x02, "", string("users")), "$id": Element(0x07, "", key)}),
        ),
        ids,
    ),
}


def nested(inner: st.SearchStrategy[Element]) -> st.SearchStrategy[Element]:
    documents = st.dictionaries(KEY, inner, max_size=4).map(document)
    arrays = st.lists(inner, max_size=4).map(build_array)
    return of(DOCUMENT, documents) | of(ARRAY, arrays)


VALUES = st.recursive(st.one_of(*LEAVES.values()), nested, max_leaves=8)


def every_leaf(data: Any) -> dict[str, Element]:
    """One value of each type, by the type's name."""
    return {name: data.draw(values, label=name) for name, values in LEAVES.items()}


def new_object_id() -> Element:
    return Element(0x07, "", ObjectId().binary)
