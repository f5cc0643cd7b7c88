"""What the API takes and answers. These classes check every request, and are published as they are
(api.openapi), so what is told and what is held cannot differ."""

from datetime import datetime
from typing import Annotated, Literal

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from devora_admin.support.queries.issue import Pinned
from devora_admin.support.services.texts import MAX_SUBJECT, MAX_TAG, MAX_TEXT, MOST_TAGS

_MOST_INT = 2**31 - 1


def _storable(text: str) -> str:
    if "\0" in text:
        raise PydanticCustomError("nul", "It must not contain a NUL character")
    return text


def _address(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError as error:
        raise PydanticCustomError("email", "This is no e-mail address") from error
    return text


def _text(longest: int) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=1, max_length=longest)


Id = Annotated[str, _text(200), AfterValidator(_storable)]
Email = Annotated[
    str, _text(254), AfterValidator(_address), Field(json_schema_extra={"format": "email"})
]
Subject = Annotated[str, _text(MAX_SUBJECT), AfterValidator(_storable)]
Text = Annotated[
    str, _text(MAX_TEXT), AfterValidator(_storable), Field(description="Markdown.")
]  # fmt: skip
Tag = Annotated[str, _text(MAX_TAG), AfterValidator(_storable)]
MailId = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=250, pattern=r"^<[^<>\s]+>$"),
    AfterValidator(_storable),
    Field(description="With its angle brackets, as in the header of the customer's e-mail."),
]
Count = Annotated[int, Field(ge=0, le=_MOST_INT)]
Status = Literal["open", "pending", "on_hold", "resolved", "closed"]
Priority = Literal["low", "normal", "high", "urgent"]


class _Input(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class PinnedIn(_Input):
    """What the project was as the customer saw it. Left out, it is the project as it is now."""

    revision: Count | None = Field(None, description="The project's `revision`.")
    version: Count | None = Field(None, description="A version of the dashboard's history.")
    turn: Count | None = Field(
        None, description="Of the conversation, from 0 over the whole thread."
    )

    def place(self) -> Pinned:
        return Pinned(self.revision, self.version, self.turn)


class NewIssueIn(_Input):
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


class IssueOut(_Answer):
    id: str
    number: int
    status: Status
    priority: Priority
    created_at: datetime


class ReplyIn(_Input):
    customer_id: Id = Field(description="Who replies; the issue has to be theirs.")
    text: Text


class MailReplyIn(_Input):
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


class ReplyOut(_Answer):
    number: int = Field(
        description="Of the issue the reply is in: another than asked for when that one is closed "
        "or was merged."
    )
    sequence: int = Field(description="Of the reply within the thread.")
    status: Status


class FaultOut(_Answer):
    detail: str
    pointer: str | None = Field(None, description="JSON Pointer to the value, as “#/subject”.")
    header: str | None = None


class ProblemOut(_Answer):
    """Problem details of RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    code: str = Field(description="For programs; what the type ends with.")
    errors: tuple[FaultOut, ...] | None = None
