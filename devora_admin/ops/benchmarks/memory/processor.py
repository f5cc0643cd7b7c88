"""What a search takes of the processors, which is the same when others want them too."""

import time
from contextlib import suppress
from pathlib import Path

from devora_admin.memory.store import reach

_BACKENDS = (
    "SELECT pid FROM pg_stat_activity"
    " WHERE datname = current_database() AND backend_type = 'client backend'"
)


class Processor:
    """Of this process and of the PostgreSQL processes that serve its connections."""

    def ms(self) -> float | None:
        """Since whenever; None where PostgreSQL is on another machine or not ours to look at."""
        with reach.reading() as cursor:
            cursor.execute(_BACKENDS)
            backends = [int(pid) for (pid,) in cursor.fetchall()]
        with suppress(OSError, ValueError, IndexError):
            return time.process_time() * 1000 + sum(map(_served_ms, backends))
        return None


def _served_ms(backend: int) -> float:
    return int(Path(f"/proc/{backend}/schedstat").read_text().split()[0]) / 1e6
