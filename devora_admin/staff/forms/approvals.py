from django import forms

from devora_admin.staff.elevation import ProofForm


class ApproveForm(ProofForm):
    reason = forms.CharField(
        label="Note",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class RejectForm(ProofForm):
    reason = forms.CharField(
        label="Why not", max_length=500, widget=forms.Textarea(attrs={"rows": 2, "autofocus": True})
    )


class RetryForm(ProofForm):
    """The proof alone."""
