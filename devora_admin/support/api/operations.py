"""The operations of support, as programs find them below /api/."""

from devora_admin.api import operations
from devora_admin.api.idempotency import Keyed
from devora_admin.api.operations import Operation
from devora_admin.support.api import calls
from devora_admin.support.api.schemas import IssueOut, MailReplyIn, NewIssueIn, ReplyIn, ReplyOut

_SCOPE = "issues.write"
_DONE = {"201": "Done; again with the same key, the same answer"}
_REFUSED = {
    "409": "The customer is being erased, or the issue was changed in the same moment",
}


def register() -> None:
    """Called once, when the app is ready."""
    operations.register_scope(_SCOPE, "Open issues for customers, and pass on what they answer")
    for each in _operations():
        operations.register(each)


def _operations() -> tuple[Operation, ...]:
    return (
        Operation(
            name="openIssue", url_name="issues", route="api/issues/", scope=_SCOPE,
            summary="Open an issue", takes=NewIssueIn, gives=IssueOut,
            handle=Keyed(calls.opening_of), done=_DONE, refused=_REFUSED,
        ),
        Operation(
            name="replyToIssue", url_name="replies", scope=_SCOPE,
            route="api/issues/<number:number>/replies/",
            summary="Pass on the customer's reply", takes=ReplyIn, gives=ReplyOut,
            handle=Keyed(calls.reply_of), done=_DONE,
            refused={**_REFUSED, "404": "The customer has no such issue"},
        ),
        Operation(
            name="replyByMail", url_name="mail_replies", route="api/replies/", scope=_SCOPE,
            summary="Pass on the customer's reply to an e-mail", takes=MailReplyIn, gives=ReplyOut,
            handle=Keyed(calls.mail_reply_of), done=_DONE,
            refused={
                **_REFUSED,
                "404": "No such e-mail of ours, or the customer has no such issue",
            },
        ),
    )  # fmt: skip
