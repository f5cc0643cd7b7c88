"""What something is done for, named by the address it is done at: `?issue=12`.

    causes.register("issue", permission="issues.work", find=cause_of, url=url_of)  # when ready
    actor = causes.actor_of(request)            # in a view, in place of audit.actor_of
    dialog = causes.led_back(request, dialog)   # a dialog that says so, and leads back there

The row of the audit log then names it as well (`for`), so one row, written in the transaction of
what was done, stands in the history of both. Who may do it is for the route of what is done.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.http import HttpRequest

from devora_admin.core.errors import Forbidden
from devora_admin.shell.dialogs import Dialog
from devora_admin.staff import audit
from devora_admin.staff.audit_rows import Cause
from devora_admin.staff.permissions import PERMISSIONS, allowed


@dataclass(frozen=True, slots=True)
class _Kind:
    permission: str
    find: Callable[[str], Cause]
    url: Callable[[str], str]


_KINDS: dict[str, _Kind] = {}


def register(
    kind: str, *, permission: str, find: Callable[[str], Cause], url: Callable[[str], str]
) -> None:
    """kind: also the name in an address. permission: of who may have it on record there.

    find: of what stands in the address; raises NotFound. url: of a page, by an id; "" without one.
    """
    if permission not in PERMISSIONS:
        raise ValueError(f"unknown permission {permission!r}")
    _KINDS[kind] = _Kind(permission, find, url)


def of(request: HttpRequest) -> Cause | None:
    """None where the address names none. Raises NotFound, Forbidden."""
    known: dict[str, Cause | None] = request.__dict__
    if "_cause" not in known:
        known["_cause"] = _found(request)
    return known["_cause"]


def _found(request: HttpRequest) -> Cause | None:
    for name, kind in _KINDS.items():
        if key := request.GET.get(name, ""):
            if not allowed(request, kind.permission):
                raise Forbidden("Your role does not allow to work on this.")
            return kind.find(key)
    return None


def actor_of(request: HttpRequest) -> audit.Actor:
    return replace(audit.actor_of(request), cause=of(request))


def led_back(request: HttpRequest, dialog: Dialog) -> Dialog:
    cause = of(request)
    if cause is None:
        return dialog
    intro = f"{dialog.intro} For {cause.label}.".strip()
    return replace(dialog, intro=intro, back_url=cause.url or dialog.back_url)


def back(request: HttpRequest, default: str) -> str:
    """Where to go when it is done."""
    cause = of(request)
    return (cause.url if cause else "") or default


def query(request: HttpRequest) -> str:
    """What an address needs to stay with it, from its question mark on; "" without a cause."""
    cause = of(request)
    return f"?{urlencode({cause.kind: cause.id})}" if cause else ""


def url_of(kind: str, key: str) -> str:
    return _KINDS[kind].url(key) if kind in _KINDS else ""
