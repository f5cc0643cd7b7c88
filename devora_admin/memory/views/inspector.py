"""The inspector: what is remembered of one customer, where from, and what a question recalls."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from devora_admin.core.errors import InvalidInput, NotFound
from devora_admin.core.http import is_htmx
from devora_admin.memory.errors import MemoryTooSlow, MemoryUnavailable
from devora_admin.memory.forms.inspector import STANDINGS, InspectorForm, chips_of
from devora_admin.memory.forms.search import KINDS
from devora_admin.memory.preferences import decisions
from devora_admin.memory.preferences.decisions import ItemDecision, corrected
from devora_admin.memory.queries import inspector, places
from devora_admin.memory.queries.inspector import Item, ItemsPage
from devora_admin.memory.queries.originals import original_of
from devora_admin.memory.queries.places import Place
from devora_admin.memory.queries.search import Recall, recall
from devora_admin.memory.views.away import NotNow, says_so_already
from devora_admin.memory.wording import item_called
from devora_admin.projects.queries.names import Names, names
from devora_admin.shell.listing.forms import changed
from devora_admin.staff.permissions import allowed, staff_can
from devora_admin.users.frame import page_context
from devora_admin.users.queries import customer_profile

RECALLED = 10
MOST_FORGOTTEN = 200


@dataclass(frozen=True, slots=True)
class Placed:
    item: Item
    place: Place
    cosine: float | None = None
    corrected: ItemDecision | None = None


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What is still known of an item that memory does not have any more."""

    decision: ItemDecision
    called: str
    project: str


@require_safe
@staff_can("memory.view")
def page(request: HttpRequest, user_id: str) -> HttpResponse:
    form = InspectorForm(request.GET)
    changed_by = corrected(user_id)
    found, counts, problem = _found(form, user_id, changed_by)
    forgotten = _forgotten(form, user_id) if form.is_of_forgotten else ()
    called = places.names_for(
        found.items if found else (), project_id=form.text("project") if form.is_valid() else ""
    )
    if nothing_new := says_so_already(request, problem):
        return nothing_new
    context = {
        "user_id": user_id,
        "form": form,
        "page": found,
        "problem": problem,
        "problems": [text for errors in form.errors.values() for text in errors],
        "items": placed(found.items if found else (), called, changed_by),
        "forgotten": forgotten,
        "chips": chips_of(form, project=called.projects.get(form["project"].value() or "", "")),
        "kinds": _kinds(form, counts),
        "standings": STANDINGS.items(),
        "newer_url": changed(form.given, cursor=found.newer) if found and found.newer else "",
        "older_url": changed(form.given, cursor=found.older) if found and found.older else "",
        "may_correct": allowed(request, "memory.correct"),
        "back": request.get_full_path(),
        "list_url": reverse("memory:customer", args=[user_id]),
    }
    if is_htmx(request):
        return render(request, "memory/items.html", context)
    context |= page_context(request, customer_profile(user_id), "memory")
    return render(request, "memory/inspector.html", context)


@require_safe
@staff_can("memory.view")
def item(request: HttpRequest, user_id: str, item_id: str) -> HttpResponse:
    """One item with all of its text, where it comes from, and what is close to it."""
    context: dict[str, Any] = {"user_id": user_id, "item_id": item_id}
    try:
        found, near = inspector.neighbours(user_id, number_of(item_id))
    except (MemoryUnavailable, MemoryTooSlow) as error:
        if nothing_new := says_so_already(request, error):
            return nothing_new
        context["problem"] = error
    else:
        called = places.names_for([found, *(each.item for each in near)])
        changed_by = corrected(user_id)
        decision = changed_by.get(found.sha256)
        place = places.place_of(found, called)
        context["shown"] = Placed(found, place, corrected=decision)
        context["original"] = original_of(decision, changed_by) if decision else ""
        context["near"] = [
            Placed(each.item, places.place_of(each.item, called), each.cosine) for each in near
        ]
    if is_htmx(request):
        return render(request, "memory/item.html#part", context)
    context |= page_context(request, customer_profile(user_id), "memory")
    return render(request, "memory/item.html", context)


@require_safe
@staff_can("memory.view")
def recalled(request: HttpRequest, user_id: str) -> HttpResponse:
    """What a question would bring back for this customer, and what each leg gave to it."""
    text = request.GET.get("q", "")
    found, problem, mistake = _recall(user_id, text)
    if nothing_new := says_so_already(request, problem):
        return nothing_new
    hits = [each.hit for each in found.items] if found else []
    shown = places.found(hits, places.names_for(hits))
    context = {
        "user_id": user_id,
        "text": text[:800],
        "recall": found,
        "problem": problem,
        "mistake": mistake,
        "recalled": list(zip(shown, found.items, strict=True)) if found else [],
    }
    if is_htmx(request):
        return render(request, "memory/recall.html#part", context)
    context |= page_context(request, customer_profile(user_id), "memory")
    return render(request, "memory/recall.html", context)


def number_of(item_id: str) -> int:
    """Raises NotFound."""
    if not item_id.isascii() or not item_id.isdigit() or len(item_id) > 18:
        raise NotFound("remembered item", item_id)
    return int(item_id)


def placed(
    items: tuple[Item, ...], called: Names, changed_by: Mapping[bytes, ItemDecision]
) -> list[Placed]:
    """changed_by: what was corrected, by the hash of what it says now."""
    return [
        Placed(each, places.place_of(each, called), corrected=changed_by.get(each.sha256))
        for each in items
    ]


def _found(
    form: InspectorForm, user_id: str, changed_by: Mapping[bytes, ItemDecision]
) -> tuple[ItemsPage | None, dict[str, int] | None, NotNow | None]:
    """The counts are None where they are not known."""
    if not form.is_valid():
        return None, None, None
    try:
        if form.is_of_forgotten:
            return None, inspector.counts(user_id), None
        page, counts = inspector.items_page(form.wanted(user_id, changed_by), form.text("cursor"))
    except InvalidInput as error:
        form.add_error(None, error.message)
        return None, None, None
    except (MemoryUnavailable, MemoryTooSlow) as error:
        return None, None, error
    return page, counts, None


def _forgotten(form: InspectorForm, user_id: str) -> list[Forgotten]:
    """MongoDB has them, whatever becomes of memory."""
    found = [each for each in decisions.forgotten(user_id) if form.fits(each)][:MOST_FORGOTTEN]
    called = names((each.project_id for each in found), ()).projects
    return [
        Forgotten(each, item_called(each.kind, each.path), called.get(each.project_id, ""))
        for each in found
    ]


def _recall(user_id: str, text: str) -> tuple[Recall | None, NotNow | None, str]:
    if not text.strip():
        return None, None, ""
    try:
        return recall(user_id, text, limit=RECALLED), None, ""
    except InvalidInput as error:
        return None, None, error.message
    except (MemoryUnavailable, MemoryTooSlow) as error:
        return None, error, ""


def _kinds(form: InspectorForm, counts: dict[str, int] | None) -> list[dict[str, Any]]:
    chosen = form.given.get("kind") or ""
    return [
        {
            "name": name,
            "label": label,
            "url": changed(form.given, kind=name),
            "is_chosen": name == chosen,
            "count": None
            if counts is None
            else sum(counts.get(kind, 0) for kind in kinds or counts),
        }
        for name, (label, kinds) in KINDS.items()
    ]
