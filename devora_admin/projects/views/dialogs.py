"""Forms in a dialog about one project."""

from typing import Any

from django.urls import reverse

from devora_admin.shell.dialogs import Dialog


def project_dialog(project_id: str, title: str, submit_label: str, **more: Any) -> Dialog:
    back_url = more.pop("back_url", "") or reverse("projects:detail", args=[project_id])
    return Dialog(title, submit_label, back_url, **more)
