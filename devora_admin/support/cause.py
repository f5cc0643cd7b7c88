"""An issue as what something is done for: a version restored, a key revoked, a plan extended."""

from django.urls import NoReverseMatch, reverse

from devora_admin.core.errors import NotFound
from devora_admin.staff import causes
from devora_admin.staff.audit import Cause
from devora_admin.support.queries.issue import row_of
from devora_admin.support.subject import KIND

_FIELDS = {"number": 1, "user_id": 1, "project_id": 1, "merged_into": 1}


def register() -> None:
    """Called once, when the app is ready."""
    causes.register(KIND, permission="issues.work", find=cause_of, url=url_of)


def cause_of(key: str) -> Cause:
    """One that was merged stands for what it was merged into. Raises NotFound."""
    if not (key.isascii() and key.isdecimal() and len(key) < 16):
        raise NotFound(KIND, key[:40])
    row = row_of(int(key), _FIELDS)
    while merged := row.get("merged_into"):
        row = row_of(merged["number"], _FIELDS)
    number = str(row["number"])
    return Cause(
        KIND, number, f"issue #{number}", url_of(number), row["user_id"], row["project_id"]
    )


def url_of(key: str) -> str:
    try:
        return reverse("support:detail", args=[key])
    except NoReverseMatch:
        return ""
