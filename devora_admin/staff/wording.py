"""What the entries of the audit log say, and where their subjects are.

Each app adds its own sentences in its AppConfig.ready().
"""

from collections.abc import Callable, Mapping
from typing import Any

from devora_admin.shell.templatetags.shell import address

Values = Mapping[str, Any]
"""Before or after, as an audit row has them."""
_TELLERS: dict[str, tuple[str, Callable[[Values, Values], str]]] = {}
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
    "issue": "support:detail",
    "job": "jobs:detail",
    "project": "projects:detail",
    "staff": "staff:detail",
}
KINDS = tuple(sorted(_PAGES))


def say(sentences: Mapping[str, str]) -> None:
    """Adds sentences by action: past tense, as after a person's name."""
    _SENTENCES.update(sentences)


def tell(action: str, *, permission: str, how: Callable[[Values, Values], str]) -> None:
    """Adds a sentence that names what the row is about, for those with the permission.

    how: of before and after, each with what it was too large to read left out.
    """
    _TELLERS[action] = (permission, how)


def sentence(action: str) -> str:
    """The action in words; one that nobody put into words by its name."""
    if found := _SENTENCES.get(action):
        return found
    base, _, end = action.rpartition(".")
    return _undid(_SENTENCES[base]) if end == "undo" and base in _SENTENCES else action


def told(action: str, before: Values, after: Values, *, can: Callable[[str], bool]) -> str:
    """As `sentence`, with what it was done to where that may be seen."""
    base = action.removesuffix(".undo")
    permission, how = _TELLERS.get(base, ("", None))
    if how is None or not can(permission):
        return sentence(action)
    return how(before, after) if base == action else _undid(how(after, before))


def _undid(what: str) -> str:
    return f"Undid: {what[:1].lower()}{what[1:]}"


def page_of(kind: str, key: str) -> str:
    """Where such a subject is shown; "" when nowhere."""
    return address(_PAGES[kind], key) if kind in _PAGES else ""
