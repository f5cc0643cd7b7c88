"""Empties the MongoDB database of this test process: only what holds something, as a test writes to
a few of ninety collections."""

from typing import Any

from pymongo.collection import Collection
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from devora_admin.core import mongo

KEPT = {"django_migrations", "django_content_type", "auth_permission"}
QUICK = WriteConcern(w=1, j=False)


def empty() -> None:
    if not (names := _with_something()):
        return
    db = mongo.database()
    for name in names:
        db.get_collection(name, write_concern=QUICK).delete_many({})
    # Waits for all of them at once, as what comes next reads what the majority holds.
    db["users"].delete_many({})


def _with_something() -> list[str]:
    """One question for all, and of what is written now: others may not hold it yet."""
    db = mongo.database()
    every = [name for name in db.list_collection_names() if not name.startswith("system.")]
    first, *others = [name for name in every if name not in KEPT]
    also = [{"$unionWith": {"coll": name, "pipeline": _named(name)}} for name in others]
    asked: Collection[dict[str, Any]] = db.get_collection(first, read_concern=ReadConcern("local"))
    return [found["name"] for found in asked.aggregate([*_named(first), *also])]


def _named(collection: str) -> list[dict[str, Any]]:
    """One row with its name, if it holds any."""
    return [{"$limit": 1}, {"$project": {"_id": 0, "name": {"$literal": collection}}}]
