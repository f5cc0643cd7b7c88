"""What is attached to messages, and its bytes."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from devora_admin.core.errors import NotFound
from devora_admin.support import file_types
from devora_admin.support.documents import attachments, files, messages
from devora_admin.support.queries.issue import id_of

_PIECE_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Attachment:
    id: str
    name: str
    type: str
    """Of its content, whatever was claimed."""
    size_bytes: int

    @property
    def is_shown_inline(self) -> bool:
        """Whether a browser may show it as part of our site; everything else is downloaded."""
        return self.type in file_types.SHOWN_INLINE


def attachment_of(row: dict[str, Any]) -> Attachment:
    return Attachment(row["_id"], row["name"], row["type"], row["size_bytes"])


def of_messages(message_ids: Collection[str]) -> dict[str, tuple[Attachment, ...]]:
    """By message, in the order they were kept."""
    found: dict[str, tuple[Attachment, ...]] = {}
    rows = attachments().find({"message_id": {"$in": list(message_ids)}}).sort("at", 1)
    for row in rows:
        found[row["message_id"]] = (*found.get(row["message_id"], ()), attachment_of(row))
    return found


def unsent(ids: Collection[str], *, staff_id: str) -> list[Attachment]:
    """Those of these that this person may still send, in the order they were kept."""
    if not ids:
        return []
    wanted = {"_id": {"$in": list(ids)}, "message_id": None, "is_ready": True, "by": staff_id}
    return [attachment_of(row) for row in attachments().find(wanted).sort("at", 1)]


def open_attachment(number: int, attachment_id: str) -> tuple[Attachment, Iterator[bytes]]:
    """Raises NotFound unless it belongs to a message of this issue."""
    row = attachments().find_one({"_id": {"$eq": attachment_id}, "message_id": {"$ne": None}})
    if row is None:
        raise NotFound("attachment", attachment_id)
    of_issue = {"_id": row["message_id"], "issue_id": id_of(number)}
    if messages().find_one(of_issue, {"_id": 1}) is None:
        raise NotFound("attachment", attachment_id)
    return attachment_of(row), pieces_of(attachment_id)


def pieces_of(attachment_id: str) -> Iterator[bytes]:
    with files().open_download_stream(attachment_id) as file:
        while piece := file.read(_PIECE_BYTES):
            yield piece
