"""Run a program that ends with its parent: `launch.py SIGNAL PARENT_PID PROGRAM ARGS…`.

A script of its own (standard library only, started with `-I -S` in 15 ms) because code run
between fork and exec in a process with threads can deadlock.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def die_with_parent(signal_number: int, parent_pid: int) -> None:
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
    if os.getppid() != parent_pid:  # it died before the line above
        sys.exit(1)


if __name__ == "__main__":
    die_with_parent(int(sys.argv[1]), int(sys.argv[2]))
    os.execv(sys.argv[3], sys.argv[3:])  # noqa: S606
