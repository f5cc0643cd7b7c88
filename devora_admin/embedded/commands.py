"""The embedded stores for one management command: those of a running `serve`, or its own."""

import atexit
import sys
from collections.abc import Callable
from pathlib import Path

from devora_admin.embedded import mongo, postgres
from devora_admin.embedded.errors import FolderInUse
from devora_admin.embedded.folder import join_users, wait_for_users
from devora_admin.embedded.store import EmbeddedStore, running_url


def urls_for_commands(data_dir: Path, *, memory: bool) -> dict[str, str]:
    """Environment variables naming the stores on `data_dir`.

    What is not running is started, and stopped when this process exits.
    """
    urls = {"MONGO_URL": _url(mongo.folder(data_dir), lambda: mongo.start(data_dir))}
    if memory:
        urls["MEMORY_DATABASE_URL"] = _url(
            postgres.folder(data_dir), lambda: postgres.start(data_dir)
        )
    return urls


def _url(folder: Path, start: Callable[[], EmbeddedStore]) -> str:
    url = running_url(folder)
    if not url:
        try:
            store = start()
        except FolderInUse:
            url = running_url(folder)  # another command was faster
            if not url:
                raise
        else:
            atexit.register(_stop, store)
            return store.url
    join_users(folder)
    return url


def _stop(store: EmbeddedStore) -> None:
    wait_for_users(
        store.folder,
        lambda: print(f"Another command still uses this {store.name}: waiting.", file=sys.stderr),
    )
    store.stop()
