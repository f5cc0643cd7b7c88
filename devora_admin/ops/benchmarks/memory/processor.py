"""What a search takes of the processors, which is the same when others want them too."""

import time
from contextlib import suppress
from pathlib import Path

from devora_admin.memory.store import reach


class Processor:
    """Of this process and of the PostgreSQL process that serves its connection."""

    def __init__(self) -> None:
        with reach.reading() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            self._served_by = Path(f"/proc/{int(cursor.fetchone()[0])}/schedstat")

    def ms(self) -> float | None:
        """Since whenever; None where PostgreSQL is on another machine or not ours to look at."""
        with suppress(OSError, ValueError, IndexError):
            served_ns = int(self._served_by.read_text().split()[0])
            return time.process_time() * 1000 + served_ns / 1e6
        return None
