"""Deleting versions and heads, with the contents that nothing else needs."""

from typing import Any

from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from devora_admin.versions import blobs
from devora_admin.versions.documents import heads, versions


def forget(
    collection: Collection[dict[str, Any]], condition: dict[str, Any], session: ClientSession
) -> int:
    """Of versions or of heads, those that match; how many. condition: of a few documents only."""
    found = list(collection.find(condition, {"refs": 1}, session=session))
    gone = collection.delete_many({"_id": {"$in": [row["_id"] for row in found]}}, session=session)
    blobs.drop_unused({sha for row in found for sha in row["refs"]}, session)
    return gone.deleted_count


def forget_project(project_id: str, session: ClientSession) -> None:
    for collection in (versions(), heads()):
        forget(collection, {"project_id": project_id}, session)
