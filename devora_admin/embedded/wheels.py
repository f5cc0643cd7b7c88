"""Where the store programs are, and whether this machine can run them."""

import importlib.util
import os
import platform
import sys
from pathlib import Path

from devora_admin.embedded.errors import EmbeddedStoreError

OLDEST_GLIBC = (2, 35)


def program(package: str, inside: str, *, instead: str) -> Path:
    """Path of `inside` the installed `package`, with its run bit set.

    instead: what to set when this cannot be, ends the message.
    """
    _check_platform(instead)
    spec = importlib.util.find_spec(package)
    roots = list(spec.submodule_search_locations or []) if spec else []
    for root in roots:
        path = Path(root) / inside
        if path.is_file():
            return _runnable(path, instead)
    raise EmbeddedStoreError(
        f"The embedded {Path(inside).name} is not installed here:"
        f" run pip install -e . again, or set {instead}."
    )


def _check_platform(instead: str) -> None:
    machine = f"{sys.platform} {platform.machine()}"
    glibc = _glibc()
    if machine != "linux x86_64" or glibc < OLDEST_GLIBC:
        found = f"{machine}, glibc {'.'.join(map(str, glibc)) if glibc else 'absent'}"
        raise EmbeddedStoreError(
            "The embedded stores need Linux on x86_64 with glibc 2.35 or newer"
            f" and this is {found}: set {instead}."
        )


def _glibc() -> tuple[int, ...]:
    try:
        name = os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (AttributeError, OSError, ValueError):
        return ()
    return tuple(int(part) for part in name.split()[-1].split(".")) if name else ()


def _runnable(path: Path, instead: str) -> Path:
    if not os.access(path, os.X_OK):
        try:
            path.chmod(path.stat().st_mode | 0o111)
        except OSError as error:
            raise EmbeddedStoreError(
                f"{path} has no run bit and this user cannot set it:"
                f" run chmod +x on it once, or set {instead}."
            ) from error
    return path
