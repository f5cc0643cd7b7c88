"""Whether a customer may use the platform."""

from typing import Any

from devora_admin.core import clock
from devora_admin.core.errors import Conflict
from devora_admin.staff import audit
from devora_admin.users.services import fields, texts
from devora_admin.users.services.fields import Change, Done

SUSPENDED, ACTIVE = "suspended", "active"


def suspend_customer(user_id: str, *, reason: str, actor: audit.Actor) -> Done:
    """Raises NotFound, InvalidInput (field reason), or Conflict when suspended already."""
    reason = texts.reason(reason)

    def plan(found: dict[str, Any]) -> Change:
        if found.get("status") == SUSPENDED:
            raise Conflict("This customer is suspended already.")
        put = {"status": SUSPENDED, "suspended": {"at": clock.now(), "reason": reason}}
        return Change("users.suspend", put, reason=reason)

    return fields.change(user_id, plan, actor=actor)


def reactivate_customer(user_id: str, *, reason: str, actor: audit.Actor) -> Done:
    """Raises NotFound, InvalidInput (field reason), or Conflict when not suspended or merged."""
    reason = texts.reason(reason)

    def plan(found: dict[str, Any]) -> Change:
        if found.get("merged_into") is not None:
            raise Conflict("This account was merged into another. Undo the merge instead.")
        if found.get("status") != SUSPENDED:
            raise Conflict("This customer is not suspended.")
        drop = ("suspended",) if "suspended" in found else ()
        return Change("users.reactivate", {"status": ACTIVE}, drop, reason=reason)

    return fields.change(user_id, plan, actor=actor)
