from typing import Any

from django import forms

from devora_admin.support.services.canned import MAX_TEXT, MAX_TITLE, MAX_WORD


def words_in(text: str) -> list[str]:
    """What stands between commas."""
    return [each for each in text.split(",") if each.strip()]


class CannedForm(forms.Form):
    """Lengths are checked where the values are stored, too. revision: the one the person saw."""

    title = forms.CharField(max_length=MAX_TITLE, widget=forms.TextInput(attrs={"autofocus": True}))
    word = forms.CharField(
        label="Word",
        required=False,
        max_length=MAX_WORD + 1,
        help_text="In a reply, type a slash, the word and Tab.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    text = forms.CharField(
        max_length=MAX_TEXT, strip=False, widget=forms.Textarea(attrs={"rows": 9})
    )
    tags = forms.CharField(
        required=False,
        max_length=1000,
        help_text="Separated by commas. It is offered first on issues with one of them.",
    )
    is_shared = forms.BooleanField(label="For everybody", required=False)
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, may_share: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_share:
            del self.fields["is_shared"]

    def values(self) -> dict[str, Any]:
        """As services.canned takes them. The form must be valid."""
        data = self.cleaned_data
        return {
            "title": data["title"],
            "word": data["word"],
            "text": data["text"],
            "tags": words_in(data["tags"]),
            "is_shared": data.get("is_shared", False),
        }
