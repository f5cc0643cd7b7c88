"""What is asked when a board is made or changed, and when a chart is saved to one."""

from collections.abc import Sequence
from typing import Any

from django import forms

from devora_admin.analytics.boards.reading import BoardRow
from devora_admin.analytics.boards.setup import MAX_NAME, MAX_TITLE


class BoardForm(forms.Form):
    """revision: the one the person saw."""

    name = forms.CharField(label="Name", max_length=MAX_NAME)
    is_shared = forms.BooleanField(label="Share it with all staff", required=False)
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, may_share: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        if not may_share:
            del self.fields["is_shared"]


class SaveForm(forms.Form):
    title = forms.CharField(label="Title of the chart", max_length=MAX_TITLE, required=False)
    board = forms.ChoiceField(label="Board", required=False)
    name = forms.CharField(label="Name of a new board", max_length=MAX_NAME, required=False)

    def __init__(self, *args: Any, boards: Sequence[BoardRow], **more: Any) -> None:
        super().__init__(*args, **more)
        choice: Any = self.fields["board"]
        choice.choices = [("", "A new board"), *((each.id, each.name) for each in boards)]


class TitleForm(forms.Form):
    """revision: of the board the person saw."""

    title = forms.CharField(label="Title", max_length=MAX_TITLE, required=False)
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)
