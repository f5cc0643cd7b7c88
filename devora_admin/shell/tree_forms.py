"""The forms of a typed tree: one for each way to change it."""

from django import forms

from devora_admin.core.errors import InvalidInput
from devora_admin.core.values import kinds
from devora_admin.core.values.paths import MAX_KEY, Path, parse_path

KINDS = [(kind, kind) for kind in kinds.CHOICES]


class PathField(forms.CharField):
    """A place in the tree, as JSON; comes out as a tuple."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        super().__init__(max_length=20_000, strip=False)

    def clean(self, value: object) -> Path:
        try:
            return parse_path(super().clean(value))
        except InvalidInput as error:
            raise forms.ValidationError(error.message) from error


class _Value(forms.Form):
    kind = forms.ChoiceField(label="Type", choices=KINDS)
    value = forms.CharField(
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "class": "mono"}),
    )


class SetValueForm(_Value):
    path = PathField()
    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)
    field_order = ["kind", "value"]


class AddValueForm(_Value):
    path = PathField()
    key = forms.CharField(
        max_length=MAX_KEY, required=False, strip=False,
        widget=forms.TextInput(attrs={"autofocus": True, "class": "mono", "spellcheck": "false"}),
    )  # fmt: skip
    field_order = ["key", "kind", "value"]


class RenameKeyForm(forms.Form):
    path = PathField()
    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)
    key = forms.CharField(
        max_length=MAX_KEY, strip=False,
        widget=forms.TextInput(attrs={"autofocus": True, "class": "mono", "spellcheck": "false"}),
    )  # fmt: skip


class RemoveValueForm(forms.Form):
    path = PathField()
    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)


class JsonForm(forms.Form):
    """base: the text as the page showed it."""

    text = forms.CharField(
        label="Extended JSON",
        strip=False,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false", "class": "mono json-text"}),
    )
    base = forms.CharField(strip=False, widget=forms.HiddenInput)
