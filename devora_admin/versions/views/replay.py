"""A project's conversation beside what each turn of it did to the files."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from devora_admin.core.errors import InvalidInput
from devora_admin.core.http import is_htmx
from devora_admin.projects.queries.conversation import ConversationPage, Turn, conversation_page
from devora_admin.projects.queries.filetree import file_tree
from devora_admin.projects.views.numbers import number
from devora_admin.projects.views.tabs import page_context
from devora_admin.staff.permissions import allowed, staff_can
from devora_admin.versions.queries import compare as comparing
from devora_admin.versions.queries import replay as queries
from devora_admin.versions.queries import version_page
from devora_admin.versions.queries.replay import Glance, Story, Tracked
from devora_admin.versions.queries.standing import is_followed
from devora_admin.versions.queries.versions import version as read_version
from devora_admin.versions.views import differences
from devora_admin.versions.views.differences import Look

FILES_SHOWN = 500
_LONGEST_PATH = 2_000


@staff_can("projects.view")
@require_safe
def replay(request: HttpRequest, project_id: str) -> HttpResponse:
    """turn: from 1; without it the last one that changed files. show: changes or files. file: a
    path. start: of the turns that the page shows already, which need not be sent again."""
    get = request.GET
    known = queries.tracked(project_id)
    asked = number(get.get("turn"), field="turn", least=1)
    turn = asked - 1 if asked else max(known.changed, default=None)
    page = conversation_page(project_id, turn=turn)
    turn = max(0, min(page.total - 1 if turn is None else turn, page.total - 1))
    show, path = _show(request), get.get("file", "")[:_LONGEST_PATH]
    place = _Place(project_id, turn, show, path)
    story = known.story(turn)
    context: dict[str, Any] = {
        "project_id": project_id, "page": page, "number": turn + 1, "story": story, "known": known,
        "show": show, "path": path, "aim": turn + 1, "thread": _thread(page, known),
        "turn": next((each for each in page.turns if each.number == turn), None),
        "steps": place.steps(page, known), "place": place, "bars": known.bars(page.total),
    }  # fmt: skip
    context |= _files(context, path) if show == "files" else _changes(request, story, project_id)
    context |= {"answered": _answered(page, turn, known)}
    if story.kind in ("unknown", "unseen"):
        context["is_followed"] = is_followed()
    if not is_htmx(request):
        context |= page_context(request, page.header, "replay")
        return render(request, "versions/replay.html", context)
    context["is_same_thread"] = number(get.get("start"), field="start") == page.start
    part = "file" if request.headers.get("HX-Target") == "preview" else "step"
    response = render(request, f"versions/replay.html#{part}", context)
    # The address a person sees has nothing of how the page asked.
    response["HX-Push-Url"] = place.url()
    return response


@dataclass(frozen=True, slots=True)
class _Place:
    project_id: str
    turn: int
    show: str
    path: str = ""

    def url(self, turn: int | None = None, show: str = "") -> str:
        asked = {"turn": str((self.turn if turn is None else turn) + 1)}
        if (show or self.show) == "files":
            asked["show"] = "files"
            if self.path:
                asked["file"] = self.path
        return f"{reverse('versions:replay', args=[self.project_id])}?{urlencode(asked)}"

    @property
    def changes_url(self) -> str:
        return self.url(show="changes")

    @property
    def files_url(self) -> str:
        return self.url(show="files")

    def steps(self, page: ConversationPage, known: Tracked) -> list[dict[str, Any]]:
        """Where the buttons and keys lead; an empty address at an end."""
        turn = self.turn
        before, after = known.previous_changed(turn), known.next_changed(turn)
        after = after if after is not None and after < page.total else None
        earlier = turn - 1 if turn else None
        later = turn + 1 if turn + 1 < page.total else None
        return [
            _step("first", "Previous change", "[", self, before, icon="chevron-double-left"),
            _step("before", "Previous turn", "k", self, earlier, icon="chevron-left"),
            _step("after", "Next turn", "j", self, later, icon="chevron-right"),
            _step("last", "Next change", "]", self, after, icon="chevron-double-right"),
        ]


def _step(
    name: str, label: str, key: str, place: _Place, turn: int | None, *, icon: str
) -> dict[str, Any]:
    url = "" if turn is None else place.url(turn)
    return {"name": name, "label": label, "key": key, "icon": icon, "url": url}


@dataclass(frozen=True, slots=True)
class ThreadRow:
    turn: Turn
    url: str
    made: list[Glance]

    @property
    def files(self) -> int:
        return sum(each.files for each in self.made)


def _thread(page: ConversationPage, known: Tracked) -> list[ThreadRow]:
    place = _Place(page.header.id, 0, "changes")
    return [
        ThreadRow(turn, place.url(turn.number), known.changed.get(turn.number, []))
        for turn in page.turns
    ]


def _show(request: HttpRequest) -> str:
    show = request.GET.get("show") or "changes"
    if show not in ("changes", "files"):
        raise InvalidInput("A turn is shown by its changes or by the files after it.", field="show")
    return show


def _answered(page: ConversationPage, turn: int, known: Tracked) -> int | None:
    """The turn from 1 that answers this message of the customer."""
    spoken = {each.number: each.role for each in page.turns}
    if spoken.get(turn) != "user" or spoken.get(turn + 1) != "assistant":
        return None
    return turn + 2


def _changes(request: HttpRequest, story: Story, project_id: str) -> dict[str, Any]:
    if story.kind != "changed":
        return {}
    made = queries.heads_of(project_id, story.numbers)
    if not story.before:
        return {"made": made}
    look = Look(project_id, story.before, story.numbers[-1], "inline")
    found = comparing.compare(project_id, look.old, look.new)
    part = differences.part_of(found, look, restorable=allowed(request, "projects.edit"))
    shown: dict[str, Any] = {"made": made, "found": found, "part": part, "look": look}
    if found.metadata_differs:
        shown["metadata_html"] = differences.body_alone(found.metadata(), look)
    return shown


def _files(context: dict[str, Any], path: str) -> dict[str, Any]:
    story: Story = context["story"]
    if not story.after:
        return {}
    version = read_version(context["project_id"], story.after)
    files = version_page.file_rows(version)
    place = {"turn": str(context["number"]), "show": "files"}
    rest = [(each.name, each.size_bytes or 0) for each in files[FILES_SHOWN:]]
    has_file = any(entry.path == path for entry in version.files)
    return {
        "version": version,
        "head": version.head,
        "made": queries.heads_of(context["project_id"], story.numbers) if story.numbers else [],
        "tree": file_tree(files[:FILES_SHOWN], rest, query=place),
        "hidden": len(rest),
        "view": version_page.file_view(version, path) if path and has_file else None,
        "is_missing": bool(path) and not has_file,
    }
