"""What somebody has begun to write in an issue, kept as they type.

One for each person, issue and kind, with a revision of its own: of two tabs, the one that has not
seen what the other wrote is refused.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from devora_admin.core import clock, mongo
from devora_admin.core.errors import Conflict, InvalidInput, TooLarge
from devora_admin.staff import audit
from devora_admin.support.documents import drafts
from devora_admin.support.services import attaching, changing, texts

KINDS = ("reply", "note")


@dataclass(frozen=True, slots=True)
class Draft:
    text: str = ""
    attachment_ids: tuple[str, ...] = ()
    revision: int = 0
    """What saving it is conditional on, as `seen`; 0 where there is none."""


def key_of(issue_id: str, kind: str, staff_id: str) -> str:
    return f"{issue_id}:{staff_id}:{kind}"


def draft_of(issue_id: str, kind: str, *, staff_id: str) -> Draft:
    row = drafts().find_one({"_id": key_of(issue_id, kind, staff_id)})
    if row is None:
        return Draft()
    if row["is_discarded"]:
        return Draft(revision=row["revision"])
    return Draft(row["text"], tuple(row["attachment_ids"]), row["revision"])


def save(
    number: int,
    kind: str,
    text: str,
    *,
    seen: int,
    actor: audit.Actor,
    attachment_ids: Collection[str] = (),
) -> int:
    """The revision it has now. seen: the one the writer saw last.

    Raises NotFound, InvalidInput, TooLarge, or Conflict with what another tab kept.
    """
    check_kind(kind)
    text = text.replace("\r\n", "\n")
    if len(text) > texts.MAX_TEXT:
        raise TooLarge(f"A draft may have {texts.MAX_TEXT:,} characters. It is not saved.")
    put = {
        "text": text.encode("utf-8", "replace").decode(),
        "attachment_ids": sorted(set(attachment_ids))[: attaching.MOST],
    }

    def work(session: ClientSession) -> int:
        # An erasure of the customer either sees it, or refuses it. Of an issue that was merged away
        # the draft is where that went.
        row = changing.last_of_merged(number, session=session)
        return _put(row["_id"], kind, put, seen=seen, actor=actor, session=session)

    try:
        return mongo.run_in_transaction(work)
    except Conflict as error:
        # A page that is left saves once more, and where it comes back it knows nothing of that.
        kept: dict[str, Any] = dict(error.detail)
        if {**kept, **put} == kept:
            return int(kept["revision"])
        raise


def discard(number: int, kind: str, *, seen: int, actor: audit.Actor) -> int:
    """Hides it; `restore` brings it back. Raises Conflict when another tab wrote in it since."""
    return _mark(number, kind, is_discarded=True, seen=seen, actor=actor)


def restore(number: int, kind: str, *, seen: int, actor: audit.Actor) -> int:
    """Raises Conflict when something else was begun since."""
    return _mark(number, kind, is_discarded=False, seen=seen, actor=actor)


def end(
    issue_id: str, kind: str, text: str, *, seen: int, actor: audit.Actor, session: ClientSession
) -> None:
    """With the message it became. What another tab has begun meanwhile stays."""
    same = [{"revision": seen}, {"text": text}]
    _empty({"_id": key_of(issue_id, kind, actor.id), "$or": same}, session)


def bring(from_id: str, to_id: str, *, session: ClientSession) -> None:
    """What was begun in an issue that is merged away stands in the other one, behind what the same
    person has begun there. One that would become too long stays where it is."""
    begun = {"issue_id": from_id, "is_discarded": False}
    for row in list(drafts().find(begun, session=session)):
        if not row["text"] and not row["attachment_ids"]:
            continue
        key = key_of(to_id, row["kind"], row["staff_id"])
        there = drafts().find_one({"_id": key}, session=session) or {"revision": 0}
        if put := _joined(there, row):
            names = {"issue_id": to_id, "staff_id": row["staff_id"], "kind": row["kind"]}
            values = {**put, "is_discarded": False, "at": clock.now()}
            values["revision"] = max(there["revision"], row["revision"]) + 1
            still = {"_id": key, "revision": there["revision"]} if "_id" in there else {"_id": key}
            drafts().update_one(still, {"$set": {**names, **values}}, upsert=True, session=session)
            _empty({"_id": row["_id"], "revision": row["revision"]}, session)


def _joined(there: dict[str, Any], row: dict[str, Any]) -> dict[str, Any] | None:
    """What both hold, None for too much."""
    texts_, ids = [row["text"]], set(row["attachment_ids"])
    if not there.get("is_discarded", True):
        texts_, ids = [there["text"], *texts_], ids | set(there["attachment_ids"])
    text = "\n\n".join(filter(None, texts_))
    if len(text) > texts.MAX_TEXT or len(ids) > attaching.MOST:
        return None
    return {"text": text, "attachment_ids": sorted(ids)}


def _empty(which: dict[str, Any], session: ClientSession) -> int:
    """Rather than deleted: its revision goes on, so that no tab takes what is begun next for what
    it knows."""
    put = {"text": "", "attachment_ids": [], "is_discarded": True, "at": clock.now()}
    change = {"$set": put, "$inc": {"revision": 1}}
    return drafts().update_one(which, change, session=session).matched_count


def check_kind(kind: str) -> None:
    if kind not in KINDS:
        raise InvalidInput("Choose a reply or a note.", field="kind")


def _put(
    issue_id: str,
    kind: str,
    put: dict[str, Any],
    *,
    seen: int,
    actor: audit.Actor,
    session: ClientSession,
) -> int:
    key = key_of(issue_id, kind, actor.id)
    values = {**put, "is_discarded": False, "at": clock.now(), "revision": seen + 1}
    if seen:
        still = {"_id": key, "revision": seen}
        if not drafts().update_one(still, {"$set": values}, session=session).matched_count:
            raise _elsewhere(issue_id, kind, actor)
        return seen + 1
    names = {"_id": key, "issue_id": issue_id, "staff_id": actor.id, "kind": kind}
    try:
        drafts().insert_one({**names, **values}, session=session)
    except DuplicateKeyError as error:
        raise _elsewhere(issue_id, kind, actor) from error
    return 1


def _mark(number: int, kind: str, *, is_discarded: bool, seen: int, actor: audit.Actor) -> int:
    check_kind(kind)

    def work(session: ClientSession) -> int:
        row = changing.last_of_merged(number, session=session)
        key = key_of(row["_id"], kind, actor.id)
        still = {"_id": key, "revision": seen, "is_discarded": not is_discarded}
        put = {"$set": {"is_discarded": is_discarded, "at": clock.now()}, "$inc": {"revision": 1}}
        if not drafts().update_one(still, put, session=session).matched_count:
            raise _elsewhere(row["_id"], kind, actor)
        return seen + 1

    return mongo.run_in_transaction(work)


def _elsewhere(issue_id: str, kind: str, actor: audit.Actor) -> Conflict:
    found = draft_of(issue_id, kind, staff_id=actor.id)
    return Conflict(
        "This draft was changed in another tab. What you have here is not saved.",
        detail=asdict(found) | {"attachment_ids": sorted(found.attachment_ids)},
    )
