"""A worker that counts events and does nothing else, as a process."""

from devora_admin.core import consumers, loops
from devora_admin.worker.following import lease


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from devora_admin.analytics.rollups import consumer

    lease.LASTS_MS = 2000  # to wait less
    consumers._CONSUMERS.clear()
    loops._LOOPS.clear()
    consumer.register()
    call_command("worker")


if __name__ == "__main__":
    main()
