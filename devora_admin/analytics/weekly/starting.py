from devora_admin.analytics.weekly import mailing, subscribing
from devora_admin.core import chores
from devora_admin.staff import wording


def register() -> None:
    """Called once, when the app is ready."""
    wording.say(subscribing.SENTENCES)
    chores.register("weekly summaries", every_s=mailing.EVERY_S, run=mailing.send_due)
