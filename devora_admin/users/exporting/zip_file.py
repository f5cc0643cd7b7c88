"""A zip of what every holding gives about a customer, written piece by piece.

However much there is, only a piece of it and the list of names are in memory.
"""

import hashlib
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from devora_admin.users import holdings
from devora_admin.users.holdings import Entry, Holding
from devora_admin.users.marks import Marks

README, MANIFEST = "README.txt", "manifest.json"
_REGULAR_FILE = 0o100600 << 16
_SPOOL_BYTES = 1024 * 1024
_UNSAFE = re.compile(r"[\\\x00-\x1f\x7f-\x9f:]")
_TEXT = """\
What Devora holds about one customer, as of {as_of}.

{contents}
Files whose name ends in .jsonl hold one document a line. Documents are written as MongoDB Extended
JSON: a value whose type JSON does not have is an object such as {{"$date": "..."}}. A project's
files are in its folder as they are; project.json is the whole document. Where Extended JSON cannot
give every byte of it, project.bson has them.

Left out: the password's hash, and all but the last characters of API keys and tokens. Of members of
staff, their role is named and nothing else.

Work went on while this was made: a document changed meanwhile is here in one of its states.
manifest.json counts the documents and gives the SHA-256 of every other file.
"""


class _Outlet:
    """What zipfile writes to: not seekable, counted and digested on the way."""

    def __init__(self, target: Any) -> None:
        self._target = target
        self.digest = hashlib.sha256()
        self.size_bytes = 0

    def write(self, data: bytes) -> int:
        piece = bytes(data)
        self._target.write(piece)
        self.digest.update(piece)
        self.size_bytes += len(piece)
        return len(piece)

    def flush(self) -> None:
        pass


@dataclass(slots=True)
class Counts:
    """Of one holding: files in the zip, and documents where a file has one a line."""

    label: str
    files: int = 0
    lines: int = 0


@dataclass(slots=True)
class ZipOfCustomer:
    """`pieces` writes the zip and yields a holding's name whenever one is done, else None."""

    marks: Marks
    as_of: datetime
    target: Any
    """Has `write(bytes)`."""
    counts: dict[str, Counts] = field(default_factory=dict)
    sha256: str = ""
    size_bytes: int = 0
    files: int = 0
    _used: set[str] = field(default_factory=set)

    def pieces(self) -> Iterator[str | None]:
        outlet = _Outlet(self.target)
        self._used |= {README.casefold(), MANIFEST.casefold()}
        with (
            SpooledTemporaryFile(_SPOOL_BYTES) as listed,
            zipfile.ZipFile(outlet, "w", zipfile.ZIP_DEFLATED) as archive,  # type: ignore[call-overload]
        ):
            for holding in holdings.registered():
                if holding.export is None:
                    continue
                yield from self._holding(archive, holding, listed)
                yield holding.name
            readme = Entry(README, [self._readme().encode()])
            yield from self._entry(archive, readme, listed, Counts(""))
            yield from self._manifest(archive, listed)
        self.sha256, self.size_bytes = outlet.digest.hexdigest(), outlet.size_bytes

    def _holding(
        self, archive: zipfile.ZipFile, holding: Holding, listed: IO[bytes]
    ) -> Iterator[None]:
        counts = self.counts[holding.name] = Counts(holding.label)
        for entry in holding.export(self.marks) if holding.export else ():
            placed = Entry(self._unused(_safe(entry.path)), entry.chunks)
            yield from self._entry(archive, placed, listed, counts)

    def _entry(
        self, archive: zipfile.ZipFile, entry: Entry, listed: IO[bytes], counts: Counts
    ) -> Iterator[None]:
        digest, size, lines = hashlib.sha256(), 0, 0
        is_lines = entry.path.endswith(".jsonl")
        with archive.open(self._info(entry.path), "w", force_zip64=is_lines) as file:
            for chunk in entry.chunks:
                file.write(chunk)
                digest.update(chunk)
                size += len(chunk)
                lines += chunk.count(b"\n") if is_lines else 0
                yield None
        row: dict[str, Any] = {"path": entry.path, "size_bytes": size, "sha256": digest.hexdigest()}
        if is_lines:
            row["documents"] = lines
        listed.write(json.dumps(row).encode() + b"\n")
        counts.files += 1
        counts.lines += lines
        self.files += 1

    def _manifest(self, archive: zipfile.ZipFile, listed: IO[bytes]) -> Iterator[None]:
        head = {
            "customer_id": self.marks.customer_id,
            "as_of": self.as_of.isoformat(),
            "holdings": {
                name: {"label": each.label, "files": each.files, "documents_in_lines": each.lines}
                for name, each in self.counts.items()
            },
        }
        listed.seek(0)
        with archive.open(self._info(MANIFEST), "w") as file:
            file.write(json.dumps(head, indent=1)[:-2].encode() + b',\n "files": [')
            for number, line in enumerate(listed):
                file.write((b",\n  " if number else b"\n  ") + line.rstrip())
                yield None
            file.write(b"\n ]\n}\n")

    def _readme(self) -> str:
        rows = [f"  {each.label}: {_figures(each)}" for each in self.counts.values() if each.files]
        return _TEXT.format(
            as_of=self.as_of.strftime("%Y-%m-%d %H:%M:%S UTC"), contents="\n".join(rows) + "\n"
        )

    def _info(self, path: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(path, self.as_of.timetuple()[:6])
        info.compress_type = zipfile.ZIP_DEFLATED
        info.create_system = 3  # Unix, on every system: the mode below means nothing elsewhere
        info.external_attr = _REGULAR_FILE
        return info

    def _unused(self, path: str) -> str:
        wanted, number = path, 2
        while path.casefold() in self._used:
            path, number = f"{number}-of-the-same-name/{wanted}", number + 1
        self._used.add(path.casefold())
        return path


def _figures(counts: Counts) -> str:
    files = f"{counts.files:,} file{'' if counts.files == 1 else 's'}"
    return f"{files}, {counts.lines:,} documents in lines" if counts.lines else files


def _safe(path: str) -> str:
    """Whatever a holding asks for, nothing leaves the folder it is unpacked in."""
    parts = [_UNSAFE.sub("_", part) for part in path.split("/")]
    return "/".join(part for part in parts if part not in ("", ".", "..")) or "unnamed"
