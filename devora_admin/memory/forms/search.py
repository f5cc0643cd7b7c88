"""The search page's address read into what is asked for."""

from collections.abc import Mapping

from django import forms

from devora_admin.memory.queries.answers import Asked
from devora_admin.projects.languages import KNOWN
from devora_admin.shell.listing.chips import Chip, chips
from devora_admin.shell.listing.forms import Day, ListFormBase

KINDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "": ("Everything", ()),
    "code": ("Code", ("code",)),
    "project": ("Projects", ("project",)),
    "conversation": ("Conversations", ("message", "note")),
    "issue": ("Issues", ("issue",)),
}
LIMITS = (20, 50, 100)
MOST_CHARACTERS = 800
"""Of what is typed here: it stands in the address, where each may take nine bytes."""
_CHIPS = {
    "customer": "Customer", "project": "Project", "language": "Language", "since": "From",
    "until": "To",
}  # fmt: skip


class SearchForm(ListFormBase):
    DAYS = (("since", "until"),)

    q = forms.CharField(
        label="Search",
        required=False,
        max_length=MOST_CHARACTERS,
        error_messages={"max_length": f"Too long: at most {MOST_CHARACTERS} characters."},
    )
    kind = forms.ChoiceField(
        label="Kind",
        required=False,
        choices=[(name, label) for name, (label, _) in KINDS.items()],
        error_messages={"invalid_choice": "There is no such kind."},
    )
    customer = forms.CharField(label="Customer", required=False, max_length=320)
    project = forms.CharField(label="Project", required=False, max_length=200)
    language = forms.ChoiceField(
        label="Language",
        required=False,
        choices=[("", "Any language"), *((each, each) for each in KNOWN)],
        error_messages={"invalid_choice": "Choose one of the list."},
    )
    since = Day("From")
    until = Day("To")
    limit = forms.TypedChoiceField(
        required=False,
        coerce=int,
        empty_value=LIMITS[0],  # type: ignore[arg-type]
        choices=[(str(each), each) for each in LIMITS],
        error_messages={"invalid_choice": "Ask for 20, 50 or 100 results."},
        widget=forms.HiddenInput,
    )

    @property
    def is_asked(self) -> bool:
        return bool((self.given.get("q") or "").strip())

    def asked(self, *, user_id: str, project_id: str) -> Asked:
        """The form must be valid. user_id, project_id: of what its filters name."""
        language = self.text("language")
        return Asked(
            self.text("q"),
            user_id=user_id,
            project_id=project_id,
            kinds=KINDS[self.text("kind")][1],
            languages=(language,) if language else (),
            since=self.start("since"),
            until=self.end("until"),
            limit=self.cleaned_data["limit"],
        )


def chips_of(form: SearchForm, *, customer: str, project: str) -> list[Chip]:
    """customer, project: what they are called."""
    return chips(form, _CHIPS, shown={"customer": customer, "project": project})
