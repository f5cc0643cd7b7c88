"""Child processes that never outlive us, and left-over ones recognised for certain."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

import psutil

Output = IO[bytes]
LAUNCHER = Path(__file__).with_name("launch.py")


def spawn(
    command: Sequence[str],
    *,
    dies_with: signal.Signals = signal.SIGTERM,
    output: Output | None = None,
    env: Mapping[str, str] | None = None,
    user_id: int | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own, so Ctrl-C reaches us alone.

    dies_with: what the kernel sends it when the calling thread ends, so call from the main one.
    user_id: another user to run as; only root may.
    """
    numbers = (dies_with, os.getpid(), os.geteuid() if user_id is None else user_id)
    launcher = [sys.executable, "-I", "-S", str(LAUNCHER), *(str(int(n)) for n in numbers)]
    return subprocess.Popen(
        [*launcher, *command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output else None,
        env=env,
        start_new_session=True,
    )


def stop(process: subprocess.Popen[bytes], *, by: signal.Signals, timeout_s: float) -> None:
    """Ask with `by`; kill when it has not ended after `timeout_s`."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(by)
        try:
            process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()


def stop_leftover(pid_file: Path, *, program: str, folder: Path, by: signal.Signals) -> bool:
    """Stop the `program` a killed parent left running on `folder`; whether there was one.

    pid_file: first line is the process id, as mongod.lock and postmaster.pid have it.
    A process that is not `program` or does not name `folder` is a stranger and is left alone.
    """
    try:
        process = psutil.Process(int(pid_file.read_text().split()[0]))
        arguments = process.cmdline()
        if Path(arguments[0]).name != program or str(folder) not in arguments:
            return False
        process.send_signal(by)
        try:
            process.wait(15)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(5)
    except (OSError, ValueError, IndexError, psutil.NoSuchProcess, psutil.AccessDenied):
        return False
    return True


def remember(pid_file: Path, pid: int) -> None:
    """Note a child so that `stop_remembered` knows it again: its start time tells it from any
    later process of the same number."""
    pid_file.write_text(f"{pid} {psutil.Process(pid).create_time()}")


def stop_remembered(pid_file: Path, *, timeout_s: float = 15) -> bool:
    """Stop the child a killed parent left running; whether there was one."""
    try:
        pid, started_at = pid_file.read_text().split()
        process = psutil.Process(int(pid))
        if process.create_time() != float(started_at):
            return False
        process.terminate()
        try:
            process.wait(timeout_s)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(5)
    except (OSError, ValueError, psutil.NoSuchProcess, psutil.AccessDenied):
        return False
    return True


def last_line(log: Path) -> str:
    try:
        lines = log.read_text(errors="replace").strip().splitlines()
    except OSError:
        return "no log"
    return lines[-1][:500] if lines else "empty log"
