from devora_admin.analytics.alerts import sending, setup, watching
from devora_admin.core import chores, loops
from devora_admin.staff import keeping, wording


def register() -> None:
    """Called once, when the app is ready."""
    keeping.handle_undo(setup.KIND, permission=setup.MANAGE)
    wording.say(setup.SENTENCES)
    chores.register("look at alerts", every_s=watching.EVERY_S, run=watching.watch)
    loops.register(loops.Loop("send e-mails to staff", sending.step))
