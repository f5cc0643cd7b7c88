from django import forms

from devora_admin.users.services.notes import MAX_TEXT


class NoteForm(forms.Form):
    """expected: the text as the form first showed it."""

    text = forms.CharField(
        label="Note",
        max_length=MAX_TEXT * 2,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "autofocus": True}),
        help_text="Markdown. Staff see it, the customer never does.",
    )
    expected = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)
