"""What is asked when a note is written for charts."""

from django import forms

from devora_admin.analytics.notes.setup import MAX_TEXT, MAX_URL

_FORMAT = "%Y-%m-%dT%H:%M:%S"


class NoteForm(forms.Form):
    """revision: the one the person saw."""

    at = forms.DateTimeField(
        label="When",
        input_formats=[_FORMAT, "%Y-%m-%dT%H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"}, format=_FORMAT),
        error_messages={"invalid": "Give the date and the time."},
    )
    text = forms.CharField(label="What happened", max_length=MAX_TEXT)
    url = forms.CharField(label="Link", required=False, max_length=MAX_URL)
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)
