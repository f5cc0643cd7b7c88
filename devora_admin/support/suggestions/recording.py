"""Writes what was found in projects: what is new, what is still there, and what is not any more."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from pymongo import UpdateMany, UpdateOne
from pymongo.client_session import ClientSession

from devora_admin.core import clock, mongo
from devora_admin.core.consumers import Effect
from devora_admin.support.documents import issues
from devora_admin.support.states import OVER
from devora_admin.support.suggestions.documents import suggestions
from devora_admin.support.suggestions.looking import Found, Looked
from devora_admin.support.suggestions.scanning.scan import DETECTORS
from devora_admin.users.erasing import fence

Row = dict[str, Any]
Write = UpdateOne | UpdateMany


def effect_of(looked: Sequence[Looked], *, gone: Collection[Any] = ()) -> Effect:
    """gone: `_id` of projects that were deleted: what was found in them goes, too."""
    keys = [each.key for each in looked]
    rows = list(suggestions().find({"project_key": {"$in": keys}}))
    stored = {row["_id"]: row for row in rows}
    erased = fence.erased_among({each.user_id for each in looked})
    over = _over(rows)
    kept = [each for each in looked if each.user_id not in erased]

    def effect(session: ClientSession) -> None:
        there = _there([each.key for each in kept if each.found], session)
        writes: list[Write] = []
        for each in kept:
            if not each.found or each.key in there:
                writes += _writes(each, stored, over)
        if writes:
            suggestions().bulk_write(writes, ordered=False, session=session)
        if gone:
            suggestions().delete_many({"project_key": {"$in": list(gone)}}, session=session)

    return effect


def clearing(keys: Iterable[Any]) -> Effect:
    """Takes away what was found in projects that are gone. keys: `_id` of projects."""
    wanted = list(keys)

    def effect(session: ClientSession) -> None:
        there = _there(wanted, session)
        if gone := [key for key in wanted if key not in there]:
            suggestions().delete_many({"project_key": {"$in": gone}}, session=session)

    return effect


def _over(rows: Iterable[Row]) -> set[str]:
    """Of what was opened and taken out, what has an issue that is over: it may come back."""
    opened = {
        row["issues"]["first"]: row["_id"]
        for row in rows
        if row["state"] == "opened" and not row["found"] and row.get("issues")
    }
    if not opened:
        return set()
    wanted = {"number": {"$in": list(opened)}, "status": {"$in": list(OVER)}}
    return {opened[row["number"]] for row in issues().find(wanted, {"number": 1})}


def _there(keys: list[Any], session: ClientSession) -> list[Any]:
    """A list, as an `_id` may be of any type. What was deleted since does not come back."""
    if not keys:
        return []
    projects = mongo.database().projects
    return [row["_id"] for row in projects.find({"_id": {"$in": keys}}, {"_id": 1},
                                                session=session)]  # fmt: skip


def _writes(looked: Looked, stored: dict[str, Row], over: Collection[str]) -> Iterable[Write]:
    seen = set()
    for found in looked.found:
        name = next((each for each in found.names if each in stored), found.names[0])
        seen.add(name)
        if write := _write(name, looked, found, stored.get(name), is_over=name in over):
            yield write
    mine = (row for row in stored.values() if row["project_key"] == looked.key)
    missing = [row["_id"] for row in mine if row["_id"] not in seen]
    if missing:
        ids = {"_id": {"$in": missing}}
        yield UpdateMany(ids, {"$set": {"places": [], "found": 0}})
        yield UpdateMany(
            {**ids, "state": "new"}, {"$set": {"state": "gone"}, "$inc": {"revision": 1}}
        )


def _write(
    name: str, looked: Looked, found: Found, row: Row | None, *, is_over: bool
) -> UpdateOne | None:
    """None where nothing is to be written: most changes of a project do not touch its secrets.

    is_over: begins anew what is opened, for an issue of its own.
    """
    now = clock.now()
    values: Row = {
        "kind": DETECTORS[found.detector].family,
        "detector": found.detector,
        "user_id": looked.user_id,
        "project_id": looked.project_id,
        "project_key": looked.key,
        "hint": found.hint,
        "certainty": found.certainty,
        "places": found.places,
        "found": found.count,
    }
    if row and row["state"] != "gone" and all(row.get(key) == values[key] for key in values):
        return None
    values["seen_at"] = now
    stays: Row = {"$in": ["$state", ["dismissed", "new", *([] if is_over else ["opened"])]]}
    put = {key: {"$literal": value} for key, value in values.items()}
    put |= {
        "state": {"$cond": [stays, "$state", "new"]},
        "at": {"$cond": [stays, "$at", now]},
        "revision": {"$add": [{"$ifNull": ["$revision", 0]}, 1]},
    }
    if is_over:
        anew = {"$add": [{"$ifNull": ["$episode", 1]}, 1]}
        put |= {
            "episode": {"$cond": [stays, "$episode", anew]},
            "issues": {"$cond": [stays, "$issues", "$$REMOVE"]},
            "decided": {"$cond": [stays, "$decided", "$$REMOVE"]},
        }
    return UpdateOne({"_id": name}, [{"$set": put}], upsert=True)
