"""Who changed a project's files or metadata, written in the update that changes them.

Whoever follows the change stream reads it there, with no second write and no guess. The platform
may set the same field (see PLATFORM.md).
"""

from datetime import datetime
from typing import Any

from devora_admin.staff import audit

FIELD = "edited_by"


def edited_by(actor: audit.Actor, why: str, *, at: datetime, **more: Any) -> dict[str, Any]:
    """The value of `edited_by`. why: the action, as in the audit log.

    more: BSON values. Two writes in a row must differ in something, or the stream would not show
    the second: pass the revision where the time may be the same.
    """
    return {"kind": "staff", "id": actor.id, "why": why, "at": at, **more}
