"""What the schemas of all operations are made of. These classes check every request, and are
published as they are (api.openapi), so what is told and what is held cannot differ."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError


def storable(text: str) -> str:
    if "\0" in text:
        raise PydanticCustomError("nul", "It must not contain a NUL character")
    return text


def text_up_to(longest: int) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=1, max_length=longest)


Id = Annotated[str, text_up_to(200), AfterValidator(storable)]


class Input(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Output(BaseModel):
    model_config = ConfigDict(frozen=True)


class FaultOut(Output):
    detail: str
    pointer: str | None = Field(None, description="JSON Pointer to the value, as “#/subject”.")
    header: str | None = None


class ProblemOut(Output):
    """Problem details of RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    code: str = Field(description="For programs; what the type ends with.")
    errors: tuple[FaultOut, ...] | None = None
