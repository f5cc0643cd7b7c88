"""A project as the platform could have written it, as bytes, and what a write changed in it."""

from datetime import UTC, datetime
from typing import Any

from bson.raw_bson import RawBSONDocument
from pymongo.database import Database

from devora_admin.core import raw_bson
from devora_admin.core.raw_bson import ARRAY, DOCUMENT, Element, build, build_array
from tests.projects.bson_values import document, new_object_id

Extras = dict[str, Element]
LONG_AGO = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)


def text(value: str) -> Element:
    return raw_bson.element(value)


def file(name: str, content: str, extras: Extras) -> Element:
    fields = {"name": text(name), "content": text(content), "language": text("plaintext")}
    return Element(DOCUMENT, "", document({"first": text("x"), **fields, **prefixed(extras)}))


def prefixed(extras: Extras) -> Extras:
    """Under names that no field of the platform has."""
    return {f"extra {name}": part for name, part in extras.items()}


def project(project_id: str, extras: Extras) -> RawBSONDocument:
    """`extras` stand at the top, in the metadata, in each file and in each message."""
    message = {"role": text("user"), "content": text("Make it blue"), **prefixed(extras)}
    files = [file(name, f"// {name}\n", extras) for name in ("a.ts", "lib/b.ts", "c.md")]
    metadata = {"edited": text("before"), **extras, "last": text("z")}
    fields = {
        "_id": new_object_id(),
        **prefixed(extras),
        "id": text(project_id),
        "user_id": text("user-1"),
        "name": text("Shop"),
        "project_type": text("saas"),
        "files": Element(ARRAY, "", build_array(files)),
        "metadata": Element(DOCUMENT, "", document(metadata)),
        "conversation_history": Element(
            ARRAY, "", build_array([Element(DOCUMENT, "", document(message))])
        ),
        "created_at": raw_bson.element(LONG_AGO),
        "updated_at": raw_bson.element(LONG_AGO),
    }
    return RawBSONDocument(build(part.named(name) for name, part in fields.items()))


def stored(mongo: Database[Any], project_id: str) -> bytes:
    collection = mongo.projects.with_options(codec_options=raw_bson.RAW)
    found = collection.find_one({"id": project_id})
    assert found is not None
    return bytes(found.raw)


def changes(before: bytes, after: bytes, around: str = "") -> set[str]:
    """The paths whose bytes differ, as deep as both sides hold documents; order counts too."""
    was = {part.name: part for part in raw_bson.elements(before)}
    now = {part.name: part for part in raw_bson.elements(after)}
    found = {f"{around}{name}" for name in was.keys() ^ now.keys()}
    if [name for name in was if name in now] != [name for name in now if name in was]:
        found.add(f"{around}(order)")
    for name in was.keys() & now.keys():
        old, new = was[name], now[name]
        if old.value == new.value:
            continue
        if old.is_container and old.kind == new.kind:
            found |= changes(old.data, new.data, f"{around}{name}/")
        else:
            found.add(f"{around}{name}")
    return found
