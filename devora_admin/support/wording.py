"""What the audit log says of work on issues."""

from devora_admin.staff import wording


def register() -> None:
    """Called once, when the app is ready."""
    wording.say(
        {
            "api_client.create": "Made a token for a program",
            "api_client.revoke": "Revoked the token of a program",
            "issue.absorb": "Moved the issue into another",
            "issue.assignee": "Changed who works on the issue",
            "issue.customer_reply": "Passed on the customer's reply",
            "issue.follow_up": "Opened another issue, as this one was closed",
            "issue.link": "Linked the issue to another",
            "issue.mail_retry": "Had an e-mail to the customer sent again",
            "issue.rate": "Said whether they are satisfied",
            "issue.merge": "Merged another issue into this one",
            "issue.note": "Added a note",
            "issue.open": "Opened the issue",
            "issue.priority": "Changed the priority",
            "issue.reply": "Replied to the customer",
            "issue.status": "Changed the status",
            "issue.subject": "Changed the subject",
            "issue.tags": "Changed the tags",
            "issue.unlink": "Removed a link to another issue",
            "issue.unwatch": "Stopped watching the issue",
            "issue.watch": "Began to watch the issue",
            # Views of the inbox.
            "saved_view.change": "Changed a view of the inbox",
            "saved_view.delete": "Deleted a view of the inbox",
            "saved_view.save": "Saved a view of the inbox",
        }
    )
