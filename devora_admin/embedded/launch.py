"""Run a program that ends with its parent: `launch.py SIGNAL PARENT_PID USER_ID PROGRAM ARGS…`.

A script of its own (standard library only, started with `-I -S` in 15 ms) because code run
between fork and exec in a process with threads can deadlock.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG, PR_SET_KEEPCAPS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 1, 8, 47, 2
CAPABILITY_VERSION_3 = 0x20080522
CAP_DAC_OVERRIDE = 1

libc = ctypes.CDLL(None, use_errno=True)


def call(function: str, *arguments: object) -> None:
    words = [ctypes.c_ulong(each) if isinstance(each, int) else each for each in arguments]
    if getattr(libc, function)(*words) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def become(user_id: int) -> None:
    """Leave root for `user_id`, still able to reach the files root can reach.

    PostgreSQL refuses root, and its programs and data may lie below a folder only root can enter.
    Keeping that one capability beats opening those folders to everybody.
    """
    call("prctl", PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setresgid(user_id, user_id, user_id)
    os.setresuid(user_id, user_id, user_id)
    mask = 1 << CAP_DAC_OVERRIDE
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    capabilities = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)
    call("capset", header, capabilities)
    call("prctl", PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0)


def die_with_parent(signal_number: int, parent_pid: int) -> None:
    call("prctl", PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
    if os.getppid() != parent_pid:  # it died before the line above
        sys.exit(1)


if __name__ == "__main__":
    if int(sys.argv[3]) != os.geteuid():
        try:
            become(int(sys.argv[3]))
        except OSError as error:
            sys.exit(f"root may not become another user here ({error.strerror})")
    die_with_parent(int(sys.argv[1]), int(sys.argv[2]))  # after become, which would clear it
    os.execv(sys.argv[4], sys.argv[4:])  # noqa: S606
