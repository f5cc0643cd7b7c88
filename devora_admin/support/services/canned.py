"""Canned replies, made and changed: everybody's by who sets support up, one's own by who works."""

import re
from collections.abc import Iterable
from typing import Any

from devora_admin.core.errors import Forbidden, InvalidInput, NotFound
from devora_admin.staff import keeping
from devora_admin.staff.audit import Actor
from devora_admin.staff.keeping import Kept, Kind, Row
from devora_admin.staff.permissions import ROLES
from devora_admin.support import documents, variables
from devora_admin.support.services import texts
from devora_admin.users.services.texts import checked

MAX_TITLE = 100
MAX_WORD = 30
MAX_TEXT = 10_000
_WORD = re.compile(r"[a-z0-9][a-z0-9-]*")


def check_right(owner_id: str, actor: Actor) -> None:
    """Raises Forbidden. owner_id: "" for everybody's."""
    if not owner_id and "issues.manage" not in ROLES.get(actor.role, ()):
        raise Forbidden("Only who sets support up may change what everybody uses.")


def _guard(row: Row, actor: Actor) -> None:
    check_right(row["owner_id"], actor)
    if row["owner_id"] not in ("", actor.id):
        raise NotFound("canned reply", str(row.get("_id", "")))


KIND = Kind(
    "canned", "canned reply", documents.canned, "title", _guard,
    unique="word", taken="Another canned reply has this word. Choose another one.",
)  # fmt: skip


def create(actor: Actor, **values: Any) -> Kept:
    """values: title, word, text, tags and is_shared. Raises InvalidInput naming the field, or
    Forbidden."""
    return keeping.create(KIND, _checked(actor, **values), actor=actor)


def edit(key: str, *, revision: int, actor: Actor, **values: Any) -> Kept:
    """As `create`; also raises NotFound and Conflict."""
    return keeping.edit(KIND, key, _checked(actor, **values), revision=revision, actor=actor)


def delete(key: str, *, revision: int, actor: Actor) -> Kept:
    """Raises NotFound, Conflict, Forbidden."""
    return keeping.delete(KIND, key, revision=revision, actor=actor)


def _checked(
    actor: Actor, *, title: str, word: str, text: str, tags: Iterable[str], is_shared: bool
) -> Row:
    title = checked(" ".join(title.split()), field="title", label="The title", limit=MAX_TITLE)
    if not title:
        raise InvalidInput("Give it a title.", field="title")
    return {
        "title": title,
        "word": _word(word),
        "text": body(text),
        "tags": texts.tags(tags),
        "owner_id": "" if is_shared else actor.id,
    }


def body(text: str) -> str:
    """A text with variables. Raises InvalidInput (field text)."""
    text = texts.message(text, label="The text")
    checked(text, field="text", label="The text", limit=MAX_TEXT)
    variables.check(text)
    return text


def _word(word: str) -> str:
    word = word.strip().lower().removeprefix("/")
    if word and (len(word) > MAX_WORD or not _WORD.fullmatch(word)):
        raise InvalidInput(
            f"Use up to {MAX_WORD} letters, digits and hyphens, without blanks.", field="word"
        )
    return word
