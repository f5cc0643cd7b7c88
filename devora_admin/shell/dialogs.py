"""Forms in a dialog, which are pages of their own where there is no JavaScript."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from devora_admin.core.errors import Conflict, DomainError, InvalidInput, TooLarge
from devora_admin.core.http import is_htmx

TEMPLATE = "components/dialog.html"


@dataclass(frozen=True, slots=True)
class Dialog:
    title: str
    submit_label: str
    back_url: str
    intro: str = ""
    tone: str = "primary"
    fields: str = "components/dialog_fields.html"
    is_wide: bool = False


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: None where it is only shown."""
    return request.POST if request.method == "POST" else None


def answer(
    request: HttpRequest,
    dialog: Dialog,
    form: Form,
    save: Callable[[Mapping[str, Any]], HttpResponse],
    **context: Any,
) -> HttpResponse:
    """The form on GET; on POST what `save` returns, or the form with the fault and the draft."""
    if request.method == "GET":
        return _drawn(request, dialog, form, context, status=200)
    if not form.is_valid():
        return _drawn(request, dialog, form, context, status=422)
    try:
        return save(form.cleaned_data)
    except (InvalidInput, Conflict, TooLarge) as error:
        form.add_error(_field(form, error), error.message)
        extra = {**context, "conflict": error.detail if isinstance(error, Conflict) else None}
        return _drawn(request, dialog, form, extra, status=error.status)


def _field(form: Form, error: DomainError) -> str | None:
    field = getattr(error, "field", "")
    visible = {bound.name for bound in form.visible_fields()}
    return field if field in visible else None


def _drawn(
    request: HttpRequest, dialog: Dialog, form: Form, context: dict[str, Any], *, status: int
) -> HttpResponse:
    part = ""
    if is_htmx(request):
        part = "#dialog" if request.method == "GET" else "#form"
    values = {"dialog": dialog, "form": form, "action_url": request.get_full_path(), **context}
    return render(request, TEMPLATE + part, values, status=status)
