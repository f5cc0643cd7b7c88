from typing import Any

from django import forms

from devora_admin.staff.queries.audit_log import AuditFilters
from devora_admin.staff.wording import KINDS


class AuditForm(forms.Form):
    """The filters as the address has them."""

    actor = forms.CharField(max_length=100, required=False, label="Who")
    action = forms.CharField(max_length=100, required=False, label="Action begins with")
    kind = forms.CharField(max_length=40, required=False, label="Kind of subject")
    id = forms.CharField(max_length=400, required=False, label="Id of the subject")
    customer = forms.CharField(max_length=200, required=False, label="Customer's id")
    address = forms.CharField(max_length=64, required=False, label="Network address")
    since = forms.DateField(required=False, label="From")
    until = forms.DateField(required=False, label="To")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if bool(data.get("kind")) != bool(data.get("id")) and not self.errors:
            missing = "id" if data.get("kind") else "kind"
            self.add_error(missing, "Fill in both the kind and its id, or neither.")
        since, until = data.get("since"), data.get("until")
        if since and until and since > until:
            self.add_error("until", "This is before the first day.")
        for name in ("since", "until"):
            if data.get(name) and not 1970 <= data[name].year <= 9998:
                self.add_error(name, "Choose a year from 1970 on.")
        return data

    def filters(self) -> AuditFilters:
        data = self.cleaned_data
        names = ("actor", "action", "kind", "customer", "address", "since", "until")
        return AuditFilters(subject=data["id"], **{name: data[name] for name in names})

    @property
    def kinds(self) -> tuple[str, ...]:
        return KINDS


class UndoForm(forms.Form):
    """Nothing to fill in: the question itself."""
