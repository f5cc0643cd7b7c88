"""The customers list's address read into what is asked for."""

from typing import Any

from django import forms
from django.http import QueryDict

from devora_admin.shell.listing.chips import Chip, chips
from devora_admin.shell.listing.forms import Day, GroupedFormBase, OpenChoice
from devora_admin.users.groups import CUSTOMERS
from devora_admin.users.queries.conditions import CustomerFilters
from devora_admin.users.queries.listing import CustomerListing

_STATUSES = {"": "Any status", "active": "Active", "suspended": "Suspended"}
_CHIPS = {
    "q": "Search", "status": "Status", "plan": "Plan", "subscription": "Subscription",
    "created_from": "Signed up from", "created_to": "Signed up to",
    "seen_from": "Last seen from", "seen_to": "Last seen to", "group": "Group",
}  # fmt: skip


class CustomersForm(GroupedFormBase):
    SORTS = {
        "-created": ("created_at", True),
        "created": ("created_at", False),
        "-seen": ("last_seen_at", True),
        "seen": ("last_seen_at", False),
        "name": ("name", False),
        "-name": ("name", True),
        "email": ("email", False),
        "-email": ("email", True),
    }
    GROUPS = CUSTOMERS
    DAYS = (("created_from", "created_to"), ("seen_from", "seen_to"))

    status = OpenChoice("Status", _STATUSES)
    plan = forms.CharField(label="Plan", required=False, max_length=100)
    subscription = forms.CharField(label="Subscription", required=False, max_length=100)
    created_from = Day("Signed up from")
    created_to = Day("Signed up to")
    seen_from = Day("Last seen from")
    seen_to = Day("Last seen to")

    def __init__(self, values: QueryDict) -> None:
        super().__init__(values)
        status: Any = self.fields["status"]
        status.offer(values.get("status", ""))

    def listing(self) -> CustomerListing:
        """The form must be valid."""
        sort, descending = self.order()
        filters = CustomerFilters(
            q=self.text("q"),
            status=self.text("status"),
            plan=self.text("plan"),
            subscription=self.text("subscription"),
            created_from=self.start("created_from"),
            created_before=self.end("created_to"),
            seen_from=self.start("seen_from"),
            seen_before=self.end("seen_to"),
            group=self.text("group"),
        )
        return CustomerListing(filters, sort, descending)


def chips_of(form: CustomersForm) -> list[Chip]:
    return chips(form, _CHIPS, shown={"status": _STATUSES, "group": form.list_label()})
