"""Two issues about one thing: the thread of one moves behind the other's.

Each message remembers where it was, so that an undo puts it back whatever was written since. What
somebody had begun to write stays where it was brought.
"""

from typing import Any

from pymongo.client_session import ClientSession

from devora_admin.core import mongo
from devora_admin.core.errors import Conflict, InvalidInput
from devora_admin.core.ids import new_id
from devora_admin.staff import audit
from devora_admin.support.documents import messages
from devora_admin.support.mail import outbox
from devora_admin.support.services import changing, drafts, fields, linking
from devora_admin.support.services import messages as said
from devora_admin.support.services.changing import THREAD, Done, Row

MOST_MESSAGES = 5_000
"""What one transaction moves in time."""
_OF_ABSORBED = ("status", THREAD)


def merge_issues(
    kept: int, absorbed: int, *, seen: int, absorbed_seen: int, actor: audit.Actor
) -> Done:
    """seen, absorbed_seen: the revisions of both that the person saw.

    Raises NotFound, InvalidInput (field absorbed), or Conflict when one was merged away already,
    somebody wrote in one of them since, or they are of two customers.
    """
    if kept == absorbed:
        raise InvalidInput("Choose another issue: this is the same one.", field="absorbed")
    merge_id, row_id = new_id(), new_id()

    def work(session: ClientSession) -> Done:
        row, gone = (changing.read_live(each, session=session) for each in (kept, absorbed))
        changing.refuse_if_changed(row, [THREAD], seen=seen)
        changing.refuse_if_changed(gone, _OF_ABSORBED, seen=absorbed_seen)
        if row["user_id"] != gone["user_id"]:
            raise Conflict(
                "These are of two customers. Merge the customers first, if they are one."
            )
        if gone["sequence"] > MOST_MESSAGES:
            raise Conflict("Its thread is too long to be moved.")
        _move(row, gone, merge_id, session)
        drafts.bring(gone["_id"], row["_id"], session=session)
        before: Row = {
            key: gone[key] for key in ("status", "resolved_at", "wake_at") if key in gone
        }
        links = [linking.kind_of(gone, kept), linking.kind_of(row, absorbed)]
        into = {"number": kept, "merge": merge_id, "before": before, "links": links}
        put = fields.status_fields(gone, "closed", resolution="", by=actor)
        put.pop("resolved_at", None)  # nobody resolved it: reports would count the same twice
        put |= {"merged_into": into, "links": linking.linked(gone, kept, "merged")}
        changing.write(gone, put=put, touches=_OF_ABSORBED, by=actor.label, session=session)
        now = _write_kept(
            row, gone["sequence"], linking.linked(row, absorbed, "merged"), actor, session
        )
        _record(row, gone, merge_id, before, row_id, actor, session)
        return Done(kept, now["revision"], row_id)

    return mongo.run_in_transaction(work)


def undo_merge(row: audit.AuditRow, *, actor: audit.Actor, session: ClientSession) -> None:
    """Raises NotFound, or Conflict when one of the two has moved on."""
    merge_id, absorbed = str(row.after["merge"]), int(row.after["absorbed"])
    kept = changing.read_live(int(row.subject.id), session=session)
    gone = changing.read(absorbed, session=session)
    if (gone.get("merged_into") or {}).get("merge") != merge_id:
        raise Conflict(f"#{absorbed} has been taken out of it already.")
    _move_back(merge_id, session)
    back = [
        row["_id"]
        for row in messages().find({"issue_id": gone["_id"]}, {"_id": 1}, session=session)
    ]
    outbox.move({"_id": {"$in": back}}, gone["_id"], session=session)
    earlier, (link, link_back) = gone["merged_into"]["before"], gone["merged_into"]["links"]
    put: Row = {"resolved_at": None, "wake_at": None, **earlier, "merged_into": None}
    put["links"] = linking.linked(gone, kept["number"], link)
    undoes = changing.undone(gone, put, row.at)
    changing.write(
        gone, put=put, touches=_OF_ABSORBED, by=actor.label, session=session, undoes=undoes
    )
    _write_kept(kept, 0, linking.linked(kept, absorbed, link_back), actor, session)
    changing.record("merge.undo", kept, actor=actor, session=session, before=row.after)
    changing.record(
        "absorb.undo", gone, actor=actor, session=session,
        before={"merged_into": kept["number"]}, after={"status": put["status"]},
    )  # fmt: skip


def _record(
    row: Row,
    gone: Row,
    merge_id: str,
    before: Row,
    row_id: str,
    actor: audit.Actor,
    session: ClientSession,
) -> None:
    """Two rows, as it is the history of two issues; the first one is what is undone."""
    after = {"merge": merge_id, "absorbed": gone["number"]}
    changing.record("merge", row, actor=actor, session=session, after=after, row_id=row_id)
    after = {"merge": merge_id, "merged_into": row["number"], "status": "closed"}
    changing.record("absorb", gone, actor=actor, session=session, before=before, after=after)


def _move(row: Row, gone: Row, merge_id: str, session: ClientSession) -> None:
    was = {"merge": merge_id, "issue_id": gone["_id"], "sequence": "$sequence"}
    stages: list[dict[str, Any]] = [
        {
            "$set": {
                "moved": {"$concatArrays": [{"$ifNull": ["$moved", []]}, [was]]},
                "issue_id": row["_id"],
                "sequence": {"$add": ["$sequence", row["sequence"]]},
            }
        }
    ]
    messages().update_many({"issue_id": gone["_id"]}, stages, session=session)
    moved = {"issue_id": gone["_id"], "kind": {"$exists": False}}
    outbox.move(moved, row["_id"], session=session)


def _move_back(merge_id: str, session: ClientSession) -> None:
    """A message taken further since is not the last merge's any more, and that one is undone
    first: read_live refuses."""
    was: dict[str, Any] = {"$last": "$moved"}
    stages: list[dict[str, Any]] = [
        {"$set": {"was": was}},
        {
            "$set": {
                "issue_id": "$was.issue_id",
                "sequence": "$was.sequence",
                "moved": {
                    "$cond": [
                        {"$gt": [{"$size": "$moved"}, 1]},
                        {"$slice": ["$moved", {"$subtract": [{"$size": "$moved"}, 1]}]},
                        "$$REMOVE",
                    ]
                },
            }
        },
        {"$unset": "was"},
    ]
    messages().update_many({"moved.merge": merge_id}, stages, session=session)


def _write_kept(
    row: Row, more: int, links: list[Row], actor: audit.Actor, session: ClientSession
) -> Row:
    """The issue whose thread has changed. Its last sequence never goes back, so that what somebody
    saw of it stays comparable."""
    put: Row = {
        "sequence": row["sequence"] + more,
        "links": links,
        "latest": said.latest(row["_id"], session=session),
        "first_replied_at": said.first_reply_at(row["_id"], row["created_at"], session=session),
    }
    return changing.write(row, put=put, touches=[THREAD, "links"], by=actor.label, session=session)
