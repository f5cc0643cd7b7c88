"""The inbox's address read into what is asked for."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.http import QueryDict

from devora_admin.shell.listing.chips import Chip, chips
from devora_admin.shell.listing.forms import Day
from devora_admin.support import states
from devora_admin.support.forms.happened import (
    CHIPS_HAPPENED,
    DAYS_HAPPENED,
    SHOWN_HAPPENED,
    HappenedForm,
)
from devora_admin.support.queries import standing
from devora_admin.support.queries.inbox import Filters
from devora_admin.support.queries.standing import Asked
from devora_admin.users.queries.owners import owner_with_email

NOBODY, ME = "none", "me"
SOURCES = {"staff": "Staff", "api": "The app", "scan": "A check", "spike": "A spike of errors",
           "chart": "A chart"}  # fmt: skip
_CHIPS = {
    "q": "Search", "status": "Status", "priority": "Priority", "assignee": "Assignee",
    "tag": "Tag", "customer": "Customer", "project": "Project", "source": "Came from",
    **CHIPS_HAPPENED,
}  # fmt: skip
_FIRST = {standing.MINE: "-urgency", standing.UNASSIGNED: "-urgency", standing.BREACHING: "due"}
_ONE_OF = {"invalid_choice": "Choose one of the list."}


def _choice(label: str, any_label: str, offered: Mapping[str, str]) -> forms.ChoiceField:
    choices = [("", any_label), *offered.items()]
    return forms.ChoiceField(label=label, required=False, choices=choices, error_messages=_ONE_OF)


class InboxForm(HappenedForm):
    SORTS = {
        "-when": ("when", False),
        "when": ("when", True),
        "-updated": ("updated", False),
        "updated": ("updated", True),
        "-urgency": ("urgency", False),
        "urgency": ("urgency", True),
        "due": ("due", False),
        "-due": ("due", True),
    }
    DAYS = DAYS_HAPPENED
    EARLIER: ClassVar[Mapping[str, str]] = {
        "created_from": "opened_from", "created_to": "opened_to",
    }  # fmt: skip
    """Names that addresses kept from before have."""

    view = _choice("View", "", standing.NAMES)
    saved = forms.CharField(required=False, max_length=40)
    status = _choice("Status", "Any status", states.STATUSES)
    priority = _choice("Priority", "Any priority", states.PRIORITIES)
    assignee = forms.CharField(label="Assignee", required=False, max_length=100)
    tag = forms.CharField(label="Tag", required=False, max_length=40)
    customer = forms.CharField(label="Customer", required=False, max_length=320)
    project = forms.CharField(label="Project", required=False, max_length=100)
    source = _choice("Came from", "Anywhere", SOURCES)
    opened_from = Day("Opened from")
    opened_to = Day("Opened to")

    def __init__(self, values: QueryDict) -> None:
        values = values.copy()
        for earlier, name in self.EARLIER.items():
            found = values.pop(earlier, [])
            if found and name not in values:
                values.setlist(name, found)
        self.given = values
        if not self.moment and values.get("sort") in ("when", "-when"):
            values.pop("sort")  # the order of what was asked for before
        super().__init__(values)

    @property
    def default_sort(self) -> str:
        """What waits to be worked on has the most urgent first; what happened within a time, the
        latest."""
        if self.moment:
            return "-when"
        if any(self.given.get(name) for name in CHIPS_HAPPENED):
            return "-updated"
        view = self.given.get("view") or (standing.MINE if self.is_plain else standing.ALL)
        return _FIRST.get(view, "-updated")

    @property
    def happened_in_no_field(self) -> list[tuple[str, str]]:
        """What no field shows, and the form has to keep."""
        return [each for each in self.happened_given if each[0] not in ("opened_from", "opened_to")]

    @property
    def is_plain(self) -> bool:
        """Whether nothing is asked but the list itself."""
        return not any(self.given.get(name) for name in (*_CHIPS, "view"))

    def view_of(self, staff_id: str) -> str:
        """The view, or the one to begin with; filters alone are about all issues."""
        if given := self.text("view"):
            return given
        return standing.default_view(staff_id) if self.is_plain else standing.ALL

    def asked(self, view: str, staff_id: str) -> Asked:
        """The form must be valid."""
        order: Any
        order, is_turned = self.order()
        filters = self._filters(staff_id)
        narrowed = standing.narrow(view, filters, staff_id=staff_id) if filters else None
        return Asked(narrowed, order, is_turned)

    def _filters(self, staff_id: str) -> Filters | None:
        """None for a customer there is not."""
        customer = self.text("customer")
        if "@" in customer:
            owner = owner_with_email(customer) or owner_with_email(customer.lower())
            if owner is None:
                return None
            customer = owner.id
        status, assignee = self.text("status"), self.text("assignee")
        people = {"": None, NOBODY: "", ME: staff_id}
        return Filters(
            statuses=(status,) if status else standing.ANY_STATUS,
            priority=self.text("priority"),
            assignee_id=people.get(assignee, assignee),
            tag=self.text("tag").lower(),
            user_id=customer,
            project_id=self.text("project"),
            source=self.text("source"),
            q=self.text("q"),
            happened=self.happened(),
        )


def read(query: str) -> InboxForm:
    """Of a stored address."""
    return InboxForm(QueryDict(query.removeprefix("?")))


def chips_of(form: InboxForm, *, people: Mapping[str, str], customer: str = "") -> list[Chip]:
    return chips(form, _CHIPS, shown={
        **SHOWN_HAPPENED,
        "status": states.STATUSES,
        "priority": states.PRIORITIES,
        "source": SOURCES,
        "assignee": {**people, NOBODY: "Nobody", ME: "Me"},
        "customer": customer,
    })  # fmt: skip
