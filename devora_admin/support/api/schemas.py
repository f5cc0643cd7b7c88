"""What the API takes and answers where issues are concerned."""

from datetime import datetime
from typing import Annotated, Literal

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from pydantic import (
    AfterValidator,
    Field,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from devora_admin.api.schemas import Id, Input, Output, storable, text_up_to
from devora_admin.support.queries.issue import Pinned
from devora_admin.support.services.texts import MAX_SUBJECT, MAX_TAG, MAX_TEXT, MOST_TAGS

_MOST_INT = 2**31 - 1


def _address(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError as error:
        raise PydanticCustomError("email", "This is no e-mail address") from error
    return text


Email = Annotated[
    str, text_up_to(254), AfterValidator(_address), Field(json_schema_extra={"format": "email"})
]
Subject = Annotated[str, text_up_to(MAX_SUBJECT), AfterValidator(storable)]
Text = Annotated[
    str, text_up_to(MAX_TEXT), AfterValidator(storable), Field(description="Markdown.")
]  # fmt: skip
Tag = Annotated[str, text_up_to(MAX_TAG), AfterValidator(storable)]
MailId = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=250, pattern=r"^<[^<>\s]+>$"),
    AfterValidator(storable),
    Field(description="With its angle brackets, as in the header of the customer's e-mail."),
]
Count = Annotated[int, Field(ge=0, le=_MOST_INT)]
Status = Literal["open", "pending", "on_hold", "resolved", "closed"]
Priority = Literal["low", "normal", "high", "urgent"]


class PinnedIn(Input):
    """What the project was as the customer saw it. Left out, it is the project as it is now."""

    revision: Count | None = Field(None, description="The project's `revision`.")
    version: Count | None = Field(None, description="A version of the dashboard's history.")
    turn: Count | None = Field(
        None, description="Of the conversation, from 0 over the whole thread."
    )

    def place(self) -> Pinned:
        return Pinned(self.revision, self.version, self.turn)


class NewIssueIn(Input):
    """Give either `customer_id` or `customer_email`."""

    customer_id: Id | None = None
    customer_email: Email | None = None
    project_id: Id | None = Field(None, description="A project of that customer, not deleted.")
    subject: Subject
    text: Text
    priority: Priority = "normal"
    tags: Annotated[tuple[Tag, ...], Field(max_length=MOST_TAGS, strict=False)] = ()
    pinned: PinnedIn | None = None

    @model_validator(mode="after")
    def _names_one_customer(self) -> "NewIssueIn":
        if (self.customer_id is None) is (self.customer_email is None):
            raise PydanticCustomError("customer", "Give either customer_id or customer_email")
        return self


class IssueOut(Output):
    id: str
    number: int
    status: Status
    priority: Priority
    created_at: datetime


class ReplyIn(Input):
    customer_id: Id = Field(description="Who replies; the issue has to be theirs.")
    text: Text


class MailReplyIn(Input):
    """Give either `customer_id` or `customer_email`, and either `in_reply_to` or `number`."""

    customer_id: Id | None = Field(None, description="Who replies; the issue has to be theirs.")
    customer_email: Email | None = None
    in_reply_to: MailId | None = Field(
        None, description="The Message-ID of the e-mail they answer: one of ours."
    )
    number: Annotated[int, Field(ge=1, le=_MOST_INT)] | None = Field(
        None, description="Of the issue, as “[#123]” in the subject of our e-mails."
    )
    text: Text

    @model_validator(mode="after")
    def _names_one_of_each(self) -> "MailReplyIn":
        if (self.customer_id is None) is (self.customer_email is None):
            raise PydanticCustomError("customer", "Give either customer_id or customer_email")
        if (self.in_reply_to is None) is (self.number is None):
            raise PydanticCustomError("thread", "Give either in_reply_to or number")
        return self


class ReplyOut(Output):
    number: int = Field(
        description="Of the issue the reply is in: another than asked for when that one is closed "
        "or was merged."
    )
    sequence: int = Field(description="Of the reply within the thread.")
    status: Status
