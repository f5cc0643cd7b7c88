"""Documents as the platform writes them: `_id`, `id`, and whatever a test adds.

`missing=("name",)` leaves fields out, as old documents do.
"""

import itertools
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo.collection import Collection

_number = itertools.count(1)
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def customer(*, missing: tuple[str, ...] = (), **fields: Any) -> dict[str, Any]:
    number = next(_number)
    document = {
        "_id": ObjectId(),
        "id": str(uuid.uuid4()),
        "email": f"customer{number}@example.com",
        "name": f"Customer {number}",
        "password_hash": "never-shown",
        "status": "active",
        "created_at": EPOCH + timedelta(minutes=number),
        **fields,
    }
    return {key: value for key, value in document.items() if key not in missing}


def project(*, missing: tuple[str, ...] = (), **fields: Any) -> dict[str, Any]:
    number = next(_number)
    document = {
        "_id": ObjectId(),
        "id": str(uuid.uuid4()),
        "user_id": "user-1",
        "name": f"Project {number}",
        "description": "",
        "project_type": "saas",
        "files": [
            {"name": "app/page.tsx", "content": "export default 1;\n", "language": "typescript"}
        ],
        "metadata": {"has_auth": True},
        "conversation_history": [],
        "created_at": EPOCH + timedelta(minutes=number),
        "updated_at": EPOCH + timedelta(minutes=number),
        **fields,
    }
    return {key: value for key, value in document.items() if key not in missing}


def insert(collection: Collection[dict[str, Any]], document: dict[str, Any]) -> dict[str, Any]:
    collection.insert_one(document)
    return document
