"""A project's metadata: the tree, and a form for each way to change it."""

from collections.abc import Mapping
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from devora_admin.core.http import redirect_to, toast
from devora_admin.core.values import kinds
from devora_admin.core.values.paths import Path, parse_path, path_label
from devora_admin.projects.forms import metadata as forms
from devora_admin.projects.queries import metadata as queries
from devora_admin.projects.services import metadata as services
from devora_admin.projects.views.dialogs import project_dialog
from devora_admin.projects.views.numbers import number
from devora_admin.projects.views.tabs import page_context
from devora_admin.shell.dialogs import Dialog, answer
from devora_admin.staff import audit
from devora_admin.staff.permissions import staff_can


@staff_can("projects.view")
@require_safe
def metadata(request: HttpRequest, project_id: str) -> HttpResponse:
    first = number(request.GET.get("from"), field="from") or 0
    page = queries.metadata_page(project_id, path=_path(request), first=first)
    context = page_context(request, page.header, "metadata")
    return render(request, "projects/metadata.html", context | {"page": page})


@staff_can("projects.edit")
@require_http_methods(["GET", "POST"])
def set_value(request: HttpRequest, project_id: str) -> HttpResponse:
    value = queries.metadata_value(project_id, _path(request))
    initial = {"path": value.path, "seen": value.seen, "kind": value.kind, "value": value.text}
    form = _form(request, forms.SetValueForm, initial)
    dialog = _dialog(project_id, f"Edit {value.label}", "Save", value_fields=True)

    def save(data: Mapping[str, Any]) -> HttpResponse:
        services.set_value(
            project_id, data["path"], kind=data["kind"], text=data["value"],
            seen=data["seen"], actor=audit.actor_of(request),
        )  # fmt: skip
        return _done(request, project_id, f"{path_label(data['path'])} saved")

    return answer(request, dialog, form, save, hints=kinds.HINTS, current=value)


@staff_can("projects.edit")
@require_http_methods(["GET", "POST"])
def add_value(request: HttpRequest, project_id: str) -> HttpResponse:
    around = queries.metadata_value(project_id, _path(request))
    initial = {"path": around.path, "kind": "string"}
    form = _form(request, forms.AddValueForm, initial)
    if around.kind == "array":
        del form.fields["key"]
    dialog = _dialog(project_id, f"Add to {around.label}", "Add", value_fields=True)

    def save(data: Mapping[str, Any]) -> HttpResponse:
        services.add_value(
            project_id, data["path"], key=data.get("key", ""), kind=data["kind"],
            text=data["value"], actor=audit.actor_of(request),
        )  # fmt: skip
        return _done(request, project_id, f"Added to {around.label}")

    return answer(request, dialog, form, save, hints=kinds.HINTS)


@staff_can("projects.edit")
@require_http_methods(["GET", "POST"])
def rename_key(request: HttpRequest, project_id: str) -> HttpResponse:
    path = _path(request)
    value = queries.metadata_value(project_id, path)
    initial = {"path": value.path, "seen": value.seen, "key": path[-1] if path else ""}
    form = _form(request, forms.RenameKeyForm, initial)

    def save(data: Mapping[str, Any]) -> HttpResponse:
        services.rename_key(
            project_id, data["path"], key=data["key"], seen=data["seen"],
            actor=audit.actor_of(request),
        )  # fmt: skip
        return _done(request, project_id, "Key renamed")

    return answer(request, _dialog(project_id, f"Rename {value.label}", "Rename"), form, save)


@staff_can("projects.edit")
@require_http_methods(["GET", "POST"])
def remove_value(request: HttpRequest, project_id: str) -> HttpResponse:
    value = queries.metadata_value(project_id, _path(request))
    form = _form(request, forms.RemoveValueForm, {"path": value.path, "seen": value.seen})
    dialog = _dialog(
        project_id, f"Remove {value.label}?", "Remove", tone="danger",
        intro=f"The {value.kind} and all that is in it goes. The audit log keeps what it was.",
    )  # fmt: skip

    def save(data: Mapping[str, Any]) -> HttpResponse:
        services.remove_value(
            project_id, data["path"], seen=data["seen"], actor=audit.actor_of(request)
        )
        return _done(request, project_id, f"{path_label(data['path'])} removed")

    return answer(request, dialog, form, save)


@staff_can("projects.edit")
@require_http_methods(["GET", "POST"])
def edit_json(request: HttpRequest, project_id: str) -> HttpResponse:
    if request.method == "GET":
        text = queries.metadata_text(project_id)
        form = forms.JsonForm(initial={"text": text, "base": text})
    else:
        form = forms.JsonForm(request.POST)
    dialog = _dialog(
        project_id, "Metadata as JSON", "Save", is_wide=True, fields="projects/json_fields.html"
    )

    def save(data: Mapping[str, Any]) -> HttpResponse:
        services.replace_json(
            project_id, base=data["base"], text=data["text"], actor=audit.actor_of(request)
        )
        return _done(request, project_id, "Metadata saved")

    return answer(request, dialog, form, save)


def _path(request: HttpRequest) -> Path:
    text = request.GET.get("path", "")
    return parse_path(text) if text else ()


def _form(request: HttpRequest, form: type[Form], initial: dict[str, Any]) -> Form:
    return form(request.POST) if request.method == "POST" else form(initial=initial)


def _dialog(
    project_id: str, title: str, submit_label: str, *, value_fields: bool = False, **more: Any
) -> Dialog:
    back_url = reverse("projects:metadata", args=[project_id])
    if value_fields:
        more["fields"] = "projects/value_fields.html"
    return project_dialog(project_id, title[:120], submit_label, back_url=back_url, **more)


def _done(request: HttpRequest, project_id: str, message: str) -> HttpResponse:
    back = reverse("projects:metadata", args=[project_id])
    return toast(redirect_to(request, back), message[:200])
