"""Files are kept first, and sent with a message afterwards, so that a reply which is held back need
not bring them again. What nobody sends is removed, as soon as no draft holds it.

The row comes before the bytes: whatever dies in between, the chore knows of it.
"""

import contextlib
import hashlib
import re
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from gridfs.errors import NoFile
from pymongo.client_session import ClientSession

from devora_admin.core import clock, mongo
from devora_admin.core.errors import Conflict, InvalidInput, TooLarge
from devora_admin.core.ids import new_id
from devora_admin.staff import audit
from devora_admin.support import file_types
from devora_admin.support.documents import CHUNKS, FILES, attachments, drafts, files
from devora_admin.support.queries.attachments import Attachment, attachment_of

MAX_BYTES = 10 * 1024 * 1024
MOST = 10
"""With one message."""
KEPT_UNSENT = timedelta(days=1)
_AT_ONCE = 100
_LONGEST_NAME = 150
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Also what would turn the end of a name round."""


def keep_file(name: str, claimed: str, content: bytes, *, actor: audit.Actor) -> Attachment:
    """Keeps a file until `actor` sends it. claimed: its media type as the browser says.

    Raises InvalidInput (field file) for an empty file, or a type that is not accepted or a lie;
    TooLarge beyond MAX_BYTES; Conflict when it was removed meanwhile.
    """
    name = _UNPRINTABLE.sub("", re.split(r"[/\\]", name)[-1]).strip()[-_LONGEST_NAME:] or "unnamed"
    if len(content) > MAX_BYTES:
        limit_mb = MAX_BYTES // 1024 // 1024
        raise TooLarge(f"“{name}” is larger than {limit_mb} MB.")
    if not content:
        raise InvalidInput(f"“{name}” is empty.", field="file")
    row: dict[str, Any] = {
        "_id": new_id(),
        "name": name,
        "type": file_types.checked(name, claimed, content),
        "size_bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "by": actor.id,
        "at": clock.now(),
        "is_ready": False,
        "message_id": None,
    }
    attachments().insert_one(row)
    # Its own name is personal, and stands in the row alone.
    files().upload_from_stream_with_id(row["_id"], row["_id"], content)
    ready = attachments().update_one({"_id": row["_id"]}, {"$set": {"is_ready": True}})
    if not ready.matched_count:
        files().delete(row["_id"])
        raise Conflict(f"“{name}” was removed while it was being kept. Attach it again.")
    return attachment_of(row)


def claim(
    ids: Collection[str], message_id: str, *, actor: audit.Actor, session: ClientSession
) -> None:
    """Makes them part of a message. Raises Conflict unless all are there, unsent and the actor's,
    InvalidInput (field file) for too many."""
    wanted = sorted(set(ids))
    if not wanted:
        return
    if len(wanted) > MOST:
        raise InvalidInput(f"A message may have {MOST} files.", field="file")
    unsent = {"_id": {"$in": wanted}, "message_id": None, "is_ready": True, "by": actor.id}
    found = attachments().update_many(unsent, {"$set": {"message_id": message_id}}, session=session)
    if found.matched_count != len(wanted):
        raise Conflict("A file is not there any more, or was sent already. Attach it again.")


def discard(attachment_id: str, *, actor: audit.Actor) -> None:
    """Removes a file that was not sent; harmless twice."""
    _remove({"_id": {"$eq": attachment_id}, "by": actor.id})


def remove_unsent() -> int:
    """Those that nobody sent within a day and that no draft holds; returns how many. A chore of the
    worker."""
    old = {"message_id": None, "at": {"$lt": clock.now() - KEPT_UNSENT}}
    found = attachments().find(old, {"_id": 1}).sort("at", 1).limit(_AT_ONCE)
    ids = [row["_id"] for row in found]
    kept = _in_drafts(ids)
    if kept:  # looked at again in a day
        still = {"_id": {"$in": sorted(kept)}, "message_id": None}
        attachments().update_many(still, {"$set": {"at": clock.now()}})
    return sum(_remove({"_id": each}) for each in ids if each not in kept)


def _in_drafts(ids: Collection[str]) -> set[str]:
    wanted = {"attachment_ids": {"$in": list(ids)}, "is_discarded": False}
    found = drafts().find(wanted, {"attachment_ids": 1})
    return {each for row in found for each in row["attachment_ids"]} & set(ids)


def _remove(which: dict[str, Any]) -> int:
    """Not ready first, so that nobody sends it meanwhile; the row last, so that nothing is left
    without one."""
    still = {**which, "message_id": None}
    found = attachments().find_one_and_update(still, {"$set": {"is_ready": False}})
    if found is None:
        return 0
    with contextlib.suppress(NoFile):  # an upload that was cut off; its pieces go all the same
        files().delete(found["_id"])
    return attachments().delete_one({"_id": found["_id"]}).deleted_count


def forget(ids: Collection[str], *, session: ClientSession) -> int:
    """Deletes attachments with their bytes within a transaction; how many."""
    db, wanted = mongo.database(), {"$in": list(ids)}
    db[CHUNKS].delete_many({"files_id": wanted}, session=session)
    db[FILES].delete_many({"_id": wanted}, session=session)
    return attachments().delete_many({"_id": wanted}, session=session).deleted_count
