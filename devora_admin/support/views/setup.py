"""What the pages that set support up have in common, and the page that leads to them."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse
from django.views.decorators.http import require_POST, require_safe

from devora_admin.core.http import redirect, toast
from devora_admin.shell.dialogs import Dialog
from devora_admin.staff import audit
from devora_admin.staff.keeping import Kept
from devora_admin.staff.permissions import allowed, permission_of, staff_can
from devora_admin.staff.views import kept as after
from devora_admin.support.services import people


@dataclass(frozen=True, slots=True)
class Section:
    path: str
    label: str
    note: str
    icon: str


@dataclass(frozen=True, slots=True)
class SectionLink:
    url: str
    section: Section


SECTIONS = (
    Section("sla", "Reply times", "What is promised, and when people work", icon="clock-history"),
    Section("canned", "Canned replies", "Texts for what is asked often", icon="chat-square-text"),
    Section("macros", "Macros", "Several changes and a reply in one step", icon="lightning-charge"),
    Section("rules", "Rules", "Who gets which new issue", icon="signpost-split"),
    Section("mail", "Mail", "How replies reach customers", icon="envelope"),
)


@require_safe
@staff_can("issues.view")
def page(request: HttpRequest) -> HttpResponse:
    sections = [found for section in SECTIONS if (found := _link(request, section))]
    may_work = allowed(request, "issues.work")
    own = people.away_since(audit.actor_of(request).id) if may_work else None
    context = {"sections": sections, "may_work": may_work, "away_since": own}
    return render(request, "support/settings.html", context)


def _link(request: HttpRequest, section: Section) -> SectionLink | None:
    """None for a page that there is not, or not for this person."""
    url = f"{reverse('support:settings')}{section.path}/"
    try:
        permission = permission_of(resolve(url).func)
    except Resolver404:
        return None
    return SectionLink(url, section) if permission and allowed(request, permission) else None


@require_POST
@staff_can("issues.work")
def away(request: HttpRequest) -> HttpResponse:
    people.be_away(actor=audit.actor_of(request))
    return toast(redirect(request, "support:settings"), "You are away. Rules pass you over.")


@require_POST
@staff_can("issues.work")
def back(request: HttpRequest) -> HttpResponse:
    people.be_back(actor=audit.actor_of(request))
    return toast(redirect(request, "support:settings"), "You are back.")


def setup_dialog(section: str, title: str, submit_label: str, **more: Any) -> Dialog:
    """section: the name of the list's route, "support:settings_canned"."""
    return Dialog(title, submit_label, reverse(section), **more)


def kept(request: HttpRequest, section: str, done: Kept, message: str) -> HttpResponse:
    """Back to the list, with what was done and a way to take it back."""
    return after.kept(request, reverse(section), done, message)
