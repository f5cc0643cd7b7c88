"""What is asked when a view of the inbox is saved or changed."""

from typing import Any

from django import forms
from django.http import QueryDict

from devora_admin.support.forms.inbox import InboxForm
from devora_admin.support.services.views import MAX_NAME

_NOT_KEPT = ("cursor", "saved")


class SavedViewForm(forms.Form):
    name = forms.CharField(label="Name", max_length=MAX_NAME)
    is_shared = forms.BooleanField(label="Share it with the team", required=False)
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, can_share: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        if not can_share:
            del self.fields["is_shared"]


def kept_query(given: QueryDict) -> str:
    """The address of the list, without what is of this moment."""
    left = QueryDict(mutable=True)
    for name in InboxForm.base_fields:
        if name not in _NOT_KEPT and (value := given.get(name)):
            left[name] = str(value)
    return left.urlencode()
