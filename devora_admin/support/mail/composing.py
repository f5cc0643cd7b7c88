"""The e-mail that brings a reply or a notice, made when it is sent from what is stored then."""

from collections.abc import Iterable
from dataclasses import dataclass
from email import encoders
from email.mime.base import MIMEBase
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from devora_admin.core import markup
from devora_admin.support.documents import issues, messages
from devora_admin.support.mail import csat, notices
from devora_admin.support.mail.addressing import Undeliverable, address_of
from devora_admin.support.mail.documents import outbox
from devora_admin.support.queries import attachments
from devora_admin.support.queries.attachments import Attachment, pieces_of

Row = dict[str, Any]

MOST_BYTES = 15 * 1024 * 1024
"""Of files with one e-mail: encoded a third more, and most servers take 25 MB."""
_EARLIER = 10
RESOLVED = (
    "Your request is marked as resolved.\n\nIf it is not, answer this e-mail: that opens it again."
)
_OVER = {"status": 1, "resolved_at": 1, "merged_into": 1, "sequence": 1}


@dataclass(frozen=True, slots=True)
class Letter:
    address: str
    mail: EmailMultiAlternatives


class Outdated(Exception):
    """A notice of a resolution that does not hold any more, or that is left off by now."""


def letter_of(row: Row) -> Letter:
    """Raises Undeliverable, Outdated."""
    message, issue = _about(row)
    address = address_of(issue["user_id"])
    sent, left_out = _fitting(attachments.of_messages([row["_id"]]).get(row["_id"], ()))
    mail = EmailMultiAlternatives(
        subject=subject_of(issue["number"], issue["subject"]),
        from_email=settings.SUPPORT_EMAIL,
        to=[address],
        reply_to=[settings.SUPPORT_REPLY_TO] if settings.SUPPORT_REPLY_TO else None,
        headers={"Message-ID": row["mail_id"], **_threading(message)},
    )
    signature = f"{parseaddr(settings.SUPPORT_EMAIL)[0] or 'Support'}, #{issue['number']}"
    choices = csat.choices_of(row["_id"])
    parts = {"signature": signature, "left_out": left_out, "choices": choices}
    _write(mail, message["text"], parts)
    for each in sent:
        mail.attach(_file(each))
    return Letter(address, mail)


def _about(row: Row) -> tuple[Row, Row]:
    """The message and its issue."""
    wanted = {"number": 1, "subject": 1, "user_id": 1}
    if row.get("kind") == "resolved":
        return _notice(row, issues().find_one({"_id": row["issue_id"]}, {**wanted, **_OVER}))
    message = messages().find_one({"_id": row["_id"]})
    issue = message and issues().find_one({"_id": message["issue_id"]}, wanted)
    if message is None or not issue:
        raise Undeliverable("The issue is not there any more.")
    return message, issue


def _notice(row: Row, issue: Row | None) -> tuple[Row, Row]:
    if issue is None:
        raise Undeliverable("The issue is not there any more.")
    is_so = issue["status"] == "resolved" and issue.get("resolved_at") == row["resolved_at"]
    if not is_so or "merged_into" in issue:
        raise Outdated("It is not tried again: the issue is not resolved any more.")
    if not notices.are_on():
        raise Outdated("It is not tried again: e-mails about what was resolved are left off.")
    return {"issue_id": row["issue_id"], "text": RESOLVED, "sequence": issue["sequence"] + 1}, issue


def subject_of(number: int, subject: str) -> str:
    """On one line, whatever is stored."""
    shown = "".join(each if each.isprintable() else " " for each in subject)
    return f"[#{number}] {' '.join(shown.split())}"


def _write(mail: EmailMultiAlternatives, text: str, parts: Row) -> None:
    """In plain text, and in HTML for those who prefer it."""
    mail.body = _plain(text, parts)
    html = {**parts, "html": markup.markdown(text)}
    mail.attach_alternative(render_to_string("support/mail/reply.html", html), "text/html")


def _plain(text: str, parts: Row) -> str:
    said = [text]
    if parts["left_out"]:
        said.append(render_to_string("support/mail/left_out.txt", parts).strip())
    if parts["choices"]:
        links = (f"{choice.label}: {choice.url}" for choice in parts["choices"])
        said.append("\n".join(("Are you satisfied with how this was solved?", *links)))
    said.append(f"-- \n{parts['signature']}")
    return "\n\n".join(said) + "\n"


def _fitting(attached: Iterable[Attachment]) -> tuple[list[Attachment], list[Attachment]]:
    """What goes along, and what is too much for one e-mail."""
    sent: list[Attachment] = []
    left_out: list[Attachment] = []
    size = 0
    for each in attached:
        fits = size + each.size_bytes <= MOST_BYTES
        (sent if fits else left_out).append(each)
        size += each.size_bytes if fits else 0
    return sent, left_out


def _file(attached: Attachment) -> MIMEBase:
    """Byte for byte: as text its line ends would be changed."""
    kind, _, subkind = attached.type.partition("/")
    part = MIMEBase(kind, subkind)
    part.set_payload(b"".join(pieces_of(attached.id)))
    encoders.encode_base64(part)
    part.add_header("Content-Disposition", "attachment", filename=attached.name)
    return part


def _threading(message: Row) -> dict[str, str]:
    """The e-mails of the same issue before this one, so that it stands below them."""
    wanted = {
        "issue_id": message["issue_id"],
        "kind": "reply",
        "sequence": {"$lt": message["sequence"]},
    }
    found = messages().find(wanted, {"_id": 1}).sort("sequence", -1).limit(_EARLIER)
    ids = [row["_id"] for row in found]
    mails = {row["_id"]: row["mail_id"] for row in outbox().find({"_id": {"$in": ids}})}
    earlier = [mails[each] for each in reversed(ids) if each in mails]
    if not earlier:
        return {}
    return {"In-Reply-To": earlier[-1], "References": " ".join(earlier)}
