"""The start-up as lines on the terminal: what was done, and how long it took."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Report = Callable[[str], None]
WIDTH = 40


def say(line: str = "", *, end: str = "\n") -> None:
    print(line, end=end, flush=True)


@contextmanager
def step(label: str) -> Iterator[Report]:
    """Print `label`, what the block reports below it, and the seconds it took."""
    started_at = time.monotonic()
    say(f"{label:<{WIDTH}}", end="")
    reported = False

    def report(line: str) -> None:
        nonlocal reported
        say(f"{'' if reported else chr(10)}  {line}")
        reported = True

    try:
        yield report
    except BaseException:
        say("" if reported else " failed")
        raise
    seconds = f"{time.monotonic() - started_at:6.1f} s"
    say(f"{'  done':<{WIDTH}}{seconds}" if reported else seconds)
