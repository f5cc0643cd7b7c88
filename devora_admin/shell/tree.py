"""A typed tree on a page: the dialogs that change it, for whoever keeps the tree.

The page includes components/values/tree.html with `tree`, `forms_url` and `may_edit`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse

from devora_admin.core.errors import InvalidInput
from devora_admin.core.http import redirect_to, toast
from devora_admin.core.raw_bson import Element
from devora_admin.core.values import edits, ejson, kinds
from devora_admin.core.values.paths import Path, parse_path, path_label
from devora_admin.core.values.tree import FormValue, form_value
from devora_admin.shell import tree_forms as forms
from devora_admin.shell.dialogs import Dialog, answer

_VALUE_FIELDS = "components/values/value_fields.html"
_JSON_FIELDS = "components/values/json_fields.html"
_LONGEST_NUMBER = 10


@dataclass(frozen=True, slots=True)
class TreeEditor:
    """name: what the whole is called. back_url: its page.

    read: the tree as it is stored. write: runs a plan on it; the verb names it in the audit log,
    and the answer is an address that takes it back, if there is one.
    """

    name: str
    back_url: str
    read: Callable[[], Element]
    write: Callable[[edits.Plan, str], str | None]


def place(request: HttpRequest) -> Path:
    """The place an address names. Raises InvalidInput."""
    text = request.GET.get("path", "")
    return parse_path(text) if text else ()


def first(request: HttpRequest) -> int:
    """From which child on. Raises InvalidInput."""
    text = request.GET.get("from", "") or "0"
    if not (text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER):
        raise InvalidInput("That is not a number.", field="from")
    return int(text)


def set_value(request: HttpRequest, editor: TreeEditor) -> HttpResponse:
    value = _value(request, editor)
    kind = request.GET.get("kind", "")
    initial = {
        "path": value.path, "seen": value.seen, "value": value.text,
        "kind": kind if kind in kinds.CHOICES else value.kind,
    }  # fmt: skip
    form = _form(request, forms.SetValueForm, initial)
    dialog = _dialog(editor, f"Edit {value.label}", "Save", fields=_VALUE_FIELDS)

    def save(data: Mapping[str, Any]) -> HttpResponse:
        plan = edits.set_value(
            data["path"], kind=data["kind"], text=data["value"], seen=data["seen"]
        )
        undo_url = editor.write(plan, "set")
        return _done(request, editor, f"{path_label(data['path']) or editor.name} saved", undo_url)

    return answer(request, dialog, form, save, hints=kinds.HINTS, current=value)


def add_value(request: HttpRequest, editor: TreeEditor) -> HttpResponse:
    around = _value(request, editor)
    form = _form(request, forms.AddValueForm, {"path": around.path, "kind": "string"})
    if around.kind == "array":
        del form.fields["key"]
    dialog = _dialog(editor, f"Add to {around.label}", "Add", fields=_VALUE_FIELDS)

    def save(data: Mapping[str, Any]) -> HttpResponse:
        plan = edits.add_value(
            data["path"], key=data.get("key", ""), kind=data["kind"], text=data["value"]
        )
        undo_url = editor.write(plan, "add")
        return _done(request, editor, f"Added to {around.label}", undo_url)

    return answer(request, dialog, form, save, hints=kinds.HINTS)


def rename_key(request: HttpRequest, editor: TreeEditor) -> HttpResponse:
    path, value = place(request), _value(request, editor)
    initial = {"path": value.path, "seen": value.seen, "key": path[-1] if path else ""}
    form = _form(request, forms.RenameKeyForm, initial)

    def save(data: Mapping[str, Any]) -> HttpResponse:
        plan = edits.rename_key(data["path"], key=data["key"], seen=data["seen"])
        return _done(request, editor, "Key renamed", editor.write(plan, "rename"))

    return answer(request, _dialog(editor, f"Rename {value.label}", "Rename"), form, save)


def remove_value(request: HttpRequest, editor: TreeEditor) -> HttpResponse:
    value = _value(request, editor)
    form = _form(request, forms.RemoveValueForm, {"path": value.path, "seen": value.seen})
    dialog = _dialog(
        editor, f"Remove {value.label}?", "Remove", tone="danger",
        intro=f"The {value.kind} and all that is in it goes. The audit log keeps what it was.",
    )  # fmt: skip

    def save(data: Mapping[str, Any]) -> HttpResponse:
        undo_url = editor.write(edits.remove_value(data["path"], seen=data["seen"]), "remove")
        return _done(request, editor, f"{path_label(data['path'])} removed", undo_url)

    return answer(request, dialog, form, save)


def edit_json(request: HttpRequest, editor: TreeEditor) -> HttpResponse:
    if request.method == "GET":
        text = ejson.dumps(ejson.readable(editor.read()))
        form = forms.JsonForm(initial={"text": text, "base": text})
    else:
        form = forms.JsonForm(request.POST)
    title = f"{editor.name.capitalize()} as JSON"
    dialog = _dialog(editor, title, "Save", is_wide=True, fields=_JSON_FIELDS)

    def save(data: Mapping[str, Any]) -> HttpResponse:
        plan = edits.replace_json(base=data["base"], text=data["text"], name=editor.name)
        undo_url = editor.write(plan, "json")
        return _done(request, editor, f"{editor.name.capitalize()} saved", undo_url)

    return answer(request, dialog, form, save, name=editor.name)


def _value(request: HttpRequest, editor: TreeEditor) -> FormValue:
    return form_value(editor.read(), place(request), name=editor.name)


def _form(request: HttpRequest, form: type[Form], initial: dict[str, Any]) -> Form:
    return form(request.POST) if request.method == "POST" else form(initial=initial)


def _dialog(editor: TreeEditor, title: str, submit_label: str, **more: Any) -> Dialog:
    return Dialog(title[:120], submit_label, editor.back_url, **more)


def _done(
    request: HttpRequest, editor: TreeEditor, message: str, undo_url: str | None
) -> HttpResponse:
    return toast(redirect_to(request, editor.back_url), message[:200], undo_url=undo_url)
