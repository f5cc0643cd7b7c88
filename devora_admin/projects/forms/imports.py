from django import forms

from devora_admin.projects.services.imports import MAX_TYPE
from devora_admin.projects.services.lifecycle import MAX_NAME
from devora_admin.users import queries as customers


class ImportForm(forms.Form):
    """user_id: takes a customer's id or e-mail address, and comes out as the id."""

    user_id = forms.CharField(
        label="Customer",
        max_length=254,
        help_text="Type the beginning of an e-mail address, or paste a customer's id.",
    )
    name = forms.CharField(label="Name", max_length=MAX_NAME)
    project_type = forms.CharField(
        label="Type", max_length=MAX_TYPE, help_text="Such as saas, blog or shop."
    )
    archive = forms.FileField(
        label="Zip file",
        max_length=255,
        help_text="Text files up to 1 MB each and 15 MB in all; .gitignore is respected.",
        widget=forms.FileInput(attrs={"accept": ".zip,application/zip"}),
        error_messages={"empty": "The file is empty."},
    )

    def clean_user_id(self) -> str:
        given: str = self.cleaned_data["user_id"]
        if "@" not in given:
            return given
        owner = customers.owner_with_email(given) or customers.owner_with_email(given.lower())
        if owner is None:
            raise forms.ValidationError("There is no customer with this e-mail address.")
        return owner.id
