"""Who may do what. Roles live in code: a change of rights is a reviewed change of code."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponseBase

PERMISSIONS: dict[str, str] = {
    "overview.view": "See the overview",
    "projects.view": "See projects, their files and conversations",
    "projects.export": "Download projects and lists",
    "projects.archive": "Archive and restore projects",
    "projects.edit": "Edit a project's files, metadata and name",
    "projects.create": "Make projects by upload or copy",
    "projects.transfer": "Move a project to another customer",
    "users.view": "See customers",
    "jobs.view": "Follow background jobs",
    "staff.self": "Manage one's own account",
}

_VIEW = frozenset({"overview.view", "projects.view", "users.view", "jobs.view", "staff.self"})
_SUPPORT = _VIEW | {"projects.export", "projects.archive"}
_EDITOR = _SUPPORT | {"projects.edit", "projects.create"}

ROLES: dict[str, frozenset[str]] = {
    "viewer": _VIEW,
    "support": _SUPPORT,
    "editor": _EDITOR,
    "admin": frozenset(PERMISSIONS),
}

PUBLIC = "public"

V = TypeVar("V", bound=Callable[..., HttpResponseBase])


def staff_can(permission: str) -> Callable[[V], V]:
    """Names the permission a view needs; staff.middleware holds every request to it."""
    if permission not in PERMISSIONS:
        raise ValueError(f"unknown permission {permission!r}")

    def mark(view: V) -> V:
        view.permission = permission  # type: ignore[attr-defined]
        return view

    return mark


def public(view: V) -> V:
    """Marks a view that strangers may call."""
    view.permission = PUBLIC  # type: ignore[attr-defined]
    return view


def permission_of(view: Any) -> str | None:
    return getattr(view, "permission", None)


def allowed(request: HttpRequest, permission: str) -> bool:
    """Whether to offer what needs `permission`; the middleware is what holds it."""
    can: Callable[[str], bool] | None = getattr(request.user, "can", None)
    return can is not None and can(permission)
