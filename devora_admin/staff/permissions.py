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
    "projects.delete": "Ask to delete archived projects for good",
    "users.view": "See customers",
    "users.export": "Download the list of customers",
    "users.note": "Write internal notes about a customer",
    "users.suspend": "Suspend and reactivate customers",
    "users.access": "Sign customers out and give them a link to reset their password",
    "users.view_as": "See the platform as a customer does, without changing anything",
    "users.edit": "Change a customer's name and e-mail address",
    "users.plan": "Change a customer's plan and period",
    "users.merge": "Merge two customers",
    "users.export_data": "Download everything about a customer",
    "users.erase": "Ask to erase a customer",
    "settings.view": "See a customer's preferences, and which secrets there are",
    "settings.edit": "Change a customer's preferences",
    "secrets.change": "Replace, test and revoke a customer's secrets",
    "secrets.reveal": "See a customer's secret in full",
    "analytics.view": "See what customers do, in numbers and charts",
    "analytics.manage": "Set alerts, mark charts and count events anew",
    "memory.view": "Search memory, and see what is remembered of customers",
    "memory.correct": "Correct, pin, reject and forget what is remembered",
    "memory.manage": "Make memory's vectors or all of it anew",
    "issues.view": "See customers' issues",
    "issues.work": "Reply to issues, and change, link and merge them",
    "issues.manage": "Set up how issues are worked on",
    "api_clients.manage": "Make and revoke tokens of programs that use the API",
    "jobs.view": "Follow background jobs",
    "worker.view": "See how the worker keeps up with what changes",
    "worker.manage": "Try again or discard changes that the worker could not handle",
    "approvals.view": "See requests for a second person's approval",
    "approvals.decide": "Approve and reject what others ask for",
    "audit.view": "Read the audit log",
    "audit.export": "Download the audit log",
    "staff.self": "Manage one's own account",
    "staff.view": "See staff accounts",
    "staff.manage": "Invite staff, change roles, disable accounts, end sessions",
}

_VIEW = frozenset({"overview.view", "projects.view", "users.view", "analytics.view", "memory.view",
    "jobs.view", "worker.view", "staff.self",
})  # fmt: skip
_SUPPORT = _VIEW | {
    "projects.export", "projects.archive", "users.export", "users.note", "users.suspend",
    "users.access", "users.view_as", "settings.view", "settings.edit", "secrets.change",
    "memory.correct", "issues.view", "issues.work", "approvals.view", "staff.view",
}  # fmt: skip
_EDITOR = _SUPPORT | {
    "projects.edit", "projects.create", "users.edit", "users.plan", "secrets.reveal",
    "analytics.manage", "memory.manage", "issues.manage", "worker.manage",
}  # fmt: skip

ROLES: dict[str, frozenset[str]] = {
    "viewer": _VIEW,
    "support": _SUPPORT,
    "editor": _EDITOR,
    "admin": frozenset(PERMISSIONS),
}
NEEDS_SECOND_FACTOR = frozenset({"admin"})
"""Roles that cannot be used without one."""

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


def background(view: V) -> V:
    """Marks what an open page asks by itself, which does not keep a session alive."""
    view.is_background = True  # type: ignore[attr-defined]
    return view


def opens_to(check: Callable[[HttpRequest], bool]) -> Callable[[V], V]:
    """Also lets in who shows a right of another kind than a session, such as a machine's token.

    check: of a request with an Authorization header.
    """

    def mark(view: V) -> V:
        view.opens_to = check  # type: ignore[attr-defined]
        return view

    return mark


def opening_of(view: Any) -> Callable[[HttpRequest], bool] | None:
    return getattr(view, "opens_to", None)


def is_background(request: HttpRequest, view: Any) -> bool:
    return getattr(view, "is_background", False) or request.headers.get("X-Background") == "1"


def before_second_factor(view: V) -> V:
    """Marks what is open to a role that needs a second factor before there is one."""
    view.is_before_second_factor = True  # type: ignore[attr-defined]
    return view


def is_before_second_factor(view: Any) -> bool:
    return getattr(view, "is_before_second_factor", False)


def permission_of(view: Any) -> str | None:
    return getattr(view, "permission", None)


def allowed(request: HttpRequest, permission: str) -> bool:
    """Whether to offer what needs `permission`; the middleware is what holds it."""
    can: Callable[[str], bool] | None = getattr(request.user, "can", None)
    return can is not None and can(permission)
