"""The projects list."""

from dataclasses import dataclass, replace
from functools import partial

from devora_admin.core.listing import counting, paging
from devora_admin.core.listing import spec as lists
from devora_admin.core.listing.spec import Found, ListSpec, Page, Searched
from devora_admin.projects.documents import projects
from devora_admin.projects.queries.conditions import Filters, Sort, filters_condition, walked
from devora_admin.projects.queries.rows import COLUMNS, ProjectRow, project_row
from devora_admin.users import queries as users

ProjectPage = Page[ProjectRow]


@dataclass(frozen=True, slots=True)
class Listing(lists.Listing[Filters]):
    sort: Sort = "updated_at"


def _rows(found: list[Found], *, known: users.Owner | None = None) -> list[ProjectRow]:
    """known: who is known already to own some of these projects."""
    owners = {known.id: known} if known else {}
    unknown_ids = {row["user_id"] for row in found if row["user_id"]} - owners.keys()
    owners |= users.owners(unknown_ids)
    return [project_row(row, owners) for row in found]


PROJECTS: ListSpec[Filters, ProjectRow] = ListSpec(
    name="projects",
    collection=projects,
    condition=filters_condition,
    searched=Searched(prefixes=("name",), ids=("id", "user_id"), words=("name", "description")),
    walked=walked,
    columns=COLUMNS,
    rows=_rows,
    too_slow=(
        "These filters take too long together on this many projects. "
        "Narrow them: an owner, a rarer word or a shorter time helps most."
    ),
)


def page(
    listing: Listing,
    *,
    cursor: str = "",
    size: int = paging.PAGE_SIZE,
    owner: users.Owner | None = None,
) -> ProjectPage:
    """owner: who is known already to own these projects.

    Raises InvalidInput for a damaged cursor, or filters that take too long.
    """
    spec = replace(PROJECTS, rows=partial(_rows, known=owner)) if owner else PROJECTS
    return paging.page(spec, listing, cursor=cursor, size=size)


def count(filters: Filters) -> int:
    return counting.count(PROJECTS, filters)
