"""What projects there are, and how many came."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from devora_admin.analytics import links
from devora_admin.analytics.charts.chart import Chart, Note, Place, Tile, chart, counted
from devora_admin.analytics.forms.range import Range
from devora_admin.analytics.inventory import kinds
from devora_admin.analytics.inventory.documents import FILES, SIZE, TYPE
from devora_admin.analytics.inventory.sizes import BYTES, FILE_COUNTS, Steps
from devora_admin.analytics.pages.people import Behind
from devora_admin.analytics.pages.reading import numbers
from devora_admin.analytics.queries.inventory import Inventory, Kinds, inventory
from devora_admin.analytics.queries.several import several
from devora_admin.analytics.rollups.state import State

_TILES = ("projects", "saves", "deploys", "messages")


@dataclass(frozen=True, slots=True)
class Projects:
    inventory: Inventory
    tiles: list[Tile]
    over_time: list[Chart]
    standing: list[Chart]

    @property
    def charts(self) -> list[Chart]:
        return [*self.over_time, *self.standing]


def projects(asked: Range, state: State, notes: Sequence[Note]) -> Projects:
    """Nine round trips, however many projects there are."""
    found = numbers(_TILES, asked, state)
    by_type = several(
        ("projects",), span=asked.span, grain=asked.grain, zone=state.zone, by="project_type"
    )["projects"]
    query = asked.query()
    now = inventory()
    return Projects(
        inventory=now,
        tiles=[found.tile(name) for name in _TILES],
        over_time=[
            chart(
                "created", "Projects created", found["projects"], kind="bar", notes=notes,
                before=found.before.get("projects"), links=Behind(),
                csv_url=links.csv("created", "projects", query),
                explore_url=links.explore("projects", query),
            ),
            chart(
                "created_types", "Projects created, by type", by_type, kind="stack", notes=notes,
                links=Behind("project_type"),
                csv_url=links.csv("created_types", "projects", query),
                explore_url=links.explore("projects", query, by="project_type"),
            ),
        ],
        standing=[
            _standing("types", "By type", "Type", *_by_name(now.types, "type", _without_type)),
            _standing("languages", "By language", "Language", *_by_name(now.languages, "language")),
            _standing("sizes", "By size", "Size", _by_step(now.sizes, SIZE, BYTES)),
            _standing(
                "files", "By number of files", "Files", _by_step(now.files, FILES, FILE_COUNTS)
            ),
        ],
    )  # fmt: skip


def _standing(
    name: str, title: str, of: str, places: Sequence[Place], left_out: int = 0
) -> Chart:  # fmt: skip
    csv_url = links.csv(name, "projects", {})
    return counted(name, title, of, "Projects in use", places, csv_url=csv_url, left_out=left_out)


def _without_type() -> str:
    return _listed(group=kinds.key(TYPE))


def _by_name(
    found: Kinds, field: str, nameless: Callable[[], str] = lambda: ""
) -> tuple[list[Place], int]:
    places = [
        Place(
            each.label or "None",
            each.projects,
            _listed(**{field: each.label}) if each.value else nameless(),
        )
        for each in found.shown
    ]
    return places, found.left_out


def _by_step(found: dict[int, int], of: str, steps: Steps) -> list[Place]:
    return [
        Place(label, found.get(step, 0), _listed(group=kinds.key(of, step)))
        for step, label in enumerate(steps.labels)
    ]


def _listed(**filters: str) -> str:
    return f"{reverse('projects:list')}?{urlencode(filters)}"
