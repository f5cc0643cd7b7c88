"""What a customer prefers, with why: on their page, and what staff decide about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from devora_admin.core.errors import Conflict, InvalidInput
from devora_admin.core.http import back_to, is_htmx
from devora_admin.memory.errors import MemoryTooSlow, MemoryUnavailable
from devora_admin.memory.forms.decisions import CorrectPreferenceForm, PreferenceForm
from devora_admin.memory.preferences.queries import EvidenceRow, PreferenceRow, preferences_of
from devora_admin.memory.queries import inspector, places
from devora_admin.memory.services import deciding
from devora_admin.memory.views.away import says_so_already
from devora_admin.memory.views.back import page_before
from devora_admin.memory.views.refusing import refused
from devora_admin.memory.wording import BASES, counted
from devora_admin.projects.queries.names import Names, names
from devora_admin.shell.dialogs import Dialog, answer, posted
from devora_admin.staff import audit
from devora_admin.staff.permissions import allowed, staff_can
from devora_admin.users.frame import page_context
from devora_admin.users.queries import customer_profile
from devora_admin.users.views.dialogs import undoable


@dataclass(frozen=True, slots=True)
class Why:
    kind: str
    basis: str
    """How it is known, where nobody said so."""
    quote: str
    at: Any
    place: str
    url: str
    is_against: bool


@dataclass(frozen=True, slots=True)
class Shown:
    preference: PreferenceRow
    evidence: tuple[Why, ...]
    query: str
    """Names it in the address of a dialog."""

    @property
    def size(self) -> float:
        return abs(self.preference.score)

    @property
    def hidden(self) -> int:
        return self.preference.evidence_count - len(self.evidence)


@dataclass(frozen=True, slots=True)
class Topic:
    label: str
    rows: tuple[Shown, ...]


@require_safe
@staff_can("memory.view")
def part(request: HttpRequest, user_id: str) -> HttpResponse:
    if is_htmx(request):
        return _drawn(request, user_id)
    customer = customer_profile(user_id)
    context = _context(request, user_id) | page_context(request, customer, "memory")
    return render(request, "memory/preferences.html", context)


@require_POST
@staff_can("memory.correct")
def pin(request: HttpRequest, user_id: str) -> HttpResponse:
    return _decided(request, user_id, "pinned", "Pinned")


@require_POST
@staff_can("memory.correct")
def reject(request: HttpRequest, user_id: str) -> HttpResponse:
    return _decided(request, user_id, "rejected", "Rejected: it is not learned again")


@require_POST
@staff_can("memory.correct")
def release(request: HttpRequest, user_id: str) -> HttpResponse:
    return _decided(request, user_id, "", "Taken back: the reasons decide again")


@require_http_methods(["GET", "POST"])
@staff_can("memory.correct")
def correct(request: HttpRequest, user_id: str) -> HttpResponse:
    """topic, value: which one it is about."""
    given = PreferenceForm(request.GET)
    if not given.is_valid():
        raise InvalidInput("Choose a preference of the customer.")
    topic, value = given.cleaned_data["topic"], given.cleaned_data["value"]
    expected = given.cleaned_data["expected"]
    form = CorrectPreferenceForm(posted(request), topic=topic, value=value)
    back = page_before(request, user_id)
    dialog = Dialog(
        f"Correct “{value}”", "Correct", back,
        intro="What speaks for this counts for the other from now on.",
    )  # fmt: skip

    def save(data: Mapping[str, Any]) -> HttpResponse:
        done = deciding.decide_preference(
            user_id, topic=topic, value=value, standing="corrected",
            correction=data["correction"], expected=expected, actor=audit.actor_of(request),
        )  # fmt: skip
        return undoable(back_to(request, back), done, "Corrected", back=back)

    return answer(request, dialog, form, save)


def _decided(request: HttpRequest, user_id: str, standing: str, said: str) -> HttpResponse:
    form = PreferenceForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("Choose a preference of the customer.")
    try:
        done = deciding.decide_preference(
            user_id, standing=standing, actor=audit.actor_of(request), **form.cleaned_data
        )
    except Conflict as refusal:
        return refused(request, refusal, lambda: _drawn(request, user_id))
    back = page_before(request, user_id)
    response = _drawn(request, user_id) if is_htmx(request) else back_to(request, back)
    return undoable(response, done, said, back=back)


def _drawn(request: HttpRequest, user_id: str) -> HttpResponse:
    context = _context(request, user_id)
    nothing_new = says_so_already(request, context.get("problem"))
    return nothing_new or render(request, "memory/preferences.html#part", context)


def _context(request: HttpRequest, user_id: str) -> dict[str, Any]:
    context: dict[str, Any] = {
        "user_id": user_id,
        "preferences_url": reverse("memory:preferences", args=[user_id]),
        "may_correct": allowed(request, "memory.correct"),
        "back": page_before(request, user_id) if is_htmx(request) else request.get_full_path(),
    }
    try:
        found, counts = preferences_of(user_id), inspector.counts(user_id)
    except (MemoryUnavailable, MemoryTooSlow) as error:
        return context | {"problem": error}
    project_ids = {why.project_id for row in found for why in row.evidence}
    called = names(project_ids, ())
    topics = groupby(found, key=lambda row: row.label)
    return context | {
        "remembered": counted(counts),
        "topics": [
            Topic(label, tuple(_shown(row, called) for row in rows)) for label, rows in topics
        ],
    }


def _shown(row: PreferenceRow, called: Names) -> Shown:
    query = {"topic": row.topic, "value": row.value, "expected": row.standing}
    evidence = tuple(_why(why, row, called) for why in row.evidence)
    return Shown(row, evidence, urlencode(query))


def _why(why: EvidenceRow, row: PreferenceRow, called: Names) -> Why:
    place, url = places.of_evidence(
        why.source_kind, why.project_id, why.path, why.turn, called.projects.get(why.project_id, "")
    )
    return Why(
        why.kind, BASES.get(why.kind, ""), why.quote, why.at, place, url,
        is_against=why.weight * row.score < 0,
    )  # fmt: skip
