"""What makes a process of ours start quickly, and keeps what it loaded out of its way."""

import ctypes
import gc
import sys
from contextlib import suppress
from importlib.abc import MetaPathFinder

from django.core.exceptions import ImproperlyConfigured


def begin_loading() -> None:
    """Until `end_loading`, which the last of our apps calls when all are ready.

    What is loaded stays until the process ends: looking through all of it for garbage, again and
    again while it grows and later once more, finds none and takes up to 0.09 s each time.
    """
    gc.disable()


def end_loading() -> None:
    gc.freeze()
    gc.enable()


_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""M_… of glibc's malloc.h."""
_KEPT_BYTES, _LARGE_BYTES, _ARENAS = 64 << 20, 16 << 20, 2


def keep_memory() -> None:
    """What is freed stays with the process for what needs it next, up to 64 MB in each of two
    arenas.

    Else each megabyte that a page reads from the store is asked of the system anew, which takes
    longer than reading it. With glibc alone; others decide for themselves.
    """
    with suppress(AttributeError, OSError):
        set_option = ctypes.CDLL(None).mallopt
        set_option(_TRIM_THRESHOLD, _KEPT_BYTES)
        set_option(_MMAP_THRESHOLD, _LARGE_BYTES)
        # Or each thread keeps as much; they take turns anyway.
        set_option(_ARENA_MAX, _ARENAS)


class NoMaps(MetaPathFinder):
    """Answers at once that GDAL is not here, which no page of ours needs.

    The MongoDB backend asks for it three times at import, and each time Django runs ldconfig and
    gcc for a dozen names of that library: half a second of every start.
    """

    def find_spec(self, fullname: str, *_: object) -> None:
        if fullname == "django.contrib.gis.gdal":
            raise ImproperlyConfigured("Devora Admin has no maps.")


def without_maps() -> None:
    if not any(isinstance(finder, NoMaps) for finder in sys.meta_path):
        sys.meta_path.insert(0, NoMaps())
