"""A version's name."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from devora_admin.core.http import redirect, toast
from devora_admin.shell.dialogs import Dialog, answer
from devora_admin.staff import audit
from devora_admin.staff.permissions import staff_can
from devora_admin.versions.services import naming
from devora_admin.versions.views.version import read


class NameForm(forms.Form):
    """expected: the name as the page showed it."""

    name = forms.CharField(
        max_length=naming.MAX_NAME,
        required=False,
        help_text="A version with a name is kept for ever. Leave it empty to take the name away.",
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
    )
    expected = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)


@staff_can("projects.edit")
@require_http_methods(["GET", "POST"])
def name(request: HttpRequest, project_id: str, number: int) -> HttpResponse:
    if request.method == "GET":
        current = read(project_id, number).head.name
        form = NameForm(initial={"name": current, "expected": current})
    else:
        form = NameForm(request.POST)
    dialog = Dialog(
        f"Name version {number}", "Save", reverse("versions:version", args=[project_id, number])
    )

    def save(data: Mapping[str, Any]) -> HttpResponse:
        naming.name_version(
            project_id,
            number,
            name=data["name"],
            expected=data["expected"],
            actor=audit.actor_of(request),
        )
        done = redirect(request, "versions:history", project_id)
        return toast(done, f"Version {number} named" if data["name"] else "Name taken away")

    return answer(request, dialog, form, save)
