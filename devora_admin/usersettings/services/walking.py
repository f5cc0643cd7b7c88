"""Every settings document, a batch at a time, in the order of `_id`, whatever type that has."""

from dataclasses import dataclass
from typing import Any

import pymongo
from bson.raw_bson import RawBSONDocument
from pymongo.client_session import ClientSession

from devora_admin.core import raw_bson
from devora_admin.core.raw_bson import Element
from devora_admin.usersettings.documents import settings

TIMEOUT_S = 60
FROM_THE_START = object()


@dataclass(frozen=True, slots=True)
class Document:
    key: Element
    """Its `_id`, of any type."""
    parts: tuple[Element, ...]

    @property
    def owner(self) -> str | None:
        part = next((part for part in self.parts if part.name == "user_id"), None)
        value = part.decoded() if part else None
        return value if raw_bson.is_text(value) and raw_bson.printable(value) == value else None


def by_key(keys: list[Element], *, session: ClientSession | None = None) -> list[Document]:
    wanted = raw_bson.document(
        _id=raw_bson.Element(
            raw_bson.DOCUMENT, "", raw_bson.build([
                Element(raw_bson.ARRAY, "$in", raw_bson.build_array(keys))
            ]),
        )
    )  # fmt: skip
    collection = settings().with_options(codec_options=raw_bson.RAW)
    with pymongo.timeout(TIMEOUT_S):
        return [_document(found) for found in collection.find(wanted, session=session)]


def read(after: Any, batch: int) -> list[Document]:
    collection = settings().with_options(codec_options=raw_bson.RAW)
    cursor = collection.find().sort("_id", 1).hint([("_id", 1)]).limit(batch + 1)
    if after is not FROM_THE_START:
        # Bounds of the index, unlike a condition, go on past ids of one type.
        cursor = cursor.min([("_id", after)])
    with pymongo.timeout(TIMEOUT_S):
        found = [_document(each) for each in cursor]
    if found and after is not FROM_THE_START and found[0].key == raw_bson.element(after, "_id"):
        return found[1:]
    return found[:batch]


def _document(found: RawBSONDocument) -> Document:
    parts = tuple(raw_bson.elements(bytes(found.raw)))
    return Document(next(part for part in parts if part.name == "_id"), parts)
