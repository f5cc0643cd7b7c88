"""The main menu: declared here, shown to those who may use it."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse


@dataclass(frozen=True, slots=True)
class Place:
    label: str
    url_name: str
    icon: str
    permission: str
    shortcut: str = ""


@dataclass(frozen=True, slots=True)
class NavigationLink:
    label: str
    url: str
    icon: str
    shortcut: str
    is_active: bool


PLACES = (
    Place("Overview", "overview", icon="speedometer2", permission="overview.view", shortcut="g o"),
    Place("Projects", "projects:list", icon="boxes", permission="projects.view", shortcut="g p"),
    Place("Customers", "users:list", icon="people", permission="users.view", shortcut="g c"),
    Place(
        "Support",
        "support:list",
        icon="life-preserver",
        permission="issues.view",
        shortcut="g i",
    ),
    Place(
        "Analytics",
        "analytics:overview",
        icon="graph-up",
        permission="analytics.view",
        shortcut="g n",
    ),
    Place("Memory", "memory:status", icon="lightbulb", permission="memory.view", shortcut="g m"),
    Place("Jobs", "jobs:list", icon="hourglass-split", permission="jobs.view", shortcut="g j"),
    Place("Worker", "worker:overview", icon="activity", permission="worker.view", shortcut="g w"),
    Place(
        "Approvals",
        "staff:approvals",
        icon="check2-square",
        permission="approvals.view",
        shortcut="g r",
    ),
    Place("Staff", "staff:list", icon="person-badge", permission="staff.view", shortcut="g s"),
    Place("Audit log", "staff:audit", icon="journal-text", permission="audit.view", shortcut="g a"),
)


@dataclass(frozen=True, slots=True)
class Search:
    url: str
    what: str


SEARCHED = (
    ("users:list", "customers", "users.view"),
    ("projects:list", "projects", "projects.view"),
    ("support:list", "issues", "issues.view"),
)


def search(request: HttpRequest) -> Search | None:
    """What the box at the top searches: projects among projects, customers everywhere else."""
    user: Any = request.user
    found = [
        Search(url, what)
        for url_name, what, permission in SEARCHED
        if user.is_authenticated and user.can(permission)
        if (url := _address(url_name))
    ]
    here = (each for each in found if _is_inside(request.path, each.url))
    return next(here, found[0] if found else None)


def links(request: HttpRequest) -> list[NavigationLink]:
    """The places this person may go, the one they are in marked."""
    user: Any = request.user
    return [
        NavigationLink(place.label, url, place.icon, place.shortcut, _is_inside(request.path, url))
        for place in PLACES
        if user.is_authenticated and user.can(place.permission)
        if (url := _address(place.url_name))
    ]


def _address(url_name: str) -> str | None:
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return None


def _is_inside(path: str, url: str) -> bool:
    return path == url if url == "/" else path.startswith(url)
