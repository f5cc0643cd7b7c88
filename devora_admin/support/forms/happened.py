"""The part of a list's address that says what happened to its issues, and when.

A list's form that takes these builds on HappenedForm, and adds DAYS_HAPPENED and CHIPS_HAPPENED to
its own; `happened()` is what goes into the list's filters.
"""

from typing import ClassVar

from django import forms

from devora_admin.shell.listing.forms import Day, ListFormBase
from devora_admin.support.queries.happened import Between, Happened

DAYS_HAPPENED = (
    ("opened_from", "opened_to"),
    ("resolved_from", "resolved_to"),
    ("breached_from", "breached_to"),
    ("asked_from", "asked_to"),
)
CHIPS_HAPPENED = {
    "opened_from": "Opened from", "opened_to": "Opened to",
    "resolved_from": "Resolved from", "resolved_to": "Resolved to",
    "breached": "Broken promise", "breached_from": "Broken from", "breached_to": "Broken to",
    "timed": "With", "reopened": "Reopened", "rating": "Customers were",
    "asked_from": "Asked from", "asked_to": "Asked to", "open_on": "Open at the end of",
    "project_type": "Project type", "untagged": "No tag", "without_type": "No project type",
}  # fmt: skip
BROKEN = {"first_reply": "First response", "resolution": "Resolution"}
TIMED = {
    "replied": "A first response", "first_reply": "A first response that was promised",
    "resolution": "A resolution that was promised",
}  # fmt: skip
RATED = {"good": "Satisfied", "bad": "Not satisfied", "any": "Asked and answered"}
SHOWN_HAPPENED = {
    "breached": BROKEN, "rating": RATED, "timed": TIMED,
    "reopened": {"1": "Yes"}, "untagged": {"1": "Yes"}, "without_type": {"1": "Yes"},
}  # fmt: skip
_ONE_OF = {"invalid_choice": "Choose one of the list."}


def _choice(label: str, offered: dict[str, str]) -> forms.ChoiceField:
    choices = [("", "Any"), *offered.items()]
    return forms.ChoiceField(label=label, required=False, choices=choices, error_messages=_ONE_OF)


class HappenedForm(ListFormBase):
    DAYS: ClassVar[tuple[tuple[str, str], ...]] = DAYS_HAPPENED

    opened_from = Day("Opened from")
    opened_to = Day("to")
    resolved_from = Day("Resolved from")
    resolved_to = Day("to")
    breached = _choice("Broken promise", BROKEN)
    breached_from = Day("Broken from")
    breached_to = Day("to")
    timed = _choice("With", TIMED)
    reopened = _choice("Reopened", {"1": "Yes"})
    rating = _choice("Satisfaction", RATED)
    asked_from = Day("Asked from")
    asked_to = Day("to")
    open_on = Day("Open at the end of")
    project_type = forms.CharField(label="Project type", required=False, max_length=100)
    untagged = _choice("Without a tag", {"1": "Yes"})
    without_type = _choice("Without a project type", {"1": "Yes"})

    @property
    def moment(self) -> str:
        """What bounds the list in time, and gives it its order: asked, resolved, breached, opened,
        or "" for nothing. As queries.happened has it."""
        given = {name for name in CHIPS_HAPPENED if self.given.get(name)}
        if given & {"asked_from", "asked_to", "rating"}:
            return "asked"
        if given & {"resolved_from", "resolved_to"}:
            return "resolved"
        if "breached" in given and given & {"breached_from", "breached_to"}:
            return "breached"
        return "opened" if given & {"opened_from", "opened_to", "open_on"} else ""

    @property
    def happened_given(self) -> list[tuple[str, str]]:
        """What a search or another filter has to keep."""
        return [(name, str(self.given[name])) for name in CHIPS_HAPPENED if self.given.get(name)]

    def happened(self) -> Happened:
        """The form must be valid."""
        return Happened(
            opened=self._between("opened"),
            resolved=self._between("resolved"),
            breached=self.text("breached"),
            timed=self.text("timed"),
            breached_at=self._between("breached"),
            is_reopened=bool(self.text("reopened")),
            asked=self._between("asked"),
            rating=self.text("rating"),
            open_at=self.end("open_on"),
            is_untagged=bool(self.text("untagged")),
            project_type="" if self.text("without_type") else self.text("project_type") or None,
        )

    def _between(self, name: str) -> Between:
        return Between(self.start(f"{name}_from"), self.end(f"{name}_to"))
