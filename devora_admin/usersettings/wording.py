"""What the audit log says of acts on customers' settings and secrets."""

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
