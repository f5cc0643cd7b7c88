"""Any two versions of a project, or one and the project as it is now."""

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from devora_admin.core.errors import InvalidInput
from devora_admin.core.http import is_htmx
from devora_admin.projects.queries.detail import project_header
from devora_admin.projects.views.numbers import number
from devora_admin.projects.views.tabs import page_context
from devora_admin.staff.permissions import allowed, staff_can
from devora_admin.versions import diff_html
from devora_admin.versions.queries import compare as queries
from devora_admin.versions.queries.compare import NOW
from devora_admin.versions.queries.versions import latest
from devora_admin.versions.views import differences
from devora_admin.versions.views.differences import Look

MOST_LINES_MORE = 1_000
ALL_LINES = 10_000_000


@staff_can("projects.view")
@require_safe
def compare(request: HttpRequest, project_id: str) -> HttpResponse:
    """from, to: a number or "now". view: side or inline. file, was: one file alone, and its
    earlier path. space: ignore. skip: files to leave out, of a long list."""
    look = _asked(request, project_id)
    if look is None:
        context = page_context(request, project_header(project_id), "history")
        return render(request, "versions/compare_nothing.html", context)
    try:
        return _shown(request, look)
    except queries.Absent as error:
        return _absent(request, look, error)


@staff_can("projects.view")
@require_safe
def lines(request: HttpRequest, project_id: str) -> HttpResponse:
    """Lines that are the same on both sides. old, new: where they begin, from 1. count.
    alone: the file has a page of its own, and so has colours."""
    look = _asked(request, project_id)
    if look is None:
        raise InvalidInput("Say which versions to compare.", field="from")
    path, was = differences.asked_path(request, "file"), differences.asked_path(request, "was")
    old, new, count = (
        number(request.GET.get(name), field=name, least=1) or 1 for name in ("old", "new", "count")
    )
    if not is_htmx(request):
        return redirect(look.address(file=path, was=was, lines="all"))
    is_alone = bool(request.GET.get("alone"))
    _, _, diff = queries.one_file(
        project_id,
        look.old,
        look.new,
        path,
        was=was,
        seen=look.seen,
        ignore_space=look.ignore_space,
    )
    before, after = len(diff.body.old), len(diff.body.new)
    shown = min(count, MOST_LINES_MORE, before - old + 1, after - new + 1)
    if shown < 1:
        raise InvalidInput("The file has no such lines.", field="old")
    html = diff_html.kept_html(
        diff.body, (old - 1, new - 1), shown, side=look.view == "side",
        colours=differences.colours_of(diff) if is_alone else diff_html.PLAIN,
    )  # fmt: skip
    more = look.more(path, was, is_alone=is_alone)
    return HttpResponse(html + diff_html.gap_html(old - 1 + shown, count - shown, new - old, more))


def _asked(request: HttpRequest, project_id: str) -> Look | None:
    """Without a number in the address, the newest version and now; None while there is none."""
    get = request.GET
    if get.get("from") or get.get("to"):
        return differences.asked_look(request, project_id, old=NOW, new=NOW)
    newest = latest(project_id)
    if newest is None:
        return None
    return differences.asked_look(request, project_id, old=newest.number, new=NOW)


def _shown(request: HttpRequest, look: Look) -> HttpResponse:
    if path := differences.asked_path(request, "file"):
        return _one(request, look, path, differences.asked_path(request, "was"))
    skip = number(request.GET.get("skip"), field="skip") or 0
    found = queries.compare(look.project_id, look.old, look.new, seen=look.seen)
    look = _marked(look, found.old, found.new)
    may_restore = allowed(request, "projects.edit")
    part = differences.part_of(found, look, skip=skip, restorable=may_restore)
    context: dict[str, Any] = {"part": part, "look": look}
    if is_htmx(request):
        return render(request, "versions/compare_files.html", context)
    context |= page_context(request, project_header(look.project_id), "history")
    context |= _choices(look, found.old, found.new) | {"found": found, "skip": skip}
    context["names"] = differences.names(found, look, part, skip)
    if found.metadata_differs and not skip:
        body = found.metadata(ignore_space=look.ignore_space)
        context |= {"metadata_html": differences.body_alone(body, look)}
    return render(request, "versions/compare.html", context)


def _one(request: HttpRequest, look: Look, path: str, was: str) -> HttpResponse:
    left, right, diff = queries.one_file(
        look.project_id, look.old, look.new, path, was=was, seen=look.seen,
        ignore_space=look.ignore_space,
    )  # fmt: skip
    look = _marked(look, left, right)
    context_lines = ALL_LINES if request.GET.get("lines") == "all" else diff_html.CONTEXT
    shown = differences.shown_file(
        diff, look, is_alone=True, context=context_lines,
        side=next((side for side in (left, right) if side.version), None)
        if allowed(request, "projects.edit") else None,
    )  # fmt: skip
    context: dict[str, Any] = {"shown": shown, "look": look, "is_alone": True}
    if is_htmx(request):
        return render(request, "versions/compare_file.html", context)
    context |= page_context(request, project_header(look.project_id), "history")
    context |= _choices(look, left, right)
    return render(request, "versions/compare_one.html", context)


def _marked(look: Look, left: queries.Side, right: queries.Side) -> Look:
    live = left.now or right.now
    seen = live.mark if live else ""
    return replace(look, seen=seen)


def _choices(look: Look, left: queries.Side, right: queries.Side) -> dict[str, Any]:
    """The same comparison, shown in other ways."""
    return {
        "left": left,
        "right": right,
        "sides": (left, right),
        "side_url": replace(look, view="side").address(),
        "inline_url": replace(look, view="inline").address(),
        "space_url": replace(look, ignore_space=not look.ignore_space).address(),
        "swap_url": replace(look, old=look.new, new=look.old).address(),
        "all_url": look.address(),
    }


def _absent(request: HttpRequest, look: Look, error: queries.Absent) -> HttpResponse:
    """A version that is not there: the nearest one that is kept stands in for it."""
    if is_htmx(request) or error.nearest is None:
        raise error
    gone = error.number
    old, new = (error.nearest if ref == gone else ref for ref in (look.old, look.new))
    context = page_context(request, project_header(look.project_id), "history") | {
        "title": f"No version {gone} to compare",
        "message": error.message,
        "nearest_url": replace(look, old=old, new=new).address(),
        "nearest_label": f"Compare with version {error.nearest} instead",
    }
    return render(request, "versions/compare_absent.html", context, status=404)
