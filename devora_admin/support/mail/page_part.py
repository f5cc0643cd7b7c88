"""What an issue's page shows of its customer's satisfaction."""

from devora_admin.support import page_parts
from devora_admin.support.page_parts import Can, Part
from devora_admin.support.queries import csat
from devora_admin.support.queries.csat import Satisfaction
from devora_admin.support.queries.issue import Issue

_PLACE = 60


def register() -> None:
    page_parts.register(
        Part(
            name="satisfaction",
            title="Satisfaction",
            order=_PLACE,
            permission="issues.view",
            template="support/csat/part.html",
            load=_load,
            icon="emoji-smile",
        )
    )


def _load(issue: Issue, can: Can) -> list[Satisfaction] | None:
    return csat.of_issue(issue.id) or None
