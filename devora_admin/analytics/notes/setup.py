"""Notes that people write: made, changed and deleted on what they saw, and taken back."""

from datetime import UTC, date, datetime
from urllib.parse import urlsplit

from devora_admin.analytics.notes.documents import documents
from devora_admin.analytics.periods import FIRST_DAY
from devora_admin.core.errors import Forbidden, InvalidInput
from devora_admin.staff import keeping
from devora_admin.staff.audit import Actor
from devora_admin.staff.keeping import Kept, Kind, Row
from devora_admin.staff.permissions import ROLES
from devora_admin.users.services.texts import checked

MANAGE = "analytics.manage"
MAX_TEXT = 200
MAX_URL = 1_000
SENTENCES = {
    "chart_note.create": "Added a note to charts",
    "chart_note.delete": "Deleted a note of charts",
    "chart_note.deploy": "Told of a deploy",
    "chart_note.edit": "Changed a note of charts",
}


def _guard(row: Row, actor: Actor) -> None:
    if MANAGE not in ROLES.get(actor.role, ()):
        raise Forbidden(f"Your role, {actor.role}, does not allow changing notes.")
    if row["source"] == "self":
        raise Forbidden("This was noticed by Devora Admin itself, and stays as it is.")


KIND = Kind("chart_note", "note", documents, "text", _guard)


def add(actor: Actor, *, at: datetime, text: str, url: str) -> Kept:
    """Raises InvalidInput naming the field, Forbidden."""
    values = {"kind": "notes", "source": "staff", **_checked(at, text, url)}
    return keeping.create(KIND, values, actor=actor)


def edit(
    key: str, *, at: datetime, text: str, url: str, revision: int, actor: Actor
) -> Kept:  # fmt: skip
    """As `add`; also raises NotFound and Conflict."""
    return keeping.edit(KIND, key, _checked(at, text, url), revision=revision, actor=actor)


def delete(key: str, *, revision: int, actor: Actor) -> Kept:
    """Raises NotFound, Conflict, Forbidden."""
    return keeping.delete(KIND, key, revision=revision, actor=actor)


def _checked(at: datetime, text: str, url: str) -> Row:
    text = checked(" ".join(text.split()), field="text", label="The text", limit=MAX_TEXT)
    if not text:
        raise InvalidInput("Say what happened.", field="text")
    return {"at": moment(at), "text": text, "url": address(url)}


def moment(at: datetime) -> datetime:
    """To the second. Raises InvalidInput for a time that no chart shows."""
    if not FIRST_DAY <= at.date() < date(2200, 1, 1):
        raise InvalidInput(f"Choose a time from {FIRST_DAY:%Y} to 2199.", field="at")
    return at.astimezone(UTC).replace(microsecond=0)


def address(url: str) -> str:
    """Of a page of the web or of this dashboard, or "". Raises InvalidInput."""
    url = checked(url, field="url", label="The link", limit=MAX_URL)
    if not url:
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    is_here = url.startswith("/") and not url.startswith(("//", "/\\"))
    is_elsewhere = parts.scheme in ("http", "https") and bool(parts.netloc)
    if any(each.isspace() or not each.isprintable() for each in url) or not (
        is_here or is_elsewhere
    ):
        raise InvalidInput(
            "Give a link such as https://example.com/release, or one of this dashboard such as "
            "/projects/.", field="url",
        )  # fmt: skip
    return url
