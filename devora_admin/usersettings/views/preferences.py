"""Changing preferences: the known ones in one form, any value of the tree in its own."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from devora_admin.core.errors import Conflict, InvalidInput
from devora_admin.core.http import is_htmx, redirect, toast
from devora_admin.core.values.edits import Plan
from devora_admin.shell import tree
from devora_admin.staff import audit, undo
from devora_admin.staff.permissions import staff_can
from devora_admin.users import queries as users
from devora_admin.users.frame import page_context
from devora_admin.usersettings.forms import PreferencesForm, read_seen
from devora_admin.usersettings.queries.page import models_seen, preferences_of, settings_page
from devora_admin.usersettings.secret_paths import PREFERENCES
from devora_admin.usersettings.services import preferences as services
from devora_admin.usersettings.views.page import addresses, rights


@staff_can("settings.edit")
@require_POST
def save(request: HttpRequest, user_id: str) -> HttpResponse:
    shown = read_seen(request.POST.get("seen", ""))
    form = PreferencesForm(request.POST, shown=shown, models=models_seen())
    if not form.is_valid():
        return _drawn(request, user_id, form, status=422)
    wanted = {name: form.cleaned_data[name] for name in shown}
    try:
        row_id = services.save_known(
            user_id, shown=shown, wanted=wanted, actor=audit.actor_of(request)
        )
    except InvalidInput as error:
        form.add_error(error.field if error.field in form.fields else None, error.message)
        return _drawn(request, user_id, form, status=error.status)
    except Conflict as error:
        form.add_error(None, error.message)
        form.shown_now(error.detail.get("now", {}))  # type: ignore[arg-type]
        return _drawn(request, user_id, form, status=error.status)
    response = redirect(request, "usersettings:detail", user_id)
    if not row_id:
        return toast(response, "Nothing was changed: it is so already.")
    return toast(response, "Preferences saved", undo_url=undo.url(row_id))


def _drawn(
    request: HttpRequest, user_id: str, form: PreferencesForm, *, status: int
) -> HttpResponse:
    context = rights(request) | addresses(user_id) | {"form": form}
    if is_htmx(request):
        template = "usersettings/preferences_form.html"
        return render(request, template, context, status=status)
    context |= page_context(request, users.customer_profile(user_id), "settings")
    page = settings_page(user_id)
    context |= {"page": page, "tree": page.tree}
    return render(request, "usersettings/detail.html", context, status=status)


@staff_can("settings.edit")
@require_http_methods(["GET", "POST"])
def set_value(request: HttpRequest, user_id: str) -> HttpResponse:
    return tree.set_value(request, _editor(request, user_id))


@staff_can("settings.edit")
@require_http_methods(["GET", "POST"])
def add_value(request: HttpRequest, user_id: str) -> HttpResponse:
    return tree.add_value(request, _editor(request, user_id))


@staff_can("settings.edit")
@require_http_methods(["GET", "POST"])
def rename_key(request: HttpRequest, user_id: str) -> HttpResponse:
    return tree.rename_key(request, _editor(request, user_id))


@staff_can("settings.edit")
@require_http_methods(["GET", "POST"])
def remove_value(request: HttpRequest, user_id: str) -> HttpResponse:
    return tree.remove_value(request, _editor(request, user_id))


@staff_can("settings.edit")
@require_http_methods(["GET", "POST"])
def edit_json(request: HttpRequest, user_id: str) -> HttpResponse:
    return tree.edit_json(request, _editor(request, user_id))


def _editor(request: HttpRequest, user_id: str) -> tree.TreeEditor:
    def write(plan: Plan, verb: str) -> str | None:
        row_id = services.change_tree(user_id, plan, verb, actor=audit.actor_of(request))
        return undo.url(row_id) or None

    return tree.TreeEditor(
        name=PREFERENCES,
        back_url=reverse("usersettings:detail", args=[user_id]),
        read=lambda: preferences_of(user_id),
        write=write,
    )
