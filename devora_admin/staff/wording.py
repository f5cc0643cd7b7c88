"""What the entries of the audit log say, and where their subjects are.

Each app adds its own sentences in its AppConfig.ready().
"""

from collections.abc import Mapping

from devora_admin.shell.templatetags.shell import address

_SENTENCES: dict[str, str] = {
    "approval.ask": "Asked for approval",
    "approval.approve": "Approved a request",
    "approval.reject": "Rejected a request",
    "approval.withdraw": "Withdrew a request",
    "audit.export": "Downloaded the audit log",
    "audit.forget": "Removed an erased customer from the audit log",
    "audit.verify": "Verified the audit log",
    "staff.create": "Made a staff account",
    "staff.disable": "Disabled a staff account",
    "staff.enable": "Enabled a staff account",
    "staff.invite": "Issued an invitation",
    "staff.invite.withdraw": "Withdrew an invitation",
    "staff.passkey.add": "Added a passkey",
    "staff.passkey.remove": "Removed a passkey",
    "staff.passkey.rename": "Renamed a passkey",
    "staff.password.change": "Changed their password",
    "staff.recover": "Came back in by a recovery link",
    "staff.recovery.withdraw": "Withdrew a recovery link",
    "staff.recovery_codes.replace": "Made new recovery codes",
    "staff.recovery_link": "Issued a recovery link",
    "staff.rename": "Changed their name",
    "staff.role": "Changed a role",
    "staff.session.end": "Ended a session",
    "staff.session.end_all": "Ended all sessions of an account",
    "staff.session.end_others": "Ended their other sessions",
    "staff.sign_in": "Signed in",
    "staff.totp.off": "Turned off their authenticator app",
    "staff.totp.on": "Turned on an authenticator app",
}
_PAGES = {
    "approval": "staff:approval",
    "customer": "users:detail",
    "job": "jobs:detail",
    "project": "projects:detail",
    "staff": "staff:detail",
}
KINDS = tuple(sorted(_PAGES))


def say(sentences: Mapping[str, str]) -> None:
    """Adds sentences by action: past tense, as after a person's name."""
    _SENTENCES.update(sentences)


def sentence(action: str) -> str:
    """The action in words; one that nobody put into words by its name."""
    if found := _SENTENCES.get(action):
        return found
    base, _, end = action.rpartition(".")
    if end == "undo" and base in _SENTENCES:
        return f"Undid: {_SENTENCES[base][0].lower()}{_SENTENCES[base][1:]}"
    return action


def page_of(kind: str, key: str) -> str:
    """Where such a subject is shown; "" when nowhere."""
    return address(_PAGES[kind], key) if kind in _PAGES else ""
