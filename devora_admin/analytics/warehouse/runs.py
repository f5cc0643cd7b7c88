"""Which export works on a folder, and whether it is one that was stopped and goes on."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from devora_admin.analytics.warehouse import files
from devora_admin.core.errors import Conflict
from devora_admin.core.ids import new_id

_RUN, _LOCK = "_run.json", "_lock"
GOES_ON_WITHIN = timedelta(days=1)
"""Later, what it had read is read again."""


@contextmanager
def only_one(root: Path) -> Iterator[None]:
    """Raises Conflict while another process has the folder; one that was killed has not."""
    root.mkdir(parents=True, exist_ok=True)
    with (root / _LOCK).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Conflict(f"Another export works on {root}. Wait for its end.") from error
        files.tidy(root)
        yield


def begin(root: Path, now: datetime) -> str:
    """The name of the run: of one that was stopped, or a new one."""
    try:
        stopped = json.loads((root / _RUN).read_text())
        if now - datetime.fromisoformat(stopped["began_at"]) < GOES_ON_WITHIN:
            return str(stopped["run"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        pass
    run = new_id()
    files.write_json(root / _RUN, {"run": run, "began_at": now.isoformat()})
    return run


def end(root: Path) -> None:
    (root / _RUN).unlink()
    files.sync_folder(root)
