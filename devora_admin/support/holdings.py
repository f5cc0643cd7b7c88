"""What this app holds about a customer: their issues, with messages and files."""

from collections.abc import Iterator
from typing import Any

from pymongo.client_session import ClientSession

from devora_admin.core.values import lines
from devora_admin.support.documents import (
    ATTACHMENTS,
    CANNED,
    CHUNKS,
    COUNTERS,
    DRAFTS,
    FILES,
    ISSUES,
    MACROS,
    MESSAGES,
    PEOPLE,
    PRESENCE,
    RULES,
    VIEWS,
    attachments,
    drafts,
    issues,
    messages,
    saved_views,
)
from devora_admin.support.mail.documents import CSAT, OUTBOX, SETTINGS, csat, outbox
from devora_admin.support.queries.attachments import pieces_of
from devora_admin.support.services import attaching
from devora_admin.support.sla.documents import NOTICES, SLA, notices
from devora_admin.users import holdings
from devora_admin.users.holdings import Document, Entry, Holding, Kind, Marks, Step, Verdict

_AT_ONCE = 10
"""Issues in one transaction, each with its thread and its files."""
_ABOUT_STAFF = ("assignee_id", "watchers", "touched")
_SAID = ("sequence", "kind", "text", "at")


def register() -> None:
    """Called once, when the app is ready."""
    holdings.register(
        Holding(
            "issues", "Support issues", holdings.RECORDS,
            (ISSUES, MESSAGES, ATTACHMENTS, FILES, CHUNKS, OUTBOX, CSAT, DRAFTS),
            count=_count,
            export=_export,
            erase=_erase,
            verdict={
                ISSUES: holdings.owned_by("user_id"),
                MESSAGES: _of_message,
                ATTACHMENTS: _of_attachment,
                FILES: _of_file,
                CHUNKS: _of_chunk,
                OUTBOX: _of_mail,
                CSAT: _of_message,
                DRAFTS: _of_message,
            },
        )
    )  # fmt: skip
    holdings.nothing_in(COUNTERS, "the last number given to an issue, and whose turn it is")
    holdings.register(
        Holding(
            "views", "Views of the inbox that name them", holdings.STAFF_RECORDS, (VIEWS,),
            count=lambda marks: len(_naming(marks)),
            export=None,
            erase=lambda marks: holdings.batches(saved_views(), {"_id": {"$in": _naming(marks)}}),
            verdict={VIEWS: holdings.delete},
        )
    )  # fmt: skip
    holdings.nothing_in(PRESENCE, "who of staff has an issue open, for two minutes")
    holdings.nothing_in(SLA, "what is promised to all customers alike")
    holdings.nothing_in(SETTINGS, "whether customers are told of what was resolved")
    holdings.nothing_in(NOTICES, "numbers of issues, and who of staff was told of them")
    # Canned replies, macros and rules.
    holdings.nothing_in(CANNED, "texts of staff for any customer, with places for names")
    holdings.nothing_in(MACROS, "what staff do in one step, to any issue")
    holdings.nothing_in(RULES, "which issues go to whom, by what they are about")
    holdings.nothing_in(PEOPLE, "which of the staff are away")


def _naming(marks: Marks) -> list[str]:
    """A name alone may be another's."""
    return [
        row["_id"]
        for row in saved_views().find({}, {"name": 1, "query": 1})
        if marks.found_in(f"{row['name']} {row['query']}".encode()) - {"name"}
    ]


def _own(marks: Marks) -> dict[str, Any]:
    return {"user_id": holdings.one_of(marks.ids)}


def _messages_of(ids: list[Any], session: ClientSession | None = None) -> list[str]:
    found = messages().find({"issue_id": {"$in": ids}}, {"_id": 1}, session=session)
    return [row["_id"] for row in found]


def _files_begun(ids: list[Any], session: ClientSession) -> list[str]:
    """Those of drafts, which nobody has sent."""
    begun = drafts().distinct("attachment_ids", {"issue_id": {"$in": ids}}, session=session)
    wanted = {"_id": {"$in": begun}, "message_id": None}
    return [row["_id"] for row in attachments().find(wanted, {"_id": 1}, session=session)]


def _mails_of(ids: list[Any], said: list[str]) -> dict[str, Any]:
    """Those that bring a message, and notices, which have none."""
    return {"$or": [{"_id": {"$in": said}}, {"issue_id": {"$in": ids}}]}


def _files_of(message_ids: list[str], session: ClientSession | None = None) -> list[str]:
    wanted = {"message_id": {"$in": message_ids}}
    return [row["_id"] for row in attachments().find(wanted, {"_id": 1}, session=session)]


def _count(marks: Marks) -> int:
    found = 0
    for ids in holdings.ids_of(issues(), _own(marks)):
        said = _messages_of(ids)
        found += len(ids) + len(said) + len(_files_of(said))
        found += outbox().count_documents(_mails_of(ids, said))
        found += csat().count_documents({"issue_id": {"$in": ids}})
        found += drafts().count_documents({"issue_id": {"$in": ids}})
    return found


def _erase(marks: Marks) -> Iterator[Step]:
    for ids in holdings.ids_of(issues(), _own(marks), size=_AT_ONCE):

        def step(session: ClientSession, ids: list[Any] = ids) -> int:
            return _forget(ids, marks, session)

        yield step


def _forget(ids: list[Any], marks: Marks, session: ClientSession) -> int:
    """An issue and all that belongs to it at once: whoever writes in it meanwhile writes the issue
    too, and one of the two has to begin anew."""
    still = {"_id": {"$in": ids}, **_own(marks)}
    rows = list(issues().find(still, {"number": 1}, session=session))
    ids, numbers = [row["_id"] for row in rows], [row["number"] for row in rows]
    said = _messages_of(ids, session)
    gone = attaching.forget(_files_of(said, session), session=session)
    attaching.forget(_files_begun(ids, session), session=session)
    gone += outbox().delete_many(_mails_of(ids, said), session=session).deleted_count
    gone += csat().delete_many({"issue_id": {"$in": ids}}, session=session).deleted_count
    gone += messages().delete_many({"issue_id": {"$in": ids}}, session=session).deleted_count
    gone += drafts().delete_many({"issue_id": {"$in": ids}}, session=session).deleted_count
    gone += issues().delete_many({"_id": {"$in": ids}}, session=session).deleted_count
    notices().delete_many({"issue_id": {"$in": ids}}, session=session)
    linked = {"links.number": {"$in": numbers}}
    issues().update_many(
        linked, {"$pull": {"links": {"number": {"$in": numbers}}}}, session=session
    )
    return gone


def _export(marks: Marks) -> Iterator[Entry]:
    """Without which members of staff worked on it, and what they began and never sent."""

    def shape(data: bytes) -> Any:
        tree = lines.tree_of(data)
        return {key: tree[key] for key in tree if key not in _ABOUT_STAFF}

    found = lines.documents(issues(), _own(marks), shape=shape)
    yield Entry("issues/issues.jsonl", lines.json_lines(found))
    for ids in holdings.ids_of(issues(), _own(marks), size=_AT_ONCE):
        for row in issues().find({"_id": {"$in": ids}}, {"number": 1}):
            folder = f"issues/{row['number']}"
            said = lines.documents(messages(), {"issue_id": row["_id"]}, shape=_said)
            yield Entry(f"{folder}/messages.jsonl", lines.json_lines(said))
            rated = lines.documents(csat(), {"issue_id": row["_id"]}, shape=_rated)
            yield Entry(f"{folder}/satisfaction.jsonl", lines.json_lines(rated))
            ids_said = _messages_of([row["_id"]])
            mails = lines.documents(outbox(), _mails_of([row["_id"]], ids_said), shape=_mailed)
            yield Entry(f"{folder}/mails.jsonl", lines.json_lines(mails))
            wanted = {"message_id": {"$in": ids_said}}
            for each in attachments().find(wanted, {"name": 1}):
                yield Entry(f"{folder}/files/{each['name']}", pieces_of(each["_id"]))


def _said(data: bytes) -> Any:
    tree = lines.tree_of(data)
    return {key: tree[key] for key in _SAID if key in tree}


def _rated(data: bytes) -> Any:
    tree = lines.tree_of(data)
    return {key: tree[key] for key in ("rating", "comment", "rated_at") if key in tree}


def _mailed(data: bytes) -> Any:
    tree = lines.tree_of(data)
    return {key: tree[key] for key in ("state", "address", "queued_at", "sent_at") if key in tree}


def _of_mail(document: Document, kinds: set[Kind], marks: Marks) -> Verdict:
    """Whose it is, its message says, or its issue where it is a notice."""
    message = messages().find_one({"_id": document.get("_id")}, {"issue_id": 1})
    return _of_message(message or document, kinds, marks)


def _of_message(document: Document, kinds: set[Kind], marks: Marks) -> Verdict:
    """Whose it is, its issue says. One without an issue is left of nobody else's."""
    issue = issues().find_one({"_id": document.get("issue_id")}, {"user_id": 1})
    return "theirs" if issue is None or issue.get("user_id") in marks.ids else "other"


def _of_attachment(document: Document, kinds: set[Kind], marks: Marks) -> Verdict:
    """One that is not sent yet is nobody's, and goes with its draft, or within a day."""
    message = messages().find_one({"_id": document.get("message_id")}, {"issue_id": 1})
    return "theirs" if message is None else _of_message(message, kinds, marks)


def _of_file(document: Document, kinds: set[Kind], marks: Marks) -> Verdict:
    row = attachments().find_one({"_id": document.get("_id")}, {"message_id": 1})
    return "theirs" if row is None else _of_attachment(row, kinds, marks)


def _of_chunk(document: Document, kinds: set[Kind], marks: Marks) -> Verdict:
    return _of_file({"_id": document.get("files_id")}, kinds, marks)
