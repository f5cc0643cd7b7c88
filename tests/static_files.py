"""Each `Client` of a test has middleware of its own, and WhiteNoise's looks at every static file
when it is made: 11 ms, which most tests would pay, and those of several roles several times."""

from typing import Any

from whitenoise.base import WhiteNoise

_look = WhiteNoise.update_files_dictionary
_found: dict[tuple[str, str], dict[str, Any]] = {}


def read_once() -> None:
    """From now on in this process. Call once the files are built."""
    WhiteNoise.update_files_dictionary = _take


def _take(self: WhiteNoise, root: str, prefix: str) -> None:
    if (root, prefix) not in _found:
        _look(self, root, prefix)
        _found[root, prefix] = dict(self.files)
    self.files.update(_found[root, prefix])
