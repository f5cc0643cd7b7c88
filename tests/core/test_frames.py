"""Calls at any depth take no memory from the system, and give none back."""

import resource
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from devora_admin.core.frames import with_room

CALLS = 2000


def call() -> None:
    return


def loop_at(depth: int) -> None:
    if depth:
        loop_at(depth - 1)
        return
    for _ in range(CALLS):
        call()


def most_faults() -> int:
    """Pages that a loop of calls had to be given, at the depth at which they are most."""
    found = []
    for depth in range(200):
        before = resource.getrusage(resource.RUSAGE_THREAD).ru_minflt
        loop_at(depth)
        found.append(resource.getrusage(resource.RUSAGE_THREAD).ru_minflt - before)
    return max(found)


def in_a_thread(work) -> int:
    """Whose frames begin with a piece of memory of its own."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def test_no_depth_costs_a_page_with_each_call():
    assert in_a_thread(with_room(most_faults)) < CALLS / 10


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="later releases of these need no room")
def test_without_room_one_does():
    assert in_a_thread(most_faults) >= CALLS


def test_what_is_given_room_is_called_as_before():
    def divided(number: int, *, by: int) -> float:
        """Of two."""
        return number / by

    roomy = with_room(divided)
    assert (roomy(6, by=3), roomy.__name__, roomy.__doc__) == (2, "divided", "Of two.")
    with pytest.raises(ZeroDivisionError) as told:
        roomy(1, by=0)
    assert told.traceback[-1].name == "divided"
