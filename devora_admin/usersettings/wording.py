"""What the audit log says of acts on customers' settings and secrets."""

from functools import partial

from devora_admin.staff import wording


def register() -> None:
    """Called once, when the app is ready."""
    wording.say(
        {
            "secrets.encrypt": "Encrypted stored secrets",
            "secrets.replace": "Replaced a secret",
            "secrets.reveal": "Looked at a secret",
            "secrets.revoke": "Revoked a secret",
            "secrets.test": "Tested a secret",
            "settings.preferences.add": "Added a preference",
            "settings.preferences.json": "Edited the preferences as JSON",
            "settings.preferences.remove": "Removed a preference",
            "settings.preferences.rename": "Renamed a preference",
            "settings.preferences.save": "Changed preferences",
            "settings.preferences.set": "Changed a preference",
            "settings.preferences.undo": "Undid: changed preferences",
        }
    )
    for action, verb in (("secrets.replace", "Replaced"), ("secrets.revoke", "Revoked")):
        wording.tell(action, permission="settings.view", how=partial(_named, verb))


def _named(verb: str, before: wording.Values, after: wording.Values) -> str:
    """The one field that the row is about is where the secret was."""
    field = next(iter(before), "")
    return f"{verb} the secret {field[:200]}" if field else f"{verb} a secret"
