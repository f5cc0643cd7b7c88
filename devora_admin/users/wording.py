"""What the audit log says of acts on customers."""

from collections.abc import Mapping
from datetime import datetime

from django.utils.timezone import localtime

from devora_admin.staff import wording


def register() -> None:
    """Called once, when the app is ready."""
    wording.say(
        {
            "users.absorb": "Took over another customer's account",
            "users.edit": "Changed the customer's name or e-mail",
            "users.erase": "Erased the customer",
            "users.erase.again": "Went on erasing a customer",
            "users.erase.begin": "Began to erase a customer",
            "users.export.ask": "Asked for a copy of all about the customer",
            "users.export.download": "Downloaded all about the customer",
            "users.extend": "Extended the period",
            "users.merge": "Merged the customer into another",
            "users.merge_done": "Finished a merge",
            "users.merge_undone": "Finished undoing a merge",
            "users.note.add": "Added a note",
            "users.note.delete": "Deleted a note",
            "users.note.edit": "Edited a note",
            "users.plan": "Changed the plan",
            "users.reactivate": "Reactivated the customer",
            "users.reset_link": "Made a link to reset the password",
            "users.sign_out": "Signed the customer out everywhere",
            "users.suspend": "Suspended the customer",
            "users.view_as": "Began to see the platform as the customer",
            "users.view_as_end": "Stopped seeing the platform as the customer",
        }
    )
    wording.tell("users.extend", permission="users.view", how=_extended)


def _extended(before: wording.Values, after: wording.Values) -> str:
    began, ends = _end(before), _end(after)
    since = f" from {began}" if began and ends else ""
    return f"Extended the period{since}{f' to {ends}' if ends else ''}"


def _end(values: wording.Values) -> str:
    """The day of it; "" where there is none to be told."""
    subscription = values.get("subscription")
    nested = subscription if isinstance(subscription, Mapping) else {}
    found = values.get("period_end") or nested.get("current_period_end")
    return f"{localtime(found):%-d %b %Y}" if isinstance(found, datetime) else ""
