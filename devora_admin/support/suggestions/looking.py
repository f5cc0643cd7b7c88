"""Reads projects and looks through their files and conversations."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pymongo

from devora_admin.core import mongo, raw_bson
from devora_admin.support.suggestions import fingerprints
from devora_admin.support.suggestions.scanning import scan
from devora_admin.support.suggestions.scanning.finding import Certainty, Finding

MOST_PLACES = 20
MOST_OF_A_PROJECT = 200
_LONGEST_PATH = 300
_PATIENCE_S = 30.0
_AT_ONCE = 10
"""Projects in one answer of the store: each may have 16 MB."""
_READ = {
    "id": 1, "user_id": 1, "files.name": 1, "files.content": 1, "conversation_history.content": 1,
}  # fmt: skip
_ORDER: tuple[Certainty, ...] = ("sure", "likely", "possible")
Row = dict[str, Any]


@dataclass(slots=True)
class Found:
    """The same value, wherever a project has it."""

    names: list[str]
    """Its fingerprints, that of the first key first."""
    detector: str
    hint: str
    certainty: Certainty
    count: int = 0
    places: list[Row] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Looked:
    key: Any
    project_id: str
    user_id: str
    found: tuple[Found, ...]


def look(keys: Sequence[Any]) -> Iterator[Looked]:
    """At the projects with these `_id`; those that are gone are left out."""
    collection = mongo.database().get_collection("projects", codec_options=raw_bson.LENIENT)
    for start in range(0, len(keys), _AT_ONCE):
        wanted = {"_id": {"$in": list(keys[start : start + _AT_ONCE])}}
        with pymongo.timeout(_PATIENCE_S):
            for row in collection.find(wanted, _READ).batch_size(1):
                if raw_bson.is_text(row.get("id")):
                    yield look_through(row)


def look_through(project: Row) -> Looked:
    """project: as the platform stored it, whatever that is."""
    project_id, user_id = project["id"], project.get("user_id")
    found: dict[str, Found] = {}
    for place, each in _findings(project):
        names = fingerprints.of_secret(project_id, each.detector, _same(each, place))
        one = found.get(names[0])
        if one is None:
            if len(found) == MOST_OF_A_PROJECT:
                break
            hint = scan.masked(each.detector, each.value)
            one = found[names[0]] = Found(names, each.detector, hint, each.certainty)
        one.count += 1
        one.certainty = min(one.certainty, each.certainty, key=_ORDER.index)
        if len(one.places) < MOST_PLACES:
            one.places.append(place)
    owner = user_id if raw_bson.is_text(user_id) else ""
    return Looked(project["_id"], project_id, owner, tuple(found.values()))


def _same(found: Finding, place: Row) -> str:
    """A list of addresses is the same while it grows."""
    return f"{place['path']}\0{place['turn']}" if found.detector == "emails" else found.value


def _findings(project: Row) -> Iterator[tuple[Row, Finding]]:
    for file in _rows(project.get("files")):
        path, content = file.get("name"), file.get("content")
        if raw_bson.is_text(path) and raw_bson.is_text(content):
            for each in scan.in_file(path, content):
                yield _place(path, each.line, None), each
    for turn, message in enumerate(_list(project.get("conversation_history"))):
        content = message.get("content") if isinstance(message, dict) else None
        if raw_bson.is_text(content):
            for each in scan.in_text(content):
                yield _place("", each.line, turn), each


def _place(path: str, line: int, turn: int | None) -> Row:
    """A path may hold a secret, too."""
    return {"path": scan.redacted(path)[:_LONGEST_PATH], "line": line, "turn": turn}


def _rows(value: Any) -> Iterable[Row]:
    return (each for each in _list(value) if isinstance(each, dict))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
