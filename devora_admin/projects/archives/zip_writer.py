"""A project as a zip: the same bytes for the same files, made piece by piece."""

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

from devora_admin.core.raw_bson import is_text
from devora_admin.projects.archives.export_names import place_names

MALFORMED = "MALFORMED.txt"
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the first moment a zip can name: no clock in the result
_REGULAR_FILE = 0o100644 << 16
_CHUNK_BYTES = 256 * 1024
_NOT_FOR_NAMES = re.compile(r"[^\w.-]+", re.ASCII)


def file_stem(name: str) -> str:
    """A project's name as a file name every system takes."""
    return _NOT_FOR_NAMES.sub("-", name).strip("-.")[:80] or "project"


def zip_chunks(files: Any, *, folder: str) -> Iterator[bytes]:
    """The zip of a project's `files` field, whatever it holds, all in one folder.

    What is no file, or had to be renamed, is named in MALFORMED.txt.
    """
    members, faults = members_of(files)
    if faults:
        members.append((MALFORMED, "\n".join(faults) + "\n"))
    names = place_names([name for name, _ in members])
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, (_, content) in zip(names, members, strict=True):
            archive.writestr(_info(f"{folder}/{name}"), content, compresslevel=6)
            if outlet.size_bytes > _CHUNK_BYTES:
                yield outlet.take()
    yield outlet.take()


def members_of(files: Any) -> tuple[list[tuple[str, str]], list[str]]:
    """Names as wished with contents, and what is wrong with the rest."""
    if not isinstance(files, list):
        return [], [f"files: {_kind(files)}, not a list"]
    members, faults = [], []
    for index, file in enumerate(files):
        fault = _fault(file)
        if fault:
            faults.append(f"files[{index}]: {fault}")
        else:
            members.append((file["name"], file["content"]))
    names = [name for name, _ in members]
    renamed = [pair for pair in zip(names, place_names(names), strict=True) if pair[0] != pair[1]]
    faults += [f"{old[:200]!r} is here as {new!r}" for old, new in renamed]
    return members, faults


def _fault(file: Any) -> str:
    if not isinstance(file, dict):
        return f"{_kind(file)}, not a file"
    name = file.get("name")
    if not is_text(name) or not name:
        return f"its name is {_kind(name)}"
    if not is_text(file.get("content")):
        return f"the content of {name[:200]!r} is {_kind(file.get('content'))}"
    return ""


def _kind(value: Any) -> str:
    if value is None or value == "":
        return "missing or empty"
    return f"of the type {type(value).__name__}"


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _LONG_AGO)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = 3  # Unix, on every system: the mode below means nothing elsewhere
    info.external_attr = _REGULAR_FILE
    return info


class _Outlet(io.RawIOBase):
    """What zipfile writes to and `take` empties; not seekable, so nothing is kept for later."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self.size_bytes = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        piece = bytes(data)
        self._parts.append(piece)
        self.size_bytes += len(piece)
        return len(piece)

    def take(self) -> bytes:
        data = b"".join(self._parts)
        self._parts.clear()
        self.size_bytes = 0
        return data
