"""What the audit log says of work on issues."""

from devora_admin.staff import wording
from devora_admin.support.services import macros, ruling


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
            "support.mail_notices": "Changed whether customers are told of what was resolved",
            "sla.save": "Changed what is promised to customers",
            # Views of the inbox.
            "saved_view.change": "Changed a view of the inbox",
            "saved_view.delete": "Deleted a view of the inbox",
            "saved_view.save": "Saved a view of the inbox",
        }
    )
    _register_quick_work()


def _register_quick_work() -> None:
    """Canned replies, macros, snoozing and rules."""
    wording.say(
        {
            "canned.create": "Added a canned reply",
            "canned.delete": "Deleted a canned reply",
            "canned.edit": "Changed a canned reply",
            "issue.macro": "Applied a macro",
            "issue.rule": "Changed the issue by a rule",
            "issue.snooze": "Snoozed the issue",
            "issue.wake": "Woke the issue",
            "support.away": "Is away from support",
            "macro.create": "Added a macro",
            "macro.delete": "Deleted a macro",
            "macro.edit": "Changed a macro",
            "rule.create": "Added a rule",
            "rule.delete": "Deleted a rule",
            "rule.edit": "Changed a rule",
            "rule.move": "Moved a rule",
            "support.back": "Is back at support",
        }
    )
    wording.say(
        {
            "suggestion.dismiss": "Dismissed a suggestion",
            "suggestion.open": "Opened an issue of a suggestion",
            "suggestion.open_each": "Opened an issue for each customer a rise of errors hit",
        }
    )
    wording.tell("issue.macro", permission="issues.view", how=macros.sentence)
    wording.tell("issue.rule", permission="issues.view", how=ruling.sentence)
