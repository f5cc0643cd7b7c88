"""A customer's way into the platform: sessions, and a new password."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from devora_admin.core import clock
from devora_admin.core.errors import Conflict
from devora_admin.core.ids import new_token
from devora_admin.staff import audit
from devora_admin.users.services import fields, texts
from devora_admin.users.services.fields import Change, Done
from devora_admin.users.services.standing import SUSPENDED

LINK_LASTS = timedelta(hours=24)
RESET_PATH = "/reset-password?token="


@dataclass(frozen=True, slots=True)
class ResetLink:
    """Shown once: the store holds the token's digest alone."""

    customer: Done
    url: str
    """A path when it is not known where the platform is."""
    expires_at: datetime

    @property
    def is_whole(self) -> bool:
        return not self.url.startswith("/")


def sign_out_everywhere(user_id: str, *, reason: str, actor: audit.Actor) -> Done:
    """The platform refuses every session that began before this moment."""
    reason = texts.checked(reason, field="reason", label="The reason", limit=texts.MAX_REASON)
    put = {"sessions_revoked_at": clock.now()}
    return fields.change(
        user_id, lambda found: Change("users.sign_out", put, reason=reason), actor=actor
    )


def issue_reset_link(user_id: str, *, reason: str, actor: audit.Actor) -> ResetLink:
    """Replaces an earlier link. Raises Conflict for an account nobody may sign in to."""
    reason = texts.reason(reason)
    token = new_token()
    expires_at = clock.now() + LINK_LASTS
    digest = hashlib.sha256(token.encode()).hexdigest()
    put = {"password_reset": {"token_sha256": digest, "expires_at": expires_at}}

    def plan(found: dict[str, Any]) -> Change:
        if found.get("status") == SUSPENDED:
            raise Conflict("This customer is suspended. Reactivate them first.")
        return Change(
            "users.reset_link",
            put,
            reason=reason,
            hidden=("password_reset",),
            noted={"expires_at": expires_at},
        )

    done = fields.change(user_id, plan, actor=actor)
    return ResetLink(done, f"{settings.PLATFORM_URL}{RESET_PATH}{token}", expires_at)
