"""Stored documents as Extended JSON that reads back as the same, for whoever takes them away."""

import base64
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from pymongo.collection import Collection

from devora_admin.core import raw_bson
from devora_admin.core.errors import InvalidInput
from devora_admin.core.raw_bson import DOCUMENT, Element
from devora_admin.core.values import ejson

Json = Any
_CHUNK_BYTES = 64 * 1024


def tree_of(data: bytes) -> Json:
    """A document's bytes as a JSON tree; one that cannot be cut up comes as Base64."""
    try:
        return ejson.readable(Element(DOCUMENT, "", data))
    except (ValueError, KeyError, IndexError, RecursionError):
        return {"$broken": base64.b64encode(data).decode()}


def tree_of_value(value: Element) -> Json:
    """Like `tree_of`, for one value of any type."""
    try:
        return ejson.readable(value)
    except (ValueError, KeyError, IndexError, RecursionError):
        return {"$broken": base64.b64encode(value.data).decode()}


def text_of(data: bytes) -> str:
    """Spread over lines, for a document that a person will look at."""
    tree = tree_of(data)
    try:
        return ejson.dumps(tree) + "\n"
    except RecursionError:
        return _broken(data)


def reads_back(text: str, data: bytes) -> bool:
    """Whether the text is the same document again, to the byte."""
    try:
        return bool(ejson.to_element(ejson.loads(text)).data == data)
    except (InvalidInput, ValueError, RecursionError):
        return False


def one_line(tree: Json) -> bytes:
    try:
        return (json.dumps(tree, ensure_ascii=False, separators=(",", ":")) + "\n").encode()
    except UnicodeEncodeError:  # halves of characters: what stands for bytes that are no UTF-8
        return (json.dumps(tree, separators=(",", ":")) + "\n").encode()


def json_lines(trees: Iterable[Json]) -> Iterator[bytes]:
    """One tree a line, gathered into pieces."""
    piece: list[bytes] = []
    size = 0
    for tree in trees:
        line = one_line(tree)
        piece.append(line)
        size += len(line)
        if size > _CHUNK_BYTES:
            yield b"".join(piece)
            piece, size = [], 0
    if piece:
        yield b"".join(piece)


def documents(
    collection: Collection[dict[str, Any]],
    condition: dict[str, Any],
    *,
    shape: Callable[[bytes], Json] = tree_of,
    batch_size: int = 200,
) -> Iterator[Json]:
    """What matches, as trees, a batch in memory at a time."""
    raw = collection.with_options(codec_options=raw_bson.RAW)
    for document in raw.find(condition).batch_size(batch_size):
        found: Any = document
        yield shape(bytes(found.raw))


def _broken(data: bytes) -> str:
    return json.dumps({"$broken": base64.b64encode(data).decode()}) + "\n"
