from django import forms

from devora_admin.projects.services.lifecycle import MAX_DESCRIPTION, MAX_NAME


class RenameForm(forms.Form):
    """expected: the name as the page showed it."""

    name = forms.CharField(max_length=MAX_NAME, widget=forms.TextInput(attrs={"autofocus": True}))
    expected = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)


class DescribeForm(forms.Form):
    """expected: the description as the page showed it."""

    description = forms.CharField(
        max_length=MAX_DESCRIPTION,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "autofocus": True}),
    )
    expected = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)


class TransferForm(forms.Form):
    """The customer as chosen from the suggestions (user_id), or as typed."""

    customer = forms.CharField(
        label="Customer",
        max_length=254,
        required=False,
        help_text="Type the beginning of a name or an e-mail address, or paste an id.",
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
    )
    user_id = forms.CharField(max_length=200, required=False, widget=forms.HiddenInput)
