"""What the audit log says of acts on customers."""

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
