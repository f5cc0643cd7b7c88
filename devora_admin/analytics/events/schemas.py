"""What the API takes and answers where events are concerned.

The whole of a request is checked as any other; each event has a verdict of its own
(events.checking), so that one bad event keeps no other out. `EventIn` is what is accepted of one.
"""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, JsonValue
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from devora_admin.analytics.rollups.facts import MOST_TYPE_CHARACTERS
from devora_admin.api.schemas import Id, Input, Output

MOST_EVENTS = 1000
MOST_PROPERTIES_BYTES = 64 * 1024


class EventIn(Input):
    event_id: Id = Field(description="Of this event alone, for ever: the same again is kept once.")
    event_type: str = Field(
        min_length=1,
        max_length=MOST_TYPE_CHARACTERS,
        pattern=r"^[^\x00-\x1f\x7f-\x9f]*[^\x00-\x1f\x7f-\x9f\s][^\x00-\x1f\x7f-\x9f]*$",
        description="Any; new ones appear by themselves.",
    )
    user_id: Id | None = Field(None, description="The customer, where there is one.")
    project_id: Id | None = None
    timestamp: AwareDatetime = Field(
        description="When it happened: from 2015 on, and not over 10 minutes ahead."
    )
    properties: dict[str, JsonValue] = Field(
        default_factory=dict,
        description="Any, up to 64 KB and 50 levels; whole numbers have 64 bits. `tokens`, "
        "`latency_ms` and `cost_usd` are summed where they are numbers from 0; `plan` and `model` "
        "are counted apart.",
    )


class _Anything:
    """Taken as it is, and described as an event."""

    @classmethod
    def __get_pydantic_core_schema__(cls, _: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.any_schema()

    @classmethod
    def __get_pydantic_json_schema__(
        cls, _: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return handler(EventIn.__pydantic_core_schema__)


class EventsIn(Input):
    events: Annotated[list[Annotated[Any, _Anything]], Field(min_length=1, max_length=MOST_EVENTS)]


Verdict = Literal["accepted", "known", "quarantined", "refused"]


class EventOut(Output):
    event_id: str | None = Field(description="As it was sent; null without a usable one.")
    verdict: Verdict = Field(
        description="`accepted`: kept. `known`: it was there already, and nothing was done. "
        "`quarantined`: kept aside for staff and not counted. `refused`: not kept."
    )
    reason: str | None = Field(None, description="Why not `accepted`.")


class EventsOut(Output):
    accepted: int
    known: int
    quarantined: int
    refused: int
    events: tuple[EventOut, ...] = Field(description="In the order they were sent in.")
