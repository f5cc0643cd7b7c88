"""Room for the frames of Python's calls.

Python from 3.11 on keeps frames in pieces of 16 KB, and gives a piece back as soon as the call that
needed it returns: a loop at just that depth maps and unmaps memory with every call, until releases
of spring 2026, which keep one piece (python/cpython#142183). A page whose rows are drawn there
takes twice as long.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

_WORDS = 70_000
"""Of a frame that leaves Python no choice but a piece of 1 MB, of which it touches nothing: what is
called from it has the other 450 KB, four times what the deepest page needs."""

_P = ParamSpec("_P")
_T = TypeVar("_T")


def with_room(work: Callable[_P, _T]) -> Callable[_P, _T]:
    """The same, for what goes on for a while: a request, a command, a thread."""

    def inside(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        return work(*args, **kwargs)

    inside.__code__ = inside.__code__.replace(co_stacksize=_WORDS)
    return wraps(work)(inside)
