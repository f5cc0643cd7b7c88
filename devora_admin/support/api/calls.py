"""What each call does, within the transaction that also keeps its answer."""

from pydantic import BaseModel
from pymongo.client_session import ClientSession

from devora_admin.api.idempotency import Work
from devora_admin.api.operations import Answer, Call
from devora_admin.core.errors import InvalidInput, NotFound
from devora_admin.support.api.schemas import IssueOut, MailReplyIn, NewIssueIn, ReplyIn, ReplyOut
from devora_admin.support.queries import outbox
from devora_admin.support.queries.issue import Pinned, issue
from devora_admin.support.services import opening, writing
from devora_admin.support.services.opening import NewIssue, Source
from devora_admin.users.queries.owners import lasting_id, owner_with_email


def opening_of(call: Call, asked: NewIssueIn) -> Work:
    def work(session: ClientSession) -> Answer:
        new = NewIssue(
            user_id=_named(asked),
            subject=asked.subject,
            text=asked.text,
            project_id=asked.project_id or "",
            pinned=asked.pinned.place() if asked.pinned else Pinned(),
            priority=asked.priority,
            tags=asked.tags,
            source=Source("api", client_id=call.client.id),
        )
        opened = opening.open_issue(new, actor=call.actor, session=session)
        return _created(
            IssueOut(
                id=opened.issue_id,
                number=opened.number,
                status="open",
                priority=opened.priority,  # type: ignore[arg-type]  # one of the list
                created_at=opened.at,
            )
        )

    return work


def reply_of(call: Call, asked: ReplyIn, *, number: int) -> Work:
    def work(session: ClientSession) -> Answer:
        # Whose it is not, need not know that it is there.
        theirs = {asked.customer_id, lasting_id(asked.customer_id)}
        if issue(number).user_id not in theirs:
            raise NotFound("issue", str(number))
        written = writing.customer_replied(
            number, asked.text, actor=call.actor, client_id=call.client.id, session=session
        )
        return _created(ReplyOut.model_validate(written, from_attributes=True))

    return work


def mail_reply_of(call: Call, asked: MailReplyIn) -> Work:
    """As `reply_of`, for what came as an e-mail: it names the e-mail it answers, or the issue."""

    def work(session: ClientSession) -> Answer:
        number = asked.number or outbox.number_of_mail(asked.in_reply_to or "")
        if number is None:
            raise NotFound("e-mail of ours", asked.in_reply_to or "")
        named = ReplyIn(customer_id=_customer_of(asked), text=asked.text)
        return reply_of(call, named, number=number)(session)

    return work


def _customer_of(asked: NewIssueIn | MailReplyIn) -> str:
    return lasting_id(_named(asked))


def _named(asked: NewIssueIn | MailReplyIn) -> str:
    """Raises InvalidInput (field customer_email)."""
    if asked.customer_id is not None:
        return asked.customer_id
    email = asked.customer_email or ""
    found = owner_with_email(email) or owner_with_email(email.lower())
    if found is None:
        raise InvalidInput("There is no customer of this address.", field="customer_email")
    return found.id


def _created(answer: BaseModel) -> Answer:
    return Answer(201, answer.model_dump(mode="json"))
