from typing import Any

from django import forms

from devora_admin.projects.services.imports import MAX_TYPE
from devora_admin.projects.services.lifecycle import MAX_NAME
from devora_admin.users import queries as customers


class ImportForm(forms.Form):
    """customer: what was typed. user_id: the suggestion chosen for it; after `clean`, the id."""

    customer = forms.CharField(
        label="Customer",
        max_length=254,
        help_text="Type an e-mail address, or paste a customer's id.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    user_id = forms.CharField(max_length=200, required=False, widget=forms.HiddenInput)
    name = forms.CharField(label="Name", max_length=MAX_NAME)
    project_type = forms.CharField(
        label="Type", max_length=MAX_TYPE, help_text="Such as saas, blog or shop."
    )
    archive = forms.FileField(
        label="Zip file",
        max_length=255,
        # Kept by htmx when the form comes back with an error: a browser lets nobody else set it.
        widget=forms.FileInput(attrs={"accept": ".zip,application/zip", "hx-preserve": "true"}),
        error_messages={"empty": "The file is empty."},
    )

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        given = data.get("user_id") or data.get("customer")
        if not given or "customer" in self.errors:
            return data
        owner = customers.find_owner(given)
        if owner is None:
            self.add_error("customer", "There is no customer with this id or e-mail address.")
            return data
        data["user_id"] = owner.id
        # The choice is shown again as text, should another field be wrong.
        shown: Any = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict
        shown["customer"] = owner.email or owner.id
        self.data = shown
        return data
