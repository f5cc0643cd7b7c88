"""The operation of deploys, as programs find it below /api/."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, Field

from devora_admin.analytics.notes import deploys, setup
from devora_admin.api import operations
from devora_admin.api.operations import Answer, Call, Operation
from devora_admin.api.schemas import Id, Input, Output, storable, text_up_to
from devora_admin.core import clock
from devora_admin.core.errors import InvalidInput

_SCOPE = "deploys.write"
_AHEAD = timedelta(minutes=10)
_Text = Annotated[str, text_up_to(setup.MAX_TEXT), AfterValidator(storable)]
_Url = Annotated[str, text_up_to(setup.MAX_URL), AfterValidator(storable)]


class DeployIn(Input):
    version: Annotated[str, text_up_to(100), AfterValidator(storable)] = Field(
        description="As people call it, such as “2.14.0”."
    )
    deploy_id: Id | None = Field(
        None,
        description="Of this deploy alone: the same again is noted once. Without it the version, "
        "so give one where a version may be deployed again.",
    )
    at: AwareDatetime | None = Field(
        None, description="When, from 2015 on and not over 10 minutes ahead; now without it."
    )
    text: _Text | None = Field(None, description="What charts say; the version without it.")
    url: _Url | None = Field(None, description="Where to read more: http or https.")


class DeployOut(Output):
    deploy_id: str
    verdict: Literal["noted", "known"] = Field(
        description="`known`: it was told before, and nothing was done."
    )


def register() -> None:
    """Called once, when the app is ready."""
    operations.register_scope(_SCOPE, "Tell of deploys, which charts mark")
    operations.register(
        Operation(
            name="tellDeploy", url_name="deploys", route="api/deploys/", scope=_SCOPE,
            summary="Tell of a deploy, which charts mark", takes=DeployIn, gives=DeployOut,
            handle=tell,
            done={
                "200": "It was told before; nothing was done",
                "201": "It is noted, and charts show it",
            },
        )
    )  # fmt: skip


def tell(call: Call, asked: DeployIn) -> Answer:
    at = setup.moment(asked.at or clock.now())
    if at > clock.now() + _AHEAD:
        raise InvalidInput("This is over 10 minutes ahead.", field="at")
    key = asked.deploy_id or asked.version
    is_new = deploys.tell(
        key, at=at, text=asked.text or f"Deployed {asked.version}",
        url=setup.address(asked.url or ""), actor=call.actor,
    )  # fmt: skip
    verdict = "noted" if is_new else "known"
    return Answer(201 if is_new else 200, {"deploy_id": key, "verdict": verdict})
