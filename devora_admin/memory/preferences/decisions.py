"""What staff decided about a customer's memory. It is kept in MongoDB: memory may be made anew."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pymongo.client_session import ClientSession

from devora_admin.core import raw_bson
from devora_admin.memory.chunking.piece import embedded_text, hash_of
from devora_admin.memory.documents import decisions

Standing = Literal["pinned", "rejected", "corrected", "forgotten"]
"""Of a preference all but forgotten; of an item all four."""


@dataclass(frozen=True, slots=True)
class Decision:
    topic: str
    value: str
    standing: Standing
    correction: str = ""
    """The value in its place."""
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ItemDecision:
    sha256: bytes
    """Of the piece it is about."""
    standing: Standing
    text: str = ""
    """The text in its place."""
    kind: str = ""
    project_id: str = ""
    path: str = ""
    symbol: str = ""
    origins: tuple[str, ...] = ()
    """Of what had it when it was decided, up to 50."""
    by: str = ""
    at: datetime | None = None

    @property
    def key(self) -> str:
        return self.sha256.hex()

    @property
    def says_now(self) -> bytes:
        """Hash of the piece in its place."""
        return hash_of(embedded_text(self.path, self.symbol, self.text))


def about_preferences(
    user_id: str, *, session: ClientSession | None = None
) -> tuple[Decision, ...]:
    """The latest about each, the earliest first."""
    found = {
        (row["topic"], row["value"]): Decision(
            row["topic"], row["value"], row["standing"], row.get("correction", ""),
            row["by"]["name"], row["at"],
        )
        for row in _stored(user_id, "preference", session)
    }  # fmt: skip
    return tuple(found.values())


def about_items(
    user_id: str, *, session: ClientSession | None = None
) -> Mapping[bytes, ItemDecision]:
    found = (
        ItemDecision(
            bytes.fromhex(row["sha256"]), row["standing"], row.get("text", ""), row.get("kind", ""),
            row.get("project_id", ""), row.get("path", ""), row.get("symbol", ""),
            tuple(row.get("origins", ())), row["by"]["name"], row["at"],
        )
        for row in _stored(user_id, "item", session)
    )  # fmt: skip
    return {each.sha256: each for each in found}


def corrected(user_id: str) -> dict[bytes, ItemDecision]:
    """By the hash of what is remembered in place of each."""
    return {each.says_now: each for each in about_items(user_id).values()
            if each.standing == "corrected"}  # fmt: skip


def forgotten(user_id: str) -> tuple[ItemDecision, ...]:
    """The latest first."""
    found = [each for each in about_items(user_id).values() if each.standing == "forgotten"]
    return tuple(reversed(found))


def digest_of(sha256: str) -> bytes:
    """Of what an address names; b"" for what is none."""
    try:
        return bytes.fromhex(sha256)
    except ValueError:
        return b""


def standing_of(decided: Iterable[Decision], topic: str, value: str) -> str:
    """As pages show it: what was corrected is rejected, and what stands in its place corrected.

    decided: the earliest first.
    """
    standing = ""
    for each in decided:
        if each.topic != topic:
            continue
        if each.value == value:
            standing = "pinned" if each.standing == "pinned" else "rejected"
        elif each.standing == "corrected" and each.correction == value:
            standing = "corrected"
    return standing


def corrected_from(decided: Iterable[Decision], topic: str, value: str) -> str:
    """What stood in its place before the latest correction; itself where there is none."""
    found = value
    for each in decided:
        if (each.topic, each.standing, each.correction) == (topic, "corrected", value):
            found = each.value
    return found


def _stored(user_id: str, about: str, session: ClientSession | None) -> Iterable[dict[str, Any]]:
    if not user_id:
        return ()
    condition = {"user_id": {"$eq": user_id}, "about": about}
    lenient = decisions().with_options(codec_options=raw_bson.LENIENT)
    return lenient.find(condition, session=session).sort([("at", 1), ("_id", 1)])
